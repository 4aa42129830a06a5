import { compareText } from '@rollcall/domain/scalar';
import type { Sort, SortField, User } from './types.ts';
import { sortFields } from './users.ts';

/** Says which of two users comes first. */
export type Order = (a: User, b: User) => number;

const NEWEST_FIRST: readonly SortField[] = [{ field: 'created_at', direction: -1 }];

/** The order of a sort, as the server has it: missing and null last in both directions, ties by `id` in the direction of the last field. */
export function orderOf(sort: Sort | undefined): Order {
  const given = sort === undefined ? [] : sortFields(sort);
  const fields = given.length === 0 ? NEWEST_FIRST : given;
  const steps = [...fields, { field: 'id', direction: fields.at(-1)?.direction ?? 1 }].map(({ field, direction }) => ({
    path: field.split('.'),
    direction,
  }));
  return (a, b) => {
    for (const { path, direction } of steps) {
      const x = valueAt(a, path);
      const y = valueAt(b, path);
      const order = Number(isNothing(x)) - Number(isNothing(y)) || compareValues(x, y) * direction;
      if (order !== 0) return order;
    }
    return 0;
  };
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;

function valueAt(user: User, path: readonly string[]): unknown {
  let here: unknown = user;
  for (const name of path) {
    if (typeof here !== 'object' || here === null || Array.isArray(here) || !Object.hasOwn(here, name))
      return undefined;
    here = (here as Record<string, unknown>)[name]; // an object, so far
  }
  return here;
}

const TYPES = ['number', 'string', 'boolean'];

/** Numbers, then texts, then booleans, then the rest, among which there is no order. */
function compareValues(x: unknown, y: unknown): number {
  if (typeof x !== typeof y) return rank(x) - rank(y);
  if (typeof x === 'number' || typeof x === 'boolean') return Number(x) - Number(y);
  return typeof x === 'string' ? compareText(x, String(y)) : 0;
}

function rank(value: unknown): number {
  const at = TYPES.indexOf(typeof value);
  return at < 0 ? TYPES.length : at;
}
