import type { AppId } from '@rollcall/domain/app';
import { subjectOf } from '@rollcall/domain/field-value';
import type { User } from '@rollcall/domain/user';
import { type Entry, entriesOf, entryOf } from '../entry.ts';

/** A custom field that an app declared, and that is not being dropped. */
export interface DeclaredField {
  readonly field: number;
  readonly path: string;
}

/** Gives the declared fields of the app `$1`, as a change must know them: read under the lock of the app. */
export const DECLARED_FIELDS = `SELECT field, path FROM field_index WHERE app = $1 AND state <> 'dropping' ORDER BY field`;

/** Removes rows: its parameters are the four lists of `Rows`. */
export const REMOVE_ROWS = `DELETE FROM field_value f
  USING unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) AS gone (field, value, created_at, id)
  WHERE f.field = gone.field AND f.value = gone.value AND f.created_at = gone.created_at AND f.id = gone.id`;

/** Puts rows: its parameters are the four lists of `Rows`. */
export const PUT_ROWS = `INSERT INTO field_value (field, value, created_at, id)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) ON CONFLICT DO NOTHING`;

/** Rows of `field_value`, column by column: field, value, created_at, id. */
export type Rows = readonly [number[], string[], number[], string[]];

/** A user before a change, if it was there, and after it. */
export interface Changed {
  readonly before: User | undefined;
  readonly after: User;
}

/** The field that stands for the teams of an app. */
export const teamsField = (app: AppId): number => -2 * app;
/** The field that stands for the roles of an app, but for the one that nearly everybody has. */
export const rolesField = (app: AppId): number => -2 * app - 1;

/** The role that is worth no index. */
export const COMMON_ROLE = 'user';

/**
 * What must be removed from `field_value` and then put there, when users change; after their own rows were written, which
 * locks them. Either may be empty.
 */
export function rowChanges(app: AppId, fields: readonly DeclaredField[], changes: readonly Changed[]) {
  const removed: Rows = [[], [], [], []];
  const put: Rows = [[], [], [], []];
  const paths = fields.map(({ field, path }) => ({ field, path: path.split('.') }));
  for (const { before, after } of changes) {
    if (before && sameKeys(before, after, paths.length > 0)) continue;
    const was = before ? keysOf(app, paths, before) : NO_KEYS;
    const is = keysOf(app, paths, after);
    for (const [key, { field, value }] of was) if (!is.has(key)) addRow(removed, field, value, before ?? after);
    for (const [key, { field, value }] of is) if (!was.has(key)) addRow(put, field, value, after);
  }
  return { removed, put };
}

/** All rows of a user in one field, where it has none yet. */
export function addFieldRows(rows: Rows, { field, path }: DeclaredField, user: User): void {
  for (const { value } of fieldKeys(field, path.split('.'), user)) addRow(rows, field, value, user);
}

interface Key {
  readonly field: number;
  readonly value: string;
}

const NO_KEYS: ReadonlyMap<string, Key> = new Map();

function sameKeys(a: User, b: User, withFields: boolean): boolean {
  const sameCustom = !withFields || a.custom === b.custom;
  return sameCustom && a.role === b.role && a.deletedAt === b.deletedAt && `${a.teams}` === `${b.teams}`;
}

function keysOf(
  app: AppId,
  fields: readonly { readonly field: number; readonly path: readonly string[] }[],
  user: User,
): ReadonlyMap<string, Key> {
  const keys = new Map<string, Key>();
  if (user.deletedAt !== undefined) return keys;
  const add = (key: Key) => keys.set(`${key.field} ${key.value}`, key);
  for (const team of user.teams) add({ field: teamsField(app), value: storedValue(entryOf(team)) });
  if (user.role !== COMMON_ROLE) add({ field: rolesField(app), value: storedValue(entryOf(user.role)) });
  for (const { field, path } of fields) for (const key of fieldKeys(field, path, user)) add(key);
  return keys;
}

const fieldKeys = (field: number, path: readonly string[], user: User): readonly Key[] =>
  entriesOf(subjectOf(user), { path }).map((entry) => ({ field, value: storedValue(entry) }));

function addRow([fields, values, times, ids]: Rows, field: number, value: string, user: User): void {
  fields.push(field);
  values.push(value);
  times.push(user.createdAt);
  ids.push(user.id);
}

const FIRST_KIND = 'a'.charCodeAt(0);

/** The letter that the values of a kind begin with. */
export const letterOf = (kind: number): string => String.fromCharCode(FIRST_KIND + kind);

/** A value as `field_value` holds it: its bytes come in the order of kinds, and within one in that of numbers or texts. */
export function storedValue({ kind, value }: Entry): string {
  return letterOf(kind) + (typeof value === 'number' ? digitsOf(value) : value);
}

const bits = new DataView(new ArrayBuffer(8));
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/** A number as hexadecimal digits that come in the order of numbers; zeros at the end say nothing. */
function digitsOf(value: number): string {
  bits.setFloat64(0, value + 0);
  const raw = bits.getBigUint64(0);
  const ordered = raw & SIGN ? raw ^ ALL : raw | SIGN;
  return ordered.toString(16).padStart(16, '0').replace(/0+$/, '');
}
