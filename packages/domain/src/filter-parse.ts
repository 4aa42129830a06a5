import { READ_ONLY, RESERVED, shownKey, WRITABLE } from './custom.ts';
import type { CustomField, Field, Filter } from './filter.ts';
import { conditionOf, isFilteredField, isOperator } from './filter-condition.ts';
import { isObject, type JsonValue } from './json.ts';
import type { SortField } from './order.ts';
import { faultOfPath, parsePath } from './patch.ts';
import type { Instant } from './user.ts';

const CONDITIONS = 100;
const DEPTH = 5;

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
  const entries = Object.entries(json);
  // An empty object is counted too, so that a filter of nothing else is not without end.
  if (entries.length === 0) count(reading);
  const filters = entries.flatMap(([key, value]) => parseEntry(key, value, depth, reading));
  const [only] = filters;
  return filters.length === 1 && only ? only : { op: 'and', filters };
}

function count(reading: Reading): void {
  reading.conditions += 1;
  if (reading.conditions > CONDITIONS) reading.refuse(`a filter has at most ${CONDITIONS} conditions`);
}

const GROUPS: ReadonlyMap<string, 'and' | 'or' | 'nor'> = new Map([
  ['$and', 'and'],
  ['$or', 'or'],
  ['$nor', 'nor'],
]);

function parseEntry(key: string, value: JsonValue, depth: number, reading: Reading): readonly Filter[] {
  const op = GROUPS.get(key);
  if (op !== undefined) return [{ op, filters: parseList(key, value, depth, reading) }];
  if (key.startsWith('$'))
    return reading.refuse(`"${shownKey(key)}" ${isOperator(key) ? 'must stand below a field' : 'is not an operator'}`);
  const field = parseField(key, reading.refuse);
  const condition = (operator: string, json: JsonValue): Filter => {
    count(reading);
    const { parseTime, refuse } = reading;
    return conditionOf(operator, { field, shown: shownKey(key), json, parseTime, refuse });
  };
  if (!isObject(value)) return [condition('$eq', value)];
  const conditions = Object.entries(value);
  if (conditions.length > 0) return conditions.map(([operator, operand]) => condition(operator, operand));
  if (field !== 'teams') return reading.refuse(`field "${shownKey(key)}" has no operator`);
  count(reading);
  return [];
}

function parseList(key: string, value: JsonValue, depth: number, reading: Reading): readonly Filter[] {
  if (!Array.isArray(value) || value.length === 0) return reading.refuse(`"${key}" expects a list that is not empty`);
  return value.map((item: JsonValue) => parseObject(item, depth + 1, reading));
}

function parseField(text: string, refuse: Refuse): Field {
  if (isFilteredField(text)) return text;
  return parseCustomField(text, 'be filtered', refuse);
}

const SORTED: ReadonlySet<string> = new Set<SortField & string>([
  'id',
  'name',
  'role',
  'created_at',
  'updated_at',
  'last_active',
  'deactivated_at',
]);

/** Reads the name of a field that a page is to be sorted by, or refuses. */
export function parseSortField(text: string, refuse: Refuse): SortField {
  if (SORTED.has(text)) return text as SortField & string; // one of the set
  return parseCustomField(text, 'be sorted by', refuse);
}

function parseCustomField(text: string, use: string, refuse: Refuse): CustomField {
  const shown = shownKey(text);
  const path = parsePath(text);
  if (path === undefined) return refuse(`field "${shown}" is too long for a path`);
  const [first = ''] = path;
  if (first === 'online') refuse(`field "${shown}" cannot ${use}: it is presence, not data`);
  if (first === 'id' || RESERVED.has(first) || READ_ONLY.has(first) || WRITABLE.has(first))
    refuse(`field "${shown}" cannot ${use}`);
  const fault = faultOfPath(path);
  return fault === undefined ? { path } : refuse(`field "${shown}" ${fault}`);
}
