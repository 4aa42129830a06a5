import type { CustomField, Field, Filter, RangeFilter, Scalar } from '@rollcall/domain/filter';
import { textArray } from './arrays.ts';
import { allOf, FALSE, filled, type Piece, piece, TRUE } from './query-sql.ts';

/** In longer lists SQL does not look. */
const LIST = 100;

/** A condition on a custom field. */
export type OnCustom = Extract<Filter, { readonly field: Field }> & {
  readonly op: '$eq' | '$gt' | '$gte' | '$lt' | '$lte' | '$in' | '$exists' | '$contains' | 'same_set';
  readonly field: CustomField;
};

/** What lies at a path, as `json`; NULL when it goes through what is no object. */
export const nodeOf = ({ path }: CustomField): Piece =>
  piece(`(u.custom::json${' -> ?::text'.repeat(path.length)})`, ...path);

/**
 * Says in SQL what a condition on custom data means, or, with `over`, something weaker; undefined when it cannot. Types are
 * asked for first, and numbers compared as the doubles they are. Custom data is compact JSON: what is not written in it
 * somewhere is not there, and to look for it costs a tenth of reading it.
 */
export function customWhere(filter: OnCustom, over: boolean): Piece | undefined {
  const { field } = filter;
  switch (filter.op) {
    case '$eq':
      return allOf([mentions(field, JSON.stringify(filter.value)), holds(field, isScalar(filter.value))]);
    case '$exists': {
      const there = filled('(% AND % IS NOT NULL)', mentions(field, ''), nodeOf(field));
      return filter.value ? there : filled('NOT %', there);
    }
    case '$in':
      return filter.values.length > LIST ? undefined : isAmong(field, filter.values);
    case '$contains':
      return allOf([mentions(field, '['), holds(field, isList(someItem([filter.value])))]);
    case 'same_set':
      return over ? allOf([mentions(field, '['), holds(field, isList(piece('true')))]) : undefined;
    default:
      return allOf([mentions(field, ''), holds(field, ranges(filter.op, filter.value))]);
  }
}

/** A range of a custom field. */
export type OnCustomRange = RangeFilter & { readonly field: CustomField };

export const isCustomRange = (filter: Filter): filter is OnCustomRange =>
  Object.hasOwn(COMPARISON, filter.op) && 'field' in filter && typeof filter.field === 'object';

/** Says what several ranges of one field mean together. */
export function rangesWhere(filters: readonly OnCustomRange[]): Piece {
  const [first] = filters;
  if (!first) return TRUE;
  const conditions = filters.map(({ op, value }) => ranges(op, value));
  return allOf([mentions(first.field, ''), holds(first.field, allOf(conditions))]);
}

/** Looks for a field, and what its value begins with, as they are written. */
function mentions({ path }: CustomField, value: string): Piece {
  return piece('strpos(u.custom, ?::text) > 0', `${JSON.stringify(path.at(-1) ?? '')}:${value}`);
}

/** Asks something of the value `s.j` of a field, which is read once. */
const holds = (field: CustomField, condition: Piece): Piece =>
  filled('(SELECT % FROM (SELECT % AS j OFFSET 0) s)', condition, nodeOf(field));

function isScalar(value: Scalar): Piece {
  if (value === null) return piece(`coalesce(json_typeof(s.j) = 'null', false)`);
  if (typeof value === 'number') return typed('number', `(s.j #>> '{}')::float8 = ?::float8`, value);
  if (typeof value === 'string') return typed('string', `(s.j #>> '{}') = ?::text`, value);
  return typed('boolean', `(s.j #>> '{}') = ?::text`, String(value));
}

/** Of another type it is false, and not looked at. */
const typed = (type: string, condition: string, value: string | number): Piece =>
  piece(`CASE WHEN json_typeof(s.j) = '${type}' THEN ${condition} ELSE false END`, value);

const COMPARISON = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

function ranges(op: keyof typeof COMPARISON, value: string | number): Piece {
  return typeof value === 'number'
    ? typed('number', `(s.j #>> '{}')::float8 ${COMPARISON[op]} ?::float8`, value)
    : typed('string', `(s.j #>> '{}') COLLATE "C" ${COMPARISON[op]} ?::text`, value);
}

function isAmong(field: CustomField, values: readonly Scalar[]): Piece {
  if (values.length === 0) return FALSE;
  const condition = filled(
    `CASE WHEN json_typeof(s.j) = 'array' THEN % ELSE % END`,
    someItem(values),
    oneOf('s.j', values),
  );
  return allOf([mentions(field, ''), holds(field, condition)]);
}

const isList = (condition: Piece): Piece =>
  filled(`CASE WHEN json_typeof(s.j) = 'array' THEN % ELSE false END`, condition);

const someItem = (values: readonly Scalar[]): Piece =>
  filled('EXISTS (SELECT 1 FROM json_array_elements(s.j) AS e (j) WHERE %)', oneOf('e.j', values));

function oneOf(json: string, values: readonly Scalar[]): Piece {
  const texts = values.filter((value) => typeof value === 'string');
  const numbers = values.filter((value) => typeof value === 'number').map(String);
  const flags = values.filter((value) => typeof value === 'boolean').map(String);
  const text = `CASE json_typeof(${json}) WHEN 'string' THEN (${json} #>> '{}') = ANY(?::text[])
    WHEN 'number' THEN (${json} #>> '{}')::float8 = ANY(?::text[]::float8[])
    WHEN 'boolean' THEN (${json} #>> '{}') = ANY(?::text[])
    WHEN 'null' THEN ${values.includes(null)} ELSE false END`;
  return piece(text, textArray(texts), textArray(numbers), textArray(flags));
}
