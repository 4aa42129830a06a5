import type { Instant } from './user.ts';

/** How long a connection is believed without being renewed, in milliseconds. */
export const LEASE_MS = 60_000;
/** How long a user stays online after its last connection closed: a quick return makes no flip. In milliseconds. */
export const GRACE_MS = 3000;

/** The leases of one user: until when each connection is believed. A closed one stays for its grace, marked as such. */
export interface Presence {
  readonly leases: ReadonlyMap<string, Lease>;
}

/** One connection, believed until an instant. */
export interface Lease {
  readonly until: Instant;
  /** The connection said goodbye; only its grace is left. */
  readonly closed: boolean;
}

/** A visible change, or none. */
export type Transition = 'came_online' | 'went_offline' | undefined;

/** A user whom nobody has seen. */
export const ABSENT: Presence = { leases: new Map() };

/** A state, and the visible change that led to it. */
export interface Step {
  readonly presence: Presence;
  readonly transition: Transition;
}

/** Says whether a user has at least one lease that still runs. */
export function isPresent(presence: Presence, now: Instant): boolean {
  for (const lease of presence.leases.values()) if (lease.until > now) return true;
  return false;
}

/** How many connections of a user are open. */
export function openConnections(presence: Presence, now: Instant): number {
  let open = 0;
  for (const lease of presence.leases.values()) if (!lease.closed && lease.until > now) open += 1;
  return open;
}

function step(before: Presence, leases: ReadonlyMap<string, Lease>): Step {
  const was = before.leases.size > 0;
  const is = leases.size > 0;
  return { presence: { leases }, transition: was === is ? undefined : is ? 'came_online' : 'went_offline' };
}

/** A connection is there: its lease begins or goes on. Saying it twice is saying it once. */
export function renew(presence: Presence, connectionId: string, now: Instant, leaseMs = LEASE_MS): Step {
  const leases = new Map(presence.leases);
  for (const [id, lease] of leases) if (lease.closed) leases.delete(id);
  leases.set(connectionId, { until: now + leaseMs, closed: false });
  return step(presence, leases);
}

/** A connection closed: its grace begins. Unknown connections and second goodbyes change nothing. */
export function end(presence: Presence, connectionId: string, now: Instant, graceMs = GRACE_MS): Step {
  const lease = presence.leases.get(connectionId);
  if (lease === undefined || lease.closed) return { presence, transition: undefined };
  const leases = new Map(presence.leases);
  leases.set(connectionId, { until: lease.until < now + graceMs ? lease.until : now + graceMs, closed: true });
  return step(presence, leases);
}

/** Time went by: leases that ran out are dropped. */
export function expire(presence: Presence, now: Instant): Step {
  const leases = new Map([...presence.leases].filter(([, lease]) => lease.until > now));
  return step(presence, leases);
}

/** The instant at which the next lease runs out; undefined when there is none. */
export function nextExpiry(presence: Presence): Instant | undefined {
  let next: Instant | undefined;
  for (const { until } of presence.leases.values()) if (next === undefined || until < next) next = until;
  return next;
}
