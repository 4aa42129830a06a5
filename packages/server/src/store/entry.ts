import { readerOf, type Subject } from '@rollcall/domain/field-value';
import type { Field, Scalar } from '@rollcall/domain/filter';

/** What a row of a declared field says. Those up to MISSING are the value itself, in the order that sorting has them. */
export const KIND = { number: 0, text: 1, boolean: 2, rest: 3, null: 4, missing: 5 };
/** Added to the kind of an item of a list. */
export const ITEM = 8;

/** A row of a declared field, but for its user. */
export interface Entry {
  readonly kind: number;
  readonly value: string | number;
}

/** Of a text so long or longer an index may hold the beginning only. */
export const LONGEST = 64;

/** The beginning of a text, which is all that an index holds of it. */
export function beginningOf(text: string): string {
  return text.length <= LONGEST
    ? text
    : Array.from(text.slice(0, 2 * LONGEST))
        .slice(0, LONGEST)
        .join('');
}

/** How a scalar stands in the index. */
export function entryOf(value: Scalar): Entry {
  if (typeof value === 'number') return { kind: KIND.number, value };
  if (typeof value === 'string') return { kind: KIND.text, value: beginningOf(value) };
  if (typeof value === 'boolean') return { kind: KIND.boolean, value: Number(value) };
  return { kind: KIND.null, value: 0 };
}

/** How a scalar stands in the index as an item of a list. */
export function itemEntryOf(value: Scalar): Entry {
  const { kind, value: held } = entryOf(value);
  return { kind: kind + ITEM, value: held };
}

/** All rows that a user has in a declared field: at least one, even when it has no such field. */
export function entriesOf(subject: Subject, field: Field): readonly Entry[] {
  const value = readerOf(field)(subject);
  if (value === undefined) return [{ kind: KIND.missing, value: 0 }];
  if (typeof value !== 'object' || value === null) return [entryOf(value)];
  const entries = new Map<string, Entry>([['', { kind: KIND.rest, value: 0 }]]);
  if (!Array.isArray(value)) return [...entries.values()];
  for (const item of value) {
    if (typeof item === 'object' && item !== null) continue;
    const entry = itemEntryOf(item);
    entries.set(`${entry.kind} ${entry.value}`, entry);
  }
  return [...entries.values()];
}

/** Says whether two users, or two states of one, have the same rows. */
export function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  return a.length === b.length && a.every(({ kind, value }, at) => kind === b[at]?.kind && value === b[at]?.value);
}
