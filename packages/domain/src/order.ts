import { readerOf, type Subject, subjectOf } from './field-value.ts';
import type { CustomField, Filter, Scalar, TimeField } from './filter.ts';
import { compareValues } from './scalar.ts';
import type { User } from './user.ts';

/** What a page may be sorted by. */
export type SortField = 'id' | 'name' | 'role' | TimeField | CustomField;

/** One step of an order. */
export interface Sort {
  readonly field: SortField;
  readonly direction: 1 | -1;
}

/** Newest first. */
export const DEFAULT_SORT: readonly Sort[] = [
  { field: 'created_at', direction: -1 },
  { field: 'id', direction: -1 },
];

/** An order made total: ties fall by `id`, in the direction of the last field. */
export function totalOrder(sort: readonly Sort[]): readonly Sort[] {
  if (sort.length === 0) return DEFAULT_SORT;
  const end = sort.findIndex(({ field }) => field === 'id');
  if (end >= 0) return sort.slice(0, end + 1);
  return [...sort, { field: 'id', direction: sort.at(-1)?.direction ?? 1 }];
}

/**
 * What a user is sorted by. Null stands for what is null or not there, an empty list for any list or object: these are
 * all the same to an order.
 */
export type SortValue = Scalar | readonly [];

const REST: readonly [] = [];

/** The place of a user in an order: a value for each of its fields. A page begins after one. */
export type After = readonly SortValue[];

/** One helping of users. */
export interface Query {
  readonly filter: Filter;
  /** A total order. */
  readonly sort: readonly Sort[];
  /** At most this many. */
  readonly limit: number;
  readonly offset: number;
  readonly after: After | undefined;
  readonly includeDeactivated: boolean;
}

/** What a user is sorted by in one field. */
export function fieldOf(user: User, field: SortField): SortValue {
  return sortValueOf(subjectOf(user), field);
}

function sortValueOf(subject: Subject, field: SortField): SortValue {
  const value = readerOf(field)(subject) ?? null;
  return typeof value === 'object' && value !== null ? REST : value;
}

/** The place of a user in an order. */
export function placeInOrder(sort: readonly Sort[], user: User): After {
  const subject = subjectOf(user);
  return sort.map(({ field }) => sortValueOf(subject, field));
}

/** Compares two users by an order. */
export function compareUsers(sort: readonly Sort[], a: User, b: User): number {
  return comparePlaces(sort, placeInOrder(sort, a), placeInOrder(sort, b));
}

/**
 * Compares two places in an order. Numbers come before texts, texts before booleans, booleans before lists and objects,
 * which all tie; downwards it is the other way round. What is null or not there comes last in either direction.
 */
export function comparePlaces(sort: readonly Sort[], a: After, b: After): number {
  for (let at = 0; at < sort.length; at++) {
    const x = a[at] ?? null;
    const y = b[at] ?? null;
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
      continue;
    }
    const order = compareSortValues(x, y);
    if (order !== 0) return order * (sort[at]?.direction ?? 1);
  }
  return 0;
}

type Present = Exclude<SortValue, null>;

function compareSortValues(a: Present, b: Present): number {
  if (typeof a === 'string' && typeof b === 'string') return compareValues(a, b);
  if (typeof a === 'number' && typeof b === 'number') return compareValues(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return rankOf(a) - rankOf(b);
}

const RANKS = ['number', 'string', 'boolean', 'object'];
const rankOf = (value: Present): number => RANKS.indexOf(typeof value);
