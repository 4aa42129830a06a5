import { type Fields, isFields } from '../support/json.ts';

/** What a crash must never do to a write. */
export type Fault = string;

/**
 * Users that are always written together, each time with the next number. What is there after a crash is right when all
 * carry one number, and it is the last one acknowledged or one that was still under way.
 */
export interface Account {
  readonly ids: readonly string[];
  /** The last number whose write was acknowledged; 0 when the users were never written. */
  acknowledged: number;
  /** The last number that was sent. */
  sent: number;
}

/** How many fields a partial update goes round: each number is also written to one of them. */
export const SLOTS = 20;

/** Opens an account for users that do not exist yet. */
export function openAccount(ids: readonly string[]): Account {
  return { ids, acknowledged: 0, sent: 0 };
}

/** Makes the next write of an account; what it acknowledges is noted, what fails is left open. */
export async function enter(account: Account, write: (number: number) => Promise<boolean>): Promise<boolean> {
  account.sent = account.acknowledged + 1;
  const good = await write(account.sent);
  if (good) account.acknowledged = account.sent;
  return good;
}

/** Compares an account with the users that are really there, and goes on from what it finds. */
export function audit(account: Account, users: ReadonlyMap<string, Fields>, slots: boolean): readonly Fault[] {
  const { ids, acknowledged, sent } = account;
  const numbers = new Set(ids.map((id) => users.get(id)?.number ?? 0));
  const [number] = numbers;
  const who = `${ids[0]} and ${ids.length - 1} more`;
  if (numbers.size > 1) return [`half a write: ${who} carry ${[...numbers].join(' and ')}`];
  if (typeof number !== 'number') return [`no number but ${JSON.stringify(number)}: ${who}`];
  if (number < acknowledged) return [`a lost write: ${who} carry ${number}, and ${acknowledged} was acknowledged`];
  if (number > sent) return [`a write that nobody made: ${who} carry ${number}, and ${sent} was the last`];
  account.acknowledged = number;
  account.sent = number;
  return slots ? ids.flatMap((id) => auditSlots(id, users.get(id)?.slots, number)) : [];
}

/** Each slot must carry the newest number that was written to it: a partial update loses nothing, old or new. */
function auditSlots(id: string, found: unknown, number: number): readonly Fault[] {
  const slots = isFields(found) ? found : {};
  const faults: Fault[] = [];
  for (let newest = number; newest > Math.max(0, number - SLOTS); newest -= 1) {
    const slot = slots[`s${newest % SLOTS}`];
    if (slot !== newest) faults.push(`a lost field: s${newest % SLOTS} of ${id} is ${slot}, not ${newest}`);
  }
  return faults;
}
