import { createHash } from 'node:crypto';
import { refusal } from '@rollcall/domain/error';
import { type After, placeInOrder, type SortField, type SortValue } from '@rollcall/domain/filter';
import { isStorable } from '@rollcall/domain/json';
import type { User } from '@rollcall/domain/user';
import { parseJson } from '@rollcall/protocol/json';
import type { Search } from '@rollcall/protocol/query';

const VERSION = 2;

/** What a cursor is only good for: the same question. */
function hashOf({ filter, sort, includeDeactivated }: Search): string {
  return createHash('sha256')
    .update(JSON.stringify([filter, sort, includeDeactivated]))
    .digest('base64url')
    .slice(0, 16);
}

/** Writes where the next page begins: after this user. Opaque to callers: a version, a hash of the question, the last values. */
export function writeCursor(search: Search, last: User): string {
  const values = placeInOrder(search.sort, last);
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
    const parsed = parseJson(bytes.toString(), 'next');
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** Says whether a field can have this value in some row, so that no store meets another. */
function isValueOf(field: SortField, value: unknown): value is SortValue {
  switch (field) {
    case 'created_at':
    case 'updated_at':
      return Number.isSafeInteger(value);
    case 'last_active':
    case 'deactivated_at':
      return value === null || Number.isSafeInteger(value);
    case 'id':
    case 'role':
      return isText(value);
    case 'name':
      return value === null || isText(value);
    default:
      return isCustom(value);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && isStorable(value);

function isCustom(value: unknown): value is SortValue {
  if (Array.isArray(value)) return value.length === 0;
  return isText(value) || Number.isFinite(value) || typeof value === 'boolean' || value === null;
}
