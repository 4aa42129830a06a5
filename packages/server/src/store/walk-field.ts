import { type After, compareValues } from '@rollcall/domain/filter';
import { type Entry, entryOf, KIND } from './entry.ts';
import type { Range } from './plan.ts';
import { type Sql, sql } from './sql.ts';
import { bySeq, type Ground, readUsers, type Walk } from './walk.ts';

/** The kinds of values in the order of sorting; what is null or missing comes last, and ties. */
const UPWARDS = [KIND.number, KIND.text, KIND.boolean, KIND.rest, KIND.null, KIND.missing];
const DOWNWARDS = [KIND.rest, KIND.boolean, KIND.text, KIND.number, KIND.null, KIND.missing];

/** After every value: to SQLite a blob is more than any number or text. */
const ABOVE = new Uint8Array(0);
const BELOW = Number.NEGATIVE_INFINITY;

/** The order of a walk along a declared field. */
export interface FieldOrder {
  readonly field: number;
  readonly direction: 1 | -1;
  readonly after: After | undefined;
  /** Where everybody who is meant must lie, if that is known. */
  readonly range: Range | undefined;
}

/** Walks all users in the order of a declared field: texts by their beginnings, so that ties are to be looked at to their end. */
export function fieldWalk(ground: Ground, { field, direction, after, range }: FieldOrder): Walk {
  const [beyond, within, order, edge, user] =
    direction === 1
      ? (['>', '<=', 'ASC', BELOW, 0] as const)
      : (['<', '>=', 'DESC', ABOVE, Number.MAX_SAFE_INTEGER] as const);
  const first = after?.[0] === undefined ? undefined : placeOf(after[0]);
  const only =
    range && range.kinds[0] === range.kinds[1] && (!first || first.kind === range.kinds[0]) ? range : undefined;
  const [low, high] = [only?.low ?? BELOW, only?.high ?? ABOVE];
  const [begin, end] = direction === 1 ? [low, high] : [high, low];
  const kinds = only ? [only.kinds[0]] : direction === 1 ? UPWARDS : DOWNWARDS;
  let at = first ? kinds.indexOf(first.kind) : 0;
  // Everybody who ties with the first place is looked at again: ties fall by other fields than by seq.
  const before = direction === 1 ? -1 : user;
  let place: readonly [string | number | Uint8Array, number] =
    first && isCompared(first.kind) ? [first.value, before] : [begin, before];
  const text = `SELECT value, user FROM field_value WHERE field = ? AND kind = ? AND (value, user) ${beyond} (?, ?)
    AND value ${within} ? ORDER BY value ${order}, user ${order} LIMIT ? + 0`;

  return {
    next(size, best) {
      const kind = kinds[at] ?? KIND.missing;
      const rows = ground.statements.all(sql(text, field, kind, ...place, end, size));
      const seqs = bySeq(rows.map((row) => Number(row[1])));
      const users = readUsers(ground, seqs, best, tied(best.last, rows[0]?.[0]));
      const last = rows.length < size ? undefined : rows.at(-1);
      const reached: Entry | undefined = last && { kind, value: last[0] as string | number }; // no blob is ever stored
      if (last && reached) place = [reached.value, Number(last[1])];
      else {
        at += 1;
        place = [edge, user];
      }
      const rank = reached ? at : at - 0.5;
      return {
        users,
        ended: at >= kinds.length,
        isPast: (other) => isPast(placeOf(other[0] ?? null), reached, rank),
      };
    },
  };

  /**
   * Of those who tie with the last place that counts, only the ids before its own are of use. Texts that begin alike may differ,
   * and are read.
   */
  function tied(last: After | undefined, value: unknown): Sql {
    const id = last?.[1];
    const [, second] = ground.query.sort;
    if (second?.field !== 'id' || typeof id !== 'string') return sql('');
    const held = last?.[0];
    const same = typeof held === 'boolean' ? Number(held) === value : typeof held === 'number' && held === value;
    return same ? sql(`AND u.id ${second.direction === 1 ? '<=' : '>='} ?`, id) : sql('');
  }

  function isPast(other: Entry, reached: Entry | undefined, rank: number): boolean {
    const mine = kinds.indexOf(other.kind);
    // Null and missing are one to the order: nothing is past either before the end.
    if (mine !== rank || reached === undefined || !isCompared(other.kind)) return mine < rank && mine < 4;
    return compareValues(other.value, reached.value) * direction < 0;
  }
}

/** Lists and objects tie with one another, and so do null and what is missing. */
const isCompared = (kind: number): boolean => kind <= KIND.boolean;

function placeOf(value: After[number]): Entry {
  return typeof value === 'object' && value !== null ? { kind: KIND.rest, value: 0 } : entryOf(value);
}
