import type { AppId } from '@rollcall/domain/app';
import type { Transition } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';

/** A user of an app. */
export interface UserRef {
  readonly app: AppId;
  readonly userId: string;
}

/** Remembers who is connected where, on all nodes. Every visible change is answered to one caller only. */
export interface Tracker {
  /** Begins the lease of a new connection, unless its user already has `limit` open ones: then `too_many`. */
  begin(user: UserRef, connectionId: string, now: Instant, limit: number): Promise<Transition | 'too_many'>;
  /** Renews the lease of a connection that is still open. */
  renew(user: UserRef, connectionId: string, now: Instant): Promise<Transition>;
  /** A connection closed: only its grace is left, the usual one unless another is given. */
  end(user: UserRef, connectionId: string, now: Instant, graceMs?: number): Promise<Transition>;
  /** Which of these users have a lease that runs. */
  present(app: AppId, userIds: readonly string[], now: Instant): Promise<ReadonlySet<string>>;
  /** Drops the leases that ran out; says who went offline by that. */
  expire(now: Instant): Promise<readonly UserRef[]>;
}

/** How long leases last, in milliseconds. */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly graceMs: number;
}
