import type { AppId } from './app.ts';
import { type Held, type Hiding, LEASE_MS, type Lease, type Presence } from './presence.ts';
import type { Instant } from './user.ts';

/** What is left of a connection whose node stopped: closed when it was last heard, and believed until its lease runs out. */
export interface LeftLease extends Held {
  readonly until: Instant;
}

/** The same, and whose it is. */
export interface LeftConnection {
  readonly app: AppId;
  readonly userId: string;
  readonly connectionId: string;
  readonly left: LeftLease;
}

/** The same when it is taken up, and whether its user hides by now. */
export interface TakenConnection extends LeftConnection {
  readonly hiding: Hiding;
}

/** What is to be believed of a user's connections, by their ids, when the node that holds them stops now. */
export function leave({ leases }: Presence, now: Instant): ReadonlyMap<string, LeftLease> {
  const left = new Map<string, LeftLease>();
  for (const [id, { node, device, connectedAt, heardAt, until, phase }] of leases) {
    if (phase === 'knocking' || until <= now) continue;
    left.set(id, { node, device, connectedAt, heardAt: phase === 'open' ? now : heardAt, until });
  }
  return left;
}

/**
 * Believes again what a node left of a connection, for as long as is left of its lease: others never saw the user go, and no
 * flip is made. A clock that was set back makes it no longer than it was then, and never longer than a lease.
 */
export function resume(
  presence: Presence,
  connectionId: string,
  left: LeftLease,
  hiding: Hiding,
  now: Instant,
  leaseMs = LEASE_MS,
): Presence {
  const until = earlier(left.until, now + earlier(leaseMs, left.until - left.heardAt));
  if (until <= now || presence.leases.has(connectionId)) return presence;
  const heardAt = earlier(left.heardAt, now);
  const { node, device } = left;
  const connectedAt = earlier(left.connectedAt, heardAt);
  const lease: Lease = { node, device, connectedAt, heardAt, until, phase: 'closed' };
  const known = hiding.asOf >= presence.hiding.asOf ? hiding : presence.hiding;
  return {
    leases: new Map(presence.leases).set(connectionId, lease),
    hiding: known,
    online: !known.invisible,
    flippedAt: presence.flippedAt,
  };
}

const earlier = (a: number, b: number): number => (a < b ? a : b);
