import { shownKey } from './custom.ts';
import { isObject, isStorable, type JsonValue } from './json.ts';
import type { Instant, User } from './user.ts';

/** What to find, in the meaning of wire.md, section 8: `matches` is that meaning, and every store must equal it. */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | {
      readonly op: '$eq' | '$gt' | '$gte' | '$lt' | '$lte';
      readonly field: ComparedField;
      readonly value: string | Instant;
    }
  | { readonly op: '$in'; readonly field: TextField; readonly values: readonly string[] }
  /** Has at least one of these teams. */
  | { readonly op: 'teams'; readonly teams: readonly string[] }
  | { readonly op: 'no_teams' };

/** Fields that hold text. */
export type TextField = 'id' | 'name' | 'role';
/** Fields that hold a time. */
export type TimeField = 'created_at';
/** Fields whose value is compared as a whole. */
export type ComparedField = TextField | TimeField;

/** Everybody. */
export const ANYBODY: Filter = { op: 'and', filters: [] };

const CONDITIONS = 100;
const DEPTH = 5;
const VALUES = 1000;

type Kind = 'text' | 'time' | 'teams';
const KINDS: Readonly<Record<ComparedField | 'teams', Kind>> = {
  id: 'text',
  name: 'text',
  role: 'text',
  created_at: 'time',
  teams: 'teams',
};
const SERVED: Readonly<Record<Kind, ReadonlySet<string>>> = {
  text: new Set(['$eq', '$in']),
  time: new Set(['$eq', '$gt', '$gte', '$lt', '$lte']),
  teams: new Set(['$contains']),
};
const LATER_OPERATORS = new Set(
  '$eq $ne $in $nin $gt $gte $lt $lte $exists $autocomplete $q $contains $and $or $nor'.split(' '),
);

/** Reads a time as the caller's dialect writes it; undefined when it is none. */
export type ParseTime = (text: string) => Instant | undefined;
/** Refuses: it throws. */
export type Refuse = (message: string) => never;

interface Reading {
  conditions: number;
  readonly parseTime: ParseTime;
  readonly refuse: Refuse;
}

/** Turns untrusted JSON into a filter, or refuses with what is wrong. At most 100 conditions, 5 levels, 1000 values in a list. */
export function parseFilter(json: JsonValue, parseTime: ParseTime, refuse: Refuse): Filter {
  return parseObject(json, 1, { conditions: 0, parseTime, refuse });
}

function parseObject(json: JsonValue, depth: number, reading: Reading): Filter {
  if (!isObject(json)) return reading.refuse('a filter must be an object');
  if (depth > DEPTH) return reading.refuse(`a filter has at most ${DEPTH} levels`);
  const filters = Object.entries(json).flatMap(([key, value]) => parseEntry(key, value, depth, reading));
  const [only] = filters;
  return filters.length === 1 && only ? only : { op: 'and', filters };
}

function parseEntry(key: string, value: JsonValue, depth: number, reading: Reading): readonly Filter[] {
  if (key === '$and' || key === '$or') return [parseList(key, value, depth, reading)];
  if (key.startsWith('$')) return reading.refuse(unserved(key));
  if (key === 'online') return reading.refuse('field "online" cannot be filtered: it is presence, not data');
  if (!Object.hasOwn(KINDS, key)) return reading.refuse(`filtering by field "${shownKey(key)}" is not served yet`);
  const field = key as ComparedField | 'teams'; // a key of the table
  if (!isObject(value)) return [parseCondition(field, '$eq', value, reading)];
  const conditions = Object.entries(value);
  if (conditions.length === 0 && field !== 'teams') reading.refuse(`field "${field}" has no operator`);
  return conditions.map(([operator, operand]) => parseCondition(field, operator, operand, reading));
}

function parseList(key: '$and' | '$or', value: JsonValue, depth: number, reading: Reading): Filter {
  if (!Array.isArray(value) || value.length === 0) return reading.refuse(`"${key}" expects a list that is not empty`);
  if (value.length > CONDITIONS) return reading.refuse(tooMany);
  const filters = value.map((item: JsonValue) => parseObject(item, depth + 1, reading));
  return { op: key === '$and' ? 'and' : 'or', filters };
}

