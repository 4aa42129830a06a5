import { shownKey } from './custom.ts';
import type { BuiltInField, CustomField, Field, Filter, Scalar, WordsField } from './filter.ts';
import { isStorable, type JsonValue } from './json.ts';
import type { Instant } from './user.ts';
import { needleWords, WORDS_UNITS } from './words.ts';

const VALUES = 1000;
const NEEDLE_WORDS = 32;

/** What a caller compares a field with, not yet looked at. */
export interface Operand {
  readonly field: Field;
  /** The name of the field, fit to be told in an error. */
  readonly shown: string;
  readonly json: JsonValue;
  /** Reads a time as the caller's dialect writes it; undefined when it is none. */
  readonly parseTime: (text: string) => Instant | undefined;
  /** Refuses: it throws. */
  readonly refuse: (message: string) => never;
}

type Kind = 'text' | 'time' | 'flag' | 'teams' | 'custom';

const KINDS: Readonly<Record<BuiltInField, Kind>> = {
  id: 'text',
  name: 'text',
  role: 'text',
  language: 'text',
  image: 'text',
  created_at: 'time',
  updated_at: 'time',
  last_active: 'time',
  deactivated_at: 'time',
  banned: 'flag',
  shadow_banned: 'flag',
  invisible: 'flag',
  teams: 'teams',
};

/** Says whether this is the name of a built-in field that can be filtered. */
export const isFilteredField = (name: string): name is BuiltInField => Object.hasOwn(KINDS, name);

const RANGES = ['$gt', '$gte', '$lt', '$lte'];
const COMPARISONS = ['$eq', '$ne', '$in', '$nin', ...RANGES, '$exists'];
const SERVED: Readonly<Record<Kind, readonly string[]>> = {
  text: COMPARISONS,
  time: ['$eq', ...RANGES, '$exists'],
  flag: ['$eq', '$ne'],
  teams: ['$contains', '$in', '$eq', '$exists'],
  custom: [...COMPARISONS, '$contains'],
};
const WORDS = ['$autocomplete', '$q'];
const OPERATORS = new Set([...COMPARISONS, ...WORDS, '$contains', '$and', '$or', '$nor']);

/** Says whether this is an operator, wherever it may stand. */
export const isOperator = (name: string): boolean => OPERATORS.has(name);

const kindOf = (field: Field): Kind => (typeof field === 'string' ? KINDS[field] : 'custom');

/** Reads one condition, or refuses it: each kind of field has its operators and its type. */
export function conditionOf(operator: string, operand: Operand): Filter {
  const { field, shown, json, refuse } = operand;
  if (WORDS.includes(operator)) return parseNeedle(operator, operand);
  if (!SERVED[kindOf(field)].includes(operator)) {
    if (isOperator(operator)) return refuse(`field "${shown}" cannot be filtered with "${operator}"`);
    return refuse(`field "${shown}": "${shownKey(operator)}" is not an operator`);
  }
  switch (operator) {
    case '$eq':
    case '$ne':
      return parseEquality(operator, operand);
    case '$in':
    case '$nin':
      return { op: operator, field, values: parseValues(operand, `with "${operator}" expects a list`) };
    case '$exists':
      if (typeof json !== 'boolean') return refuse(`field "${shown}" with "$exists" expects type boolean`);
      return { op: '$exists', field, value: json };
    case '$contains':
      // Served for these fields only.
      return { op: '$contains', field: field as 'teams' | CustomField, value: parseScalar(operand, json) };
    default:
      return { op: operator as '$gt', field, value: parseBound(operand) }; // one of those that are left
  }
}

function parseEquality(op: '$eq' | '$ne', operand: Operand): Filter {
  const { field, json } = operand;
  const isList = field === 'teams' || (typeof field !== 'string' && Array.isArray(json));
  if (!isList) return { op, field, value: parseScalar(operand, json) };
  const same: Filter = { op: 'same_set', field, values: parseValues(operand, 'expects type array of strings') };
  return op === '$eq' ? same : { op: 'nor', filters: [same] };
}

function parseValues(operand: Operand, message: string): readonly Scalar[] {
  const { json, shown, refuse } = operand;
  if (!Array.isArray(json)) return refuse(`field "${shown}" ${message}`);
  if (json.length > VALUES) return refuse(`field "${shown}": a list has at most ${VALUES} values`);
  return json.map((item: JsonValue) => parseScalar(operand, item));
}

function parseScalar(operand: Operand, json: JsonValue): Scalar {
  const { field, shown, refuse } = operand;
  switch (kindOf(field)) {
    case 'time':
      return parseTimeOf(operand);
    case 'flag':
      return typeof json === 'boolean' ? json : refuse(`field "${shown}" expects type boolean`);
    case 'custom':
      if (typeof json === 'string') return parseText(operand, json);
      if (typeof json === 'number') return parseNumber(operand, json);
      if (typeof json === 'boolean' || json === null) return json;
      return refuse(`field "${shown}" expects type string, number, boolean or null`);
    default:
      return parseText(operand, json);
  }
}

function parseBound(operand: Operand): string | number {
  const { field, shown, json, refuse } = operand;
  if (kindOf(field) === 'time') return parseTimeOf(operand);
  if (kindOf(field) === 'text' || typeof json === 'string') return parseText(operand, json);
  return typeof json === 'number'
    ? parseNumber(operand, json)
    : refuse(`field "${shown}" expects type string or number`);
}

function parseText({ shown, refuse }: Operand, json: JsonValue): string {
  if (typeof json !== 'string') return refuse(`field "${shown}" expects type string`);
  return isStorable(json) ? json : refuse(`field "${shown}" contains a lone surrogate or a NUL character`);
}

/** A number as custom data can hold it: finite, and without a zero below zero. */
function parseNumber({ shown, refuse }: Operand, json: number): number {
  return Number.isFinite(json) ? json + 0 : refuse(`field "${shown}" is compared with a number that is not finite`);
}

function parseTimeOf({ shown, json, parseTime, refuse }: Operand): Instant {
  const time = typeof json === 'string' ? parseTime(json) : undefined;
  return time ?? refuse(`field "${shown}" expects type time`);
}

function parseNeedle(operator: string, operand: Operand): Filter {
  const { field, shown, json, refuse } = operand;
  const searched = wordsFieldOf(field);
  if (!searched) return refuse(`field "${shown}" cannot be filtered with "${operator}"`);
  const needle = parseText(operand, json);
  if (needle === '') return refuse(`field "${shown}" with "${operator}" expects a string that is not empty`);
  const words = needleWords(needle);
  if (needle.length > WORDS_UNITS || words.length > NEEDLE_WORDS) {
    return refuse(`field "${shown}" with "${operator}" expects at most ${NEEDLE_WORDS} words`);
  }
  return { op: '$autocomplete', field: searched, words };
}

function wordsFieldOf(field: Field): WordsField | undefined {
  if (field === 'id' || field === 'name') return field;
  return typeof field !== 'string' && field.path.length === 1 && field.path[0] === 'username' ? 'username' : undefined;
}
