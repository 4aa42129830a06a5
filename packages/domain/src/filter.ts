import type { Instant } from './user.ts';

/*
 * The filter language of wire.md, section 8: what a caller may ask for, once it was read. `matches` is its meaning, and
 * every store must equal it.
 */

export { matches } from './filter-match.ts';
export { type ParseTime, parseFilter, parseSortField, type Refuse } from './filter-parse.ts';
export * from './order.ts';
export { compareText, compareValues } from './scalar.ts';

/** A field of the app's own data, by its path: `address.city` is `['address', 'city']`. */
export interface CustomField {
  readonly path: readonly string[];
}
/** Fields that hold text. */
export type TextField = 'id' | 'name' | 'role' | 'language' | 'image';
/** Fields that hold a time. */
export type TimeField = 'created_at' | 'updated_at' | 'last_active' | 'deactivated_at';
/** Fields that are true or false. */
export type FlagField = 'banned' | 'shadow_banned' | 'invisible';
/** Fields with a meaning of their own. */
export type BuiltInField = TextField | TimeField | FlagField | 'teams';
/** Whatever a filter can ask about. */
export type Field = BuiltInField | CustomField;
/** Fields that can be searched by words. `username` is a custom field like any other but for that. */
export type WordsField = 'id' | 'name' | 'username';
/** A JSON value that holds no other. */
export type Scalar = string | number | boolean | null;

/** Filters taken together. Without any, `and` and `nor` mean everybody, `or` nobody. */
export interface GroupFilter {
  readonly op: 'and' | 'or' | 'nor';
  readonly filters: readonly Filter[];
}

/** Numbers with numbers, texts with texts by code point; a time is an `Instant`. */
export interface RangeFilter {
  readonly op: '$gt' | '$gte' | '$lt' | '$lte';
  readonly field: Field;
  readonly value: string | Instant;
}

/** Each word is the beginning of one of `words` of the field; without words, nobody. */
export interface WordsFilter {
  readonly op: '$autocomplete';
  readonly field: WordsField;
  readonly words: readonly string[];
}

/** What to find. Two-valued: whatever is compared with what is not there is false; `$ne`, `$nin` and `nor` turn it round. */
export type Filter =
  | GroupFilter
  | RangeFilter
  | WordsFilter
  /** A time is an `Instant`. */
  | { readonly op: '$eq' | '$ne'; readonly field: Field; readonly value: Scalar }
  /** Of a list that is stored, any of its items. */
  | { readonly op: '$in' | '$nin'; readonly field: Field; readonly values: readonly Scalar[] }
  /** Null and empty are there. */
  | { readonly op: '$exists'; readonly field: Field; readonly value: boolean }
  /** Only lists contain. */
  | { readonly op: '$contains'; readonly field: 'teams' | CustomField; readonly value: Scalar }
  /** A list of just these, whatever their order and however often. */
  | { readonly op: 'same_set'; readonly field: 'teams' | CustomField; readonly values: readonly Scalar[] };

/** Everybody. */
export const ANYBODY: Filter = { op: 'and', filters: [] };

/** Says whether a filter asks about a built-in field anywhere. */
export function asksAbout(filter: Filter, field: BuiltInField): boolean {
  return 'filters' in filter ? filter.filters.some((inner) => asksAbout(inner, field)) : filter.field === field;
}
