import { CUSTOM_BYTES } from '@rollcall/domain/custom';
import type { CustomField, Filter, Scalar, WordsField } from '@rollcall/domain/filter';
import type { Instant } from '@rollcall/domain/user';
import { type NameKey, nameKey } from '@rollcall/domain/username';
import { beginningOf, type Entry, entryOf, itemEntryOf, KIND } from './entry.ts';

/** What opening all sources of a query may cost, in lookups in an index. */
const OPENED = 2000;
/** A word, and a range, cost about as much as so many. */
const DEAR = 200;

function costOf(source: Source): number {
  if (source.by === 'any') return source.sources.reduce((sum, one) => sum + costOf(one), 0);
  if (source.by === 'words') return source.words.length * DEAR;
  return source.by === 'range' ? DEAR : 1;
}

/** As many as may be opened without holding up others. Each holds everybody who is meant, so any may be left out. */
export function affordable(sources: readonly Source[]): readonly Source[] {
  let left = OPENED;
  return sources.filter((source) => {
    const cost = costOf(source);
    if (cost > left) return false;
    left -= cost;
    return true;
  });
}

/** Users that an index knows: a part of all, in which everybody meant must be. */
export type Source =
  | { readonly by: 'ids'; readonly ids: readonly string[] }
  | { readonly by: 'name'; readonly key: NameKey }
  | { readonly by: 'role'; readonly role: string }
  | { readonly by: 'team'; readonly team: string }
  | { readonly by: 'value'; readonly field: number; readonly entry: Entry }
  /** Those who have them all. */
  | { readonly by: 'words'; readonly words: readonly Needle[] }
  | Range
  | { readonly by: 'any'; readonly sources: readonly Source[] };

/** A word that a field must have, by its beginning. */
export interface Needle {
  readonly field: WordsField;
  readonly word: string;
}

/** Values of a declared field between two, both included. An absent end is open. */
export interface Range {
  readonly by: 'range';
  readonly field: number;
  readonly kinds: readonly [number, number];
  readonly low: string | number | undefined;
  readonly high: string | number | undefined;
}

/** What can be found by an index now. */
export interface Indexed {
  /** Declared fields whose index is ready, by their paths. */
  readonly fields: ReadonlyMap<string, number>;
  /** Whether the words of all users are in their index. */
  readonly words: boolean;
}

/** The name of a field as operators declare it. */
export const pathName = ({ path }: CustomField): string => path.join('.');

/** The conditions that all must hold. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  if (filter.op === 'and') return filter.filters.flatMap(conjunctsOf);
  const [only] = filter.op === 'or' ? filter.filters : [];
  return filter.op === 'or' && only && filter.filters.length === 1 ? conjunctsOf(only) : [filter];
}

/** More ids than these are not few. */
export const FEW_IDS = 256;

/** The few ids that a filter names: it means none but them. Undefined when it names none, or many. */
export function fewIdsOf(filter: Filter): readonly string[] | undefined {
  for (const one of conjunctsOf(filter)) {
    const values = one.op === '$eq' ? [one.value] : one.op === '$in' ? one.values : [];
    if (values.length === 0 || values.length > FEW_IDS || !('field' in one) || one.field !== 'id') continue;
    return values.filter((value) => typeof value === 'string');
  }
  return undefined;
}

/** More sources than these are not merged. */
const MERGED = 2000;
/** More words than these are not looked up: the rest are looked at in whom the others find. */
const LOOKED_UP = 4;

/** The sources of a filter: each holds everybody meant, none is promised to be small. */
export function sourcesOf(filter: Filter, indexed: Indexed): readonly Source[] {
  const conjuncts = conjunctsOf(filter);
  const sources = conjuncts.map((one) => sourceOf(one, indexed)).filter((source) => source !== undefined);
  const ranges = rangesOf(conjuncts, indexed);
  const needles = indexed.words ? needlesOf(conjuncts) : [];
  return [...sources, ...ranges, ...(needles.length > 0 ? [{ by: 'words', words: needles } as const] : [])];
}

function sourceOf(filter: Filter, indexed: Indexed): Source | undefined {
  switch (filter.op) {
    case 'or':
      return eitherOf(filter.filters, indexed);
    case '$eq':
      return anyValue(filter.field, [filter.value], indexed, false);
    case '$in':
      return anyValue(filter.field, filter.values, indexed, true);
    case '$contains':
      return anyItem(filter.field, filter.value, indexed);
    case 'same_set':
      return filter.values[0] === undefined ? undefined : anyItem(filter.field, filter.values[0], indexed);
    case '$exists': {
      const field = filter.value ? undefined : numberOf(filter.field, indexed);
      return field === undefined ? undefined : { by: 'value', field, entry: { kind: KIND.missing, value: 0 } };
    }
    default:
      return undefined;
  }
}

/** Everybody whom any of some filters means: when each of them has a source. */
function eitherOf(filters: readonly Filter[], indexed: Indexed): Source | undefined {
  const sources: Source[] = [];
  for (const filter of filters) {
    // Ranges are read whole before they are known to be small: one of many may be everybody.
    const source = sourcesOf(filter, indexed).find(({ by }) => by !== 'range');
    if (!source) return undefined;
    sources.push(source);
  }
  return merged(sources);
}

