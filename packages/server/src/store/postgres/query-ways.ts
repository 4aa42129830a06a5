import type { AppId } from '@rollcall/domain/app';
import { type After, compareText, type SortValue } from '@rollcall/domain/filter';
import { entryOf, KIND } from '../entry.ts';
import type { Created } from '../plan.ts';
import { int8Array, textArray } from './arrays.ts';
import { letterOf, storedValue } from './field-rows.ts';
import { filled, type Piece, piece } from './query-sql.ts';

/** A place in the order of an index. */
export type Place = readonly [string | number, string];

/** Entries of an index, one after another. */
export interface Way {
  readonly start: Place;
  /** Reads a row of `bound`. */
  place(row: readonly (string | null)[]): Place;
  /** Finds the place of the last of the next `size` entries. */
  bound(place: Place, size: number): Piece;
  /** The users from behind a place up to another, or to the end. */
  stretch(place: Place, to: Place | undefined, size: number): Piece;
  /** The first users: so many entries from the start. */
  look(size: number): Piece;
  /** Says whether whoever is still to come, behind `reached`, comes after this place in the order asked for. */
  isPast(reached: Place, last: After): boolean;
  /** How many entries a window begins with. */
  readonly firstSize: number;
}

/** How the order of a way stands to the order asked for: the same; the same but for ties; another. */
export type Likeness = 'exact' | 'tied' | 'other';

export const BELOW_IDS = '';
export const ABOVE_IDS = '\u{10ffff}';
const FIRST_SIZE = 256;

type Direction = 1 | -1;

const operators = (direction: Direction) =>
  direction === 1
    ? ({ beyond: '>', upTo: '<=', order: 'ASC' } as const)
    : ({ beyond: '<', upTo: '>=', order: 'DESC' } as const);

const isBefore = (a: string | number, b: string | number, direction: Direction): boolean =>
  (typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b))) * direction < 0;

const pastBy =
  (likeness: Likeness, direction: Direction): Way['isPast'] =>
  (reached, last) => {
    if (likeness !== 'tied') return likeness === 'exact';
    const [value] = last;
    return (typeof value === 'number' || typeof value === 'string') && isBefore(value, reached[0], direction);
  };

/** All users of an app in the order of creation, within some times. */
export function createdWay(
  app: AppId,
  {
    direction,
    likeness,
    created,
    after,
  }: { direction: Direction; likeness: Likeness; created: Created; after: Place | undefined },
): Way {
  const { beyond, upTo, order } = operators(direction);
  const end: Place = direction === 1 ? [created.high, ABOVE_IDS] : [created.low, BELOW_IDS];
  const begin: Place = direction === 1 ? [created.low, BELOW_IDS] : [created.high, ABOVE_IDS];
  const start = after && isBefore(begin[0], after[0], direction) ? after : begin;
  const between = (place: Place, to: Place): Piece =>
    piece(
      `app_user w WHERE w.app = ? AND (w.created_at, w.id) ${beyond} (?::bigint, ?::text)
      AND (w.created_at, w.id) ${upTo} (?::bigint, ?::text)`,
      app,
      ...place,
      ...to,
    );
  const orderBy = `ORDER BY w.created_at ${order}, w.id ${order}`;
  return {
    start,
    place: ([time, id]) => [Number(time), String(id)],
    firstSize: FIRST_SIZE,
    bound: (place, size) =>
      filled(`SELECT w.created_at, w.id FROM % ${orderBy} OFFSET ${size - 1} LIMIT 1`, between(place, end)),
    stretch: (place, to = end) => filled('(SELECT w.* FROM % OFFSET 0) u', between(place, to)),
    look: (size) => filled(`(SELECT w.* FROM % ${orderBy} LIMIT ${size}) u`, between(start, end)),
    isPast: pastBy(likeness, direction),
  };
}

/** All users of an app in the order of ids. */
export function idWay(
  app: AppId,
  { direction, likeness, after }: { direction: Direction; likeness: Likeness; after: string | undefined },
): Way {
  const { beyond, upTo, order } = operators(direction);
  const start: Place = ['', after ?? (direction === 1 ? BELOW_IDS : ABOVE_IDS)];
  const end: Place = ['', direction === 1 ? ABOVE_IDS : BELOW_IDS];
  const between = ([, id]: Place, [, to]: Place): Piece =>
    piece(`app_user w WHERE w.app = ? AND w.id ${beyond} ?::text AND w.id ${upTo} ?::text`, app, id, to);
  return {
    start,
    place: ([value, id]) => [String(value), String(id)],
    firstSize: FIRST_SIZE,
    bound: (place, size) =>
      filled(`SELECT '', w.id FROM % ORDER BY w.id ${order} OFFSET ${size - 1} LIMIT 1`, between(place, end)),
    stretch: (place, to = end) => filled('(SELECT w.* FROM % OFFSET 0) u', between(place, to)),
    look: (size) => filled(`(SELECT w.* FROM % ORDER BY w.id ${order} LIMIT ${size}) u`, between(start, end)),
    isPast: pastBy(likeness, direction),
  };
}

/** A value of a field, as `field_value` holds it. */
export interface FieldKey {
  readonly field: number;
  readonly value: string;
}

const fewer = (keys: readonly FieldKey[], size: number): number => Math.max(8, Math.floor(size / keys.length));

