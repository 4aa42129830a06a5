import { ABSENT, type Lease, type Presence } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';

/** What the script writes of a user beside its leases. */
export interface Told {
  readonly online: boolean;
  readonly flippedAt: Instant;
  readonly invisible: boolean;
  readonly asOf: Instant;
  /** Until when its last open lease is believed, and its last closed one; -1 without any. */
  readonly openTill: Instant;
  readonly closedTill: Instant;
  readonly lastActive: Instant;
}

/** The field in which it stands. */
export const TOLD = 's';

const PHASES: Readonly<Record<string, Lease['phase']>> = { k: 'knocking', o: 'open', c: 'closed' };

/** Reads what the script wrote; undefined when that is nothing. */
export function parseTold(text: unknown): Told | undefined {
  if (typeof text !== 'string') return undefined;
  const [online, flippedAt, invisible, asOf, openTill, closedTill, lastActive] = text.split(' ', 7);
  return {
    online: online === '1',
    flippedAt: Number(flippedAt),
    invisible: invisible === '1',
    asOf: Number(asOf),
    openTill: Number(openTill),
    closedTill: Number(closedTill),
    lastActive: Number(lastActive),
  };
}

function parseLease(text: string): Lease | undefined {
  const [, phase = '', until, connectedAt, heardAt, node = '', device = ''] =
    /^(\w) (\S+) (\S+) (\S+) (\S*) (.*)$/s.exec(text) ?? [];
  const known = PHASES[phase];
  if (known === undefined) return undefined;
  const times = { connectedAt: Number(connectedAt), heardAt: Number(heardAt), until: Number(until) };
  return { node, device, ...times, phase: known };
}

/** Reads all that is known of a user. */
export function parsePresence(fields: ReadonlyMap<string, string>): Presence {
  const leases = new Map<string, Lease>();
  for (const [field, text] of fields) {
    const lease = field === TOLD ? undefined : parseLease(text);
    if (lease) leases.set(field.slice(1), lease);
  }
  const told = parseTold(fields.get(TOLD));
  if (told === undefined) return ABSENT;
  const { online, flippedAt, invisible, asOf } = told;
  return { leases, hiding: { invisible, asOf }, online, flippedAt };
}

/** The fields of a hash, in whichever of its ways the protocol tells them. */
export function fieldsOf(reply: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  if (reply instanceof Map) for (const [field, value] of reply) fields.set(String(field), String(value));
  else if (Array.isArray(reply)) {
    for (let at = 0; at + 1 < reply.length; at += 2) fields.set(String(reply[at]), String(reply[at + 1]));
  } else if (typeof reply === 'object' && reply !== null) {
    for (const [field, value] of Object.entries(reply)) fields.set(field, String(value));
  }
  return fields;
}