const tooMany = `a filter has at most ${CONDITIONS} conditions`;

function unserved(operator: string): string {
  return LATER_OPERATORS.has(operator)
    ? `operator "${operator}" is not served here yet`
    : `"${shownKey(operator)}" is not an operator`;
}

function parseCondition(field: ComparedField | 'teams', operator: string, value: JsonValue, reading: Reading): Filter {
  reading.conditions += 1;
  if (reading.conditions > CONDITIONS) return reading.refuse(tooMany);
  if (!SERVED[KINDS[field]].has(operator)) return reading.refuse(`field "${field}": ${unserved(operator)}`);
  if (field === 'teams') return { op: 'teams', teams: [parseText(field, value, reading)] };
  if (operator === '$in') return { op: '$in', field: field as TextField, values: parseTexts(field, value, reading) };
  const op = operator as '$eq' | '$gt'; // one of those served for its kind
  if (KINDS[field] === 'text') return { op, field, value: parseText(field, value, reading) };
  const time = reading.parseTime(parseText(field, value, reading, 'time'));
  return time === undefined ? reading.refuse(`field "${field}" expects type time`) : { op, field, value: time };
}

function parseText(field: string, value: JsonValue, { refuse }: Reading, type = 'string'): string {
  if (typeof value !== 'string') return refuse(`field "${field}" expects type ${type}`);
  return isStorable(value) ? value : refuse(`field "${field}" contains a lone surrogate or a NUL character`);
}

function parseTexts(field: string, value: JsonValue, reading: Reading): readonly string[] {
  if (!Array.isArray(value)) return reading.refuse(`field "${field}" with "$in" expects a list`);
  if (value.length > VALUES) return reading.refuse(`field "${field}": a list has at most ${VALUES} values`);
  return value.map((item: JsonValue) => parseText(field, item, reading));
}

/** Says whether a user is one of those a filter means. */
export function matches(filter: Filter, user: User): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((inner) => matches(inner, user));
    case 'or':
      return filter.filters.some((inner) => matches(inner, user));
    case 'teams':
      return filter.teams.some((team) => user.teams.includes(team));
    case 'no_teams':
      return user.teams.length === 0;
    case '$in':
      return filter.values.some((value) => value === fieldOf(user, filter.field));
    default:
      return holds(filter.op, fieldOf(user, filter.field), filter.value);
  }
}

/** The value of a field that filters and sorting know; undefined when the user has none. */
export function fieldOf(user: User, field: SortField): string | Instant | undefined {
  switch (field) {
    case 'created_at':
      return user.createdAt;
    case 'updated_at':
      return user.updatedAt;
    default:
      return user[field];
  }
}

function holds(
  op: '$eq' | '$gt' | '$gte' | '$lt' | '$lte',
  mine: string | Instant | undefined,
  other: string | Instant,
): boolean {
  if (typeof mine !== typeof other || mine === undefined) return false;
  const order = compareValues(mine, other);
  if (op === '$eq') return order === 0;
  if (op === '$gt') return order > 0;
  if (op === '$gte') return order >= 0;
  return op === '$lt' ? order < 0 : order <= 0;
}

/** Compares two values of one type: numbers as numbers, texts by code point, as databases do. */
export function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareText(String(a), String(b));
}

/** Compares two texts by code point. UTF-16 units would put astral characters before U+E000. */
export function compareText(a: string, b: string): number {
  const length = a.length < b.length ? a.length : b.length;
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Lifts surrogates above every other unit, where their code points are. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

/** What a page may be sorted by. */
export type SortField = ComparedField | 'updated_at';

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

/** The place after which a page begins: the values of its fields in the last row; null where that row had none. */
export type After = readonly (string | number | null)[];

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

/** Compares two users by an order; who lacks a value comes last in either direction. */
export function compareUsers(sort: readonly Sort[], a: User, b: User): number {
  for (const { field, direction } of sort) {
    const x = fieldOf(a, field);
    const y = fieldOf(b, field);
    if (x === undefined || y === undefined) {
      if (x !== y) return x === undefined ? 1 : -1;
      continue;
    }
    const order = compareValues(x, y) * direction;
    if (order !== 0) return order;
  }
  return 0;
}