/** The users who have any of some values, in the order of creation. */
export function keysWay(
  app: AppId,
  keys: readonly FieldKey[],
  {
    direction,
    likeness,
    created,
    after,
  }: { direction: Direction; likeness: Likeness; created: Created; after: Place | undefined },
): Way {
  const { beyond, upTo, order } = operators(direction);
  const end: Place = direction === 1 ? [created.high, ABOVE_IDS] : [created.low, BELOW_IDS];
  const begin: Place = direction === 1 ? [created.low, BELOW_IDS] : [created.high, ABOVE_IDS];
  const start = after && isBefore(begin[0], after[0], direction) ? after : begin;
  const orderBy = (of: string) => `ORDER BY ${of}.created_at ${order}, ${of}.id ${order}`;
  const fields = int8Array(keys.map(({ field }) => field));
  const values = textArray(keys.map(({ value }) => value));
  const entries = (place: Place, to: Place, size: number): Piece =>
    piece(
      `unnest(?::bigint[], ?::text[]) AS v (field, value) CROSS JOIN LATERAL (
        SELECT f.created_at, f.id FROM field_value f WHERE f.field = v.field AND f.value = v.value
          AND (f.created_at, f.id) ${beyond} (?::bigint, ?::text) AND (f.created_at, f.id) ${upTo} (?::bigint, ?::text)
        ${orderBy('f')} LIMIT ${size}) e`,
      fields,
      values,
      ...place,
      ...to,
    );
  return {
    start,
    place: ([time, id]) => [Number(time), String(id)],
    firstSize: fewer(keys, FIRST_SIZE),
    bound: (place, size) =>
      filled(`SELECT e.created_at, e.id FROM % ${orderBy('e')} OFFSET ${size - 1} LIMIT 1`, entries(place, end, size)),
    stretch: (place, to, size) =>
      ofIds(app, filled('SELECT DISTINCT e.id FROM %', entries(place, to ?? end, 2 * size + 1000)), size * keys.length),
    look: (size) =>
      ofIds(
        app,
        filled(`SELECT DISTINCT e.created_at, e.id FROM % ${orderBy('e')} LIMIT ${size}`, entries(start, end, size)),
        size,
      ),
    isPast: pastBy(likeness, direction),
  };
}

/** Users by their ids, one by one: how many there are at most is said, so that no other way is thought of. */
export function ofIds(app: AppId, ids: Piece, most: number): Piece {
  const text = `(SELECT w.* FROM (SELECT DISTINCT id FROM (%) l LIMIT ${2 * most + 4000}) k JOIN app_user w ON w.app = ? AND w.id = k.id OFFSET 0) u`;
  const { text: found, values } = filled(text, ids);
  return { text: found, values: [...values, app] };
}

/** Values of a declared field from `low` on and before `below`, as `field_value` holds them. */
export interface Span {
  readonly low: string;
  readonly below: string;
}

/** Whatever is there and not null. */
export const PRESENT: Span = { low: letterOf(KIND.number), below: letterOf(KIND.null) };

/** What a place in the order of a declared field begins with. */
export const orderValue = (value: Exclude<SortValue, null>): string =>
  typeof value === 'object' ? storedValue({ kind: KIND.rest, value: 0 }) : storedValue(entryOf(value));

/** Longer texts are cut, and tie with whatever begins alike; lists and objects all tie. */
const UNCUT = 64;
const isWhole = (value: string): boolean => value.length < UNCUT;

/** Users in the order of a declared field. With `exact`, ties fall by id in the same direction. */
export function fieldWay(
  app: AppId,
  field: number,
  { direction, exact, span, after }: { direction: Direction; exact: boolean; span: Span; after: After | undefined },
): Way {
  const { beyond, upTo, order } = operators(direction);
  const first: Place = direction === 1 ? [span.low, BELOW_IDS] : [span.below, BELOW_IDS];
  const end: Place = direction === 1 ? [span.below, BELOW_IDS] : [span.low, BELOW_IDS];
  const orderBy = `ORDER BY f.value ${order}, f.id ${order}`;
  const between = (place: Place, to: Place): Piece =>
    piece(
      `field_value f WHERE f.field = ? AND f.value >= ?::text AND f.value < ?::text
      AND (f.value, f.id) ${beyond} (?::text, ?::text) AND (f.value, f.id) ${upTo} (?::text, ?::text)`,
      field,
      span.low,
      span.below,
      ...place,
      ...to,
    );
  const start = startOf(after, first, { direction, exact });
  return {
    start,
    place: ([value, id]) => [String(value), String(id)],
    firstSize: FIRST_SIZE / 2,
    bound: (place, size) =>
      filled(`SELECT f.value, f.id FROM % ${orderBy} OFFSET ${size - 1} LIMIT 1`, between(place, end)),
    // At the end all that is left is fewer than a window.
    stretch: (place, to, size) => ofIds(app, filled('SELECT f.id FROM %', between(place, to ?? end)), size),
    look: (size) => ofIds(app, filled(`SELECT f.id FROM % ${orderBy} LIMIT ${size}`, between(start, end)), size),
    isPast: (reached, [value]) => {
      if (value === undefined || value === null) return false;
      const held = orderValue(value);
      return isBefore(held, reached[0], direction) || (exact && isWhole(held));
    },
  };
}

/** Everybody who ties with the place that a page begins after is looked at again, unless ties fall by id. */
function startOf(
  after: After | undefined,
  first: Place,
  { direction, exact }: { readonly direction: Direction; readonly exact: boolean },
): Place {
  const [value, id] = after ?? [];
  if (value === undefined || value === null) return first;
  const held = orderValue(value);
  const place: Place =
    exact && isWhole(held) && typeof id === 'string' ? [held, id] : [held, direction === 1 ? BELOW_IDS : ABOVE_IDS];
  return isBefore(first[0], held, direction) ? place : first;
}
