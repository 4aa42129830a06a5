import type { AppId } from '@rollcall/domain/app';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';
import type { Flip, Held, Hiding, Presence } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';

/** A user of an app. */
export interface UserRef {
  readonly app: AppId;
  readonly userId: string;
}

/** A connection that is in, or still there. */
export interface Renewal {
  readonly user: UserRef;
  readonly connectionId: string;
  readonly held: Held;
  readonly hiding: Hiding;
}

/** A visible change of a user. */
export interface UserFlip extends Flip {
  readonly user: UserRef;
}

/** What became of the leases that ran out. */
export interface Expiry {
  readonly flips: readonly UserFlip[];
  /** There are more: the call did as much as may be done in one go. */
  readonly more: boolean;
}

/** Remembers who is connected where, on all nodes. Every visible change is answered to one caller only. */
export interface Tracker {
  /** A connection asks to come in: it takes a place, and shows nobody. Answers false when its user has `limit` already. */
  begin(user: UserRef, connectionId: string, held: Held, now: Instant, limit: number): Promise<boolean>;
  /** Connections are let in, or still there: their leases begin or go on. */
  renew(renewals: readonly Renewal[], now: Instant): Promise<readonly UserFlip[]>;
  /** A connection closed: its grace begins, or nothing is left when it was never let in. */
  end(user: UserRef, connectionId: string, now: Instant): Promise<readonly UserFlip[]>;
  /** A user hides, or shows itself again. */
  hide(user: UserRef, hiding: Hiding, now: Instant): Promise<readonly UserFlip[]>;
  /** Which of these users have a connection that is believed, hidden or not. */
  present(app: AppId, userIds: readonly string[], now: Instant): Promise<ReadonlySet<string>>;
  /** All that is known of one user. */
  find(user: UserRef): Promise<Presence>;
  /** Drops leases that ran out. It looks at no others, and does not hold up the loop. */
  expire(now: Instant): Promise<Expiry>;
  /** What would be forgotten with this process, for the next one to resume: nothing when leases outlive it. */
  leave(now: Instant): Promise<readonly LeftConnection[]>;
  /** Before anybody is served: believes what an earlier process left, until it runs out. It makes no flips. */
  resume(connections: readonly TakenConnection[], now: Instant): Promise<void>;
}

/** How long leases last, in milliseconds. */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly graceMs: number;
}
