import { createHash } from 'node:crypto';
import { refusal } from '@rollcall/domain/error';
import { type After, fieldOf } from '@rollcall/domain/filter';
import { isStorable } from '@rollcall/domain/json';
import type { User } from '@rollcall/domain/user';
import type { Search } from '@rollcall/protocol/query';

const VERSION = 1;

/** What a cursor is only good for: the same question. */
function hashOf({ filter, sort, includeDeactivated }: Search): string {
  return createHash('sha256')
    .update(JSON.stringify([filter, sort, includeDeactivated]))
    .digest('base64url')
    .slice(0, 16);
}

/** Writes where the next page begins: after this user. Opaque to callers: a version, a hash of the question, the last values. */
export function writeCursor(search: Search, last: User): string {
  const values = search.sort.map(({ field }) => fieldOf(last, field) ?? null);
  return Buffer.from(JSON.stringify([VERSION, hashOf(search), ...values])).toString('base64url');
}

/** Reads a cursor back, or refuses one that is malformed or belongs to another question. */
export function readCursor(search: Search, cursor: string): After {
  const [version, hash, ...values] = parse(cursor);
  const fits =
    version === VERSION &&
    hash === hashOf(search) &&
    values.length === search.sort.length &&
    search.sort.every(({ field }, at) => isValueOf(field, values[at]));
  if (!fits) throw refusal('input_error', 'next does not belong to this filter and sort', 'next');
  return values as After; // each was looked at
}

function parse(cursor: string): readonly unknown[] {
  const bytes = Buffer.from(cursor, 'base64url');
  // The decoder passes over what is no base64url; a cursor with that in it is none of ours.
  if (bytes.toString('base64url') !== cursor) return [];
  try {
    const parsed: unknown = JSON.parse(bytes.toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function isValueOf(field: string, value: unknown): boolean {
  if (field === 'created_at' || field === 'updated_at') return Number.isSafeInteger(value);
  if (value === null) return field === 'name';
  return typeof value === 'string' && isStorable(value);
}
