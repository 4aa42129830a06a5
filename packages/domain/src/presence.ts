import type { Instant } from './user.ts';

/** How long a connection is believed without being renewed, in milliseconds. */
export const LEASE_MS = 60_000;
/** How long a user stays online after its last connection closed: a quick return makes no flip. In milliseconds. */
export const GRACE_MS = 3000;

/** What the node that holds a connection knows of it. */
export interface Held {
  readonly node: string;
  /** What the client said it is; empty when it said nothing. */
  readonly device: string;
  readonly connectedAt: Instant;
  /** When it last gave a sign of life; of a closed one, when it closed. */
  readonly heardAt: Instant;
}

/** One connection, believed until an instant. */
export interface Lease extends Held {
  readonly until: Instant;
  /** `knocking`: not let in yet, which shows nobody. `closed`: it said goodbye, and only its grace is left. */
  readonly phase: 'knocking' | 'open' | 'closed';
}

/** Whether a user hides, as of a state of that user: what an older state says is passed over. */
export interface Hiding {
  readonly invisible: boolean;
  readonly asOf: Instant;
}

/** Who of a user's connections is believed, and what others were told of it. */
export interface Presence {
  readonly leases: ReadonlyMap<string, Lease>;
  readonly hiding: Hiding;
  /** What the last flip said. */
  readonly online: boolean;
  readonly flippedAt: Instant;
}

/** A visible change of a user's presence, told once. */
export interface Flip {
  readonly online: boolean;
  /** Strictly increases for a user. */
  readonly at: Instant;
  /** When others last saw the user there. */
  readonly lastActive: Instant;
}

/** A state, and the visible change that led to it. */
export interface Step {
  readonly presence: Presence;
  readonly flip: Flip | undefined;
}

/** A user whom nobody has seen. */
export const ABSENT: Presence = {
  leases: new Map(),
  hiding: { invisible: false, asOf: -1 },
  online: false,
  flippedAt: -1,
};

/** Says whether a user has at least one connection that is believed, hidden or not. */
export function isPresent(presence: Presence, now: Instant): boolean {
  for (const { phase, until } of presence.leases.values()) if (phase !== 'knocking' && until > now) return true;
  return false;
}

/** How many connections of a user are open, those that knock included. */
export function openConnections(presence: Presence, now: Instant): number {
  let open = 0;
  for (const { phase, until } of presence.leases.values()) if (phase !== 'closed' && until > now) open += 1;
  return open;
}

/** Until when a user without an open connection still counts as there; undefined when that is not so. */
export function graceUntil(presence: Presence, now: Instant): Instant | undefined {
  let last: Instant | undefined;
  for (const { phase, until } of presence.leases.values()) {
    if (phase === 'knocking' || until <= now) continue;
    if (phase === 'open') return undefined;
    if (last === undefined || until > last) last = until;
  }
  return last;
}

/** The instant at which the next lease runs out; undefined when there is none. */
export function nextExpiry(presence: Presence): Instant | undefined {
  let next: Instant | undefined;
  for (const { until } of presence.leases.values()) if (next === undefined || until < next) next = until;
  return next;
}

/** Says whether nothing of a presence is worth keeping: whoever comes later is told of later, too. */
export function isForgettable(presence: Presence, now: Instant): boolean {
  return presence.leases.size === 0 && presence.flippedAt < now;
}

/** A connection asks to come in. It takes a place, and shows nobody. */
export function knock(
  presence: Presence,
  connectionId: string,
  held: Held,
  now: Instant,
  leaseMs = LEASE_MS,
): Presence {
  if (presence.leases.has(connectionId)) return presence;
  const leases = new Map(presence.leases);
  leases.set(connectionId, { ...held, until: now + leaseMs, phase: 'knocking' });
  return { ...presence, leases };
}

/**
 * A connection is in, or still there: its lease begins or goes on. Saying it twice is saying it once; one that said goodbye
 * does not come back under its id.
 */
export function renew(
  presence: Presence,
  connectionId: string,
  held: Held,
  hiding: Hiding,
  now: Instant,
  leaseMs = LEASE_MS,
): Step {
  const known = newer(presence.hiding, hiding);
  if (presence.leases.get(connectionId)?.phase === 'closed') return step(presence, presence.leases, known, now, now);
  const leases = new Map(presence.leases);
  for (const [id, lease] of leases) if (lease.phase === 'closed') leases.delete(id);
  leases.set(connectionId, { ...held, until: now + leaseMs, phase: 'open' });
  return step(presence, leases, known, now, now);
}

/**
 * A connection closed: its grace begins. One that was never let in is gone at once; unknown ones and second goodbyes change
 * nothing.
 */
export function end(presence: Presence, connectionId: string, now: Instant, graceMs = GRACE_MS): Step {
  const lease = presence.leases.get(connectionId);
  if (lease === undefined || lease.phase === 'closed') return { presence, flip: undefined };
  const leases = new Map(presence.leases);
  if (lease.phase === 'knocking') leases.delete(connectionId);
  else {
    const until = lease.until < now + graceMs ? lease.until : now + graceMs;
    leases.set(connectionId, { ...lease, heardAt: now, until, phase: 'closed' });
  }
  return step(presence, leases, presence.hiding, now, now);
}

/** A user hides, or shows itself again: others see it go, or come. */
export function hide(presence: Presence, hiding: Hiding, now: Instant): Step {
  return step(presence, presence.leases, newer(presence.hiding, hiding), now, now);
}

/** Time went by: leases that ran out are dropped. */
export function expire(presence: Presence, now: Instant): Step {
  const leases = new Map<string, Lease>();
  let lastThere = -1;
  for (const [id, lease] of presence.leases) {
    if (lease.until > now) leases.set(id, lease);
    else if (lease.phase !== 'knocking' && lease.heardAt > lastThere) lastThere = lease.heardAt;
  }
  if (leases.size === presence.leases.size) return { presence, flip: undefined };
  return step(presence, leases, presence.hiding, now, lastThere);
}

const newer = (known: Hiding, said: Hiding): Hiding => (said.asOf >= known.asOf ? said : known);

function step(before: Presence, leases: Presence['leases'], hiding: Hiding, now: Instant, lastThere: Instant): Step {
  const online = !hiding.invisible && hasEntered(leases);
  if (online === before.online) {
    return { presence: { leases, hiding, online, flippedAt: before.flippedAt }, flip: undefined };
  }
  const at = now > before.flippedAt ? now : before.flippedAt + 1;
  return {
    presence: { leases, hiding, online, flippedAt: at },
    flip: { online, at, lastActive: online ? at : lastThere },
  };
}

function hasEntered(leases: Presence['leases']): boolean {
  for (const { phase } of leases.values()) if (phase !== 'knocking') return true;
  return false;
}
