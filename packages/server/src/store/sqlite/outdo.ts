import type { After, Sort } from '@rollcall/domain/filter';
import { FALSE, type Sql, sql, TRUE } from './sql.ts';
import { jsonPath } from './where-custom.ts';

const COLUMNS: Readonly<Record<string, string>> = { last_active: 'a.last_active' };

/**
 * What a user must be, by the first field of an order, to come before the last place that counts: whoever is not need not be
 * read. It says less than it could where SQLite's order of values is not ours.
 */
export function outdoes([first]: readonly Sort[], last: After | undefined): Sql {
  const value = last?.[0];
  // Null comes last: whatever there is comes before it, or ties.
  if (first === undefined || value === undefined || value === null) return TRUE;
  const comparison = first.direction === 1 ? '<=' : '>=';
  if (typeof first.field === 'string') {
    if (typeof value !== 'string' && typeof value !== 'number') return FALSE;
    return sql(`${COLUMNS[first.field] ?? `u.${first.field}`} ${comparison} ?`, value);
  }
  const path = jsonPath(first.field);
  if (path === undefined || typeof value === 'object' || typeof value === 'boolean') return TRUE;
  if (typeof value === 'number' && Math.abs(value) >= Number.MAX_SAFE_INTEGER) return TRUE;
  const compared = sql(`json_extract(u.custom, ?) ${comparison} ?`, path, value);
  if (first.direction === 1) return compared;
  // Downwards, true and false come before every number and text; to SQLite they are 1 and 0.
  const text = `(${compared.text} OR json_type(u.custom, ?) IN ('true', 'false', 'array', 'object'))`;
  return sql(text, ...compared.parameters, path);
}
