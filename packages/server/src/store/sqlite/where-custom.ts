import type { CustomField, Field, Filter, Scalar } from '@rollcall/domain/filter';
import { allOf, anyOf, FALSE, type Sql, sql } from './sql.ts';

/** What `JSON.stringify` writes otherwise than it is, and what a path has a meaning for. */
const ESCAPED = /[\u0000-\u001f"\\]/;
/** In longer lists SQL does not look. */
export const LIST = 100;
/** A list of so few is asked for one by one. */
const FEW = 8;

/** A condition on a custom field. */
export type OnCustom = Extract<Filter, { readonly field: Field }> & {
  readonly op: '$eq' | '$gt' | '$gte' | '$lt' | '$lte' | '$in' | '$exists' | '$contains' | 'same_set';
  readonly field: CustomField;
};

/** A field's place as SQLite writes it; undefined when it cannot say it. */
export function jsonPath({ path }: CustomField): string | undefined {
  return path.some((segment) => ESCAPED.test(segment)) ? undefined : `$${path.map((one) => `."${one}"`).join('')}`;
}

/**
 * Says in SQL what a condition on custom data means, or, with `over`, something weaker; undefined when it cannot. The type is
 * asked for first: SQLite has 1 for true, and the text of a list.
 */
export function customWhere(filter: OnCustom, over: boolean): Sql | undefined {
  const path = jsonPath(filter.field);
  if (path === undefined) return undefined;
  switch (filter.op) {
    case '$eq':
      return equals(path, filter.value);
    case '$exists':
      return sql(`json_type(u.custom, ?) IS ${filter.value ? 'NOT ' : ''}NULL`, path);
    case '$in':
      return isAmong(path, filter.values, over);
    case '$contains':
      return over ? mayContain(path, filter.value) : undefined;
    case 'same_set':
      return over ? isList(path) : undefined;
    default:
      return ranges(path, filter.op, filter.value);
  }
}

const isList = (path: string): Sql => sql(`json_type(u.custom, ?) IS 'array'`, path);

/** Looks for the text of a value anywhere: a tenth of the cost of parsing, and it must be somewhere. */
const mentions = (value: string): Sql => sql('instr(u.custom, ?) > 0', JSON.stringify(value));

function equals(path: string, value: Scalar): Sql | undefined {
  if (value === null || typeof value === 'boolean') return sql(`json_type(u.custom, ?) IS '${value}'`, path);
  if (typeof value === 'string') return allOf([mentions(value), compares(path, '=', value)]);
  return isSafe(value) ? compares(path, '=', value) : undefined;
}

/** Whole numbers beyond 2^53 are read by SQLite to the last digit, by us as the nearest double. */
const isSafe = (value: number): boolean => Math.abs(value) < Number.MAX_SAFE_INTEGER;

function compares(path: string, comparison: string, value: string | number): Sql {
  const types = typeof value === 'string' ? `('text')` : `('integer', 'real')`;
  return sql(
    `coalesce(json_type(u.custom, ?) IN ${types} AND json_extract(u.custom, ?) ${comparison} ?, 0)`,
    path,
    path,
    value,
  );
}

const COMPARISON = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

function ranges(path: string, op: keyof typeof COMPARISON, value: string | number): Sql | undefined {
  return typeof value === 'string' || isSafe(value) ? compares(path, COMPARISON[op], value) : undefined;
}

function mayContain(path: string, value: Scalar): Sql {
  return typeof value === 'string' ? allOf([mentions(value), isList(path)]) : isList(path);
}

function isAmong(path: string, values: readonly Scalar[], over: boolean): Sql | undefined {
  if (values.length === 0) return FALSE;
  if (!over || values.length > LIST || values.some((value) => typeof value === 'number' && !isSafe(value)))
    return undefined;
  if (values.length <= FEW) {
    const each = values.map((value) => equals(path, value)).filter((one) => one !== undefined);
    return anyOf([...each, allOf([isList(path), anyOf(values.map((value) => mayContain(path, value)))])]);
  }
  const scalar = sql('json_extract(u.custom, ?) IN (SELECT value FROM json_each(?))', path, JSON.stringify(values));
  const missing = values.includes(null) ? 1 : 0;
  return anyOf([isList(path), sql(`coalesce(${scalar.text}, ${missing})`, ...scalar.parameters)]);
}