function merged(sources: readonly Source[]): Source | undefined {
  const flat = sources.flatMap((source) => (source.by === 'any' ? source.sources : [source]));
  const [only] = flat;
  if (only && flat.length === 1) return only;
  return flat.length > MERGED ? undefined : { by: 'any', sources: flat };
}

const numberOf = (field: unknown, { fields }: Indexed): number | undefined =>
  isCustom(field) ? fields.get(pathName(field)) : undefined;

function isCustom(field: unknown): field is CustomField {
  return typeof field === 'object';
}

/** Whoever has one of some values; with `items`, also as an item of a list. */
function anyValue(field: unknown, given: readonly Scalar[], indexed: Indexed, items: boolean): Source | undefined {
  const values = [...new Set(given)];
  const texts = values.filter((value) => typeof value === 'string');
  switch (field) {
    case 'id':
      return { by: 'ids', ids: texts };
    case 'name':
      return anyName(texts);
    case 'role':
      // Nearly everybody is a "user": no index knows them.
      return texts.includes('user') ? undefined : merged(texts.map((role) => ({ by: 'role', role })));
    case 'teams':
      return items ? merged(texts.map((team) => ({ by: 'team', team }))) : undefined;
    default: {
      const number = numberOf(field, indexed);
      if (number === undefined) return undefined;
      const entries = values.flatMap((value) => (items ? [entryOf(value), itemEntryOf(value)] : [entryOf(value)]));
      return merged(entries.map((entry) => ({ by: 'value', field: number, entry })));
    }
  }
}

function anyName(names: readonly string[]): Source | undefined {
  // What is longer is nobody's name, and not worth folding.
  const keys = new Set(names.filter((name) => name.length <= CUSTOM_BYTES).map(nameKey));
  return keys.has(nameKey('')) ? undefined : merged([...keys].map((key) => ({ by: 'name', key })));
}

function anyItem(field: unknown, value: Scalar, indexed: Indexed): Source | undefined {
  if (field === 'teams') return typeof value === 'string' ? { by: 'team', team: value } : merged([]);
  const number = numberOf(field, indexed);
  return number === undefined ? undefined : { by: 'value', field: number, entry: itemEntryOf(value) };
}

/** The ranges of declared fields; two conditions on one field and type make one. */
export function rangesOf(conjuncts: readonly Filter[], indexed: Indexed): readonly Range[] {
  const ranges = new Map<string, Range>();
  for (const filter of conjuncts) {
    if (filter.op === '$exists') {
      const field = filter.value ? numberOf(filter.field, indexed) : undefined;
      if (field !== undefined) ranges.set(`${field}`, everything(field, [KIND.number, KIND.null]));
    }
    if (filter.op !== '$gt' && filter.op !== '$gte' && filter.op !== '$lt' && filter.op !== '$lte') continue;
    const field = numberOf(filter.field, indexed);
    if (field === undefined) continue;
    const { kind, value } = entryOf(filter.value);
    const key = `${field} ${kind}`;
    ranges.set(key, narrowed(ranges.get(key) ?? everything(field, [kind, kind]), filter.op, value));
  }
  return [...ranges.values()];
}

const everything = (field: number, kinds: readonly [number, number]): Range => ({
  by: 'range',
  field,
  kinds,
  low: undefined,
  high: undefined,
});

/** The last of several bounds stands: each is true, and whoever is found is looked at. */
function narrowed(range: Range, op: '$gt' | '$gte' | '$lt' | '$lte', value: string | number): Range {
  const bound = typeof value === 'string' ? beginningOf(value) : value;
  return op === '$gt' || op === '$gte' ? { ...range, low: bound } : { ...range, high: bound };
}

/** The words all of which must be there, the longest first: of two where one begins the other, the longer says it all. */
function needlesOf(conjuncts: readonly Filter[]): readonly Needle[] {
  const needles: Needle[] = [];
  for (const filter of conjuncts) {
    if (filter.op === '$autocomplete') for (const word of filter.words) needles.push({ field: filter.field, word });
  }
  needles.sort((a, b) => b.word.length - a.word.length);
  const telling: Needle[] = [];
  for (const needle of needles) {
    if (telling.length >= LOOKED_UP) break;
    if (!telling.some(({ field, word }) => field === needle.field && word.startsWith(needle.word)))
      telling.push(needle);
  }
  return telling;
}

/** When users must have been created, both ends included. */
export interface Created {
  readonly low: Instant;
  readonly high: Instant;
}

/** Before and after all times. */
export const EVER: Created = { low: -9e15, high: 9e15 };

/** The times between which whoever is meant was created. */
export function createdOf(filter: Filter): Created {
  let { low, high } = EVER;
  for (const condition of conjunctsOf(filter)) {
    if (!('field' in condition) || condition.field !== 'created_at' || !('value' in condition)) continue;
    if (typeof condition.value !== 'number') continue;
    if (condition.op === '$eq' || condition.op === '$gt' || condition.op === '$gte')
      low = Math.max(low, condition.value);
    if (condition.op === '$eq' || condition.op === '$lt' || condition.op === '$lte')
      high = Math.min(high, condition.value);
  }
  return { low, high };
}
