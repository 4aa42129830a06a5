import { isStorable, type JsonObject, type JsonValue, utf8Length } from './json.ts';

/** Custom data of a user, with its name and image, as compact JSON in UTF-8. */
export const CUSTOM_BYTES = 5120;
/** How many objects and lists may lie in one another, the user itself not counted. */
export const NESTING = 20;
const KEY_CHARACTERS = 255;
/** More fields than this never fit: the shortest, `"a":1,`, has six bytes. */
export const FIELDS_THAT_FIT = 1000;

/** Fields an app may never have, nor write. */
export const RESERVED = new Set(['app_pk', 'pk', 'user_pk', 'extra_data', 'custom']);

/** Fields Rollcall answers and nobody writes: ignored in an upsert and at connect, refused in a patch. */
export const READ_ONLY = new Set(
  `online last_active banned ban_expires shadow_banned mutes channel_mutes blocked_user_ids devices created_at updated_at
  deactivated_at deleted_at total_unread_count unread_channels unread_count unread_threads unread_thread_messages
  channel_unread_count channel_last_read_at total_unread_count_by_team latest_hidden_channels roles avg_response_time
  bypass_moderation push_notifications push_preferences`.split(/\s+/),
);

/** Fields with a meaning of their own that somebody may write. */
export const WRITABLE = new Set(
  'role name image teams teams_role language invisible privacy_settings revoke_tokens_issued_before'.split(' '),
);

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const MAY_VARY_IN_CASE = /[A-Z\u0080-\uffff]/;
/** The `iu` flags compare by Unicode simple folding: a Kelvin sign is a k, a long ſ is an s. */
const BUILT_IN_IN_ANY_CASE = new RegExp(`^(?:id|${[...RESERVED, ...READ_ONLY, ...WRITABLE].join('|')})$`, 'iu');

/** Says what is wrong with the name of a custom field, or nothing. */
export function faultOfCustomKey(key: string): string | undefined {
  if (MAY_VARY_IN_CASE.test(key) && BUILT_IN_IN_ANY_CASE.test(key)) {
    return 'differs from a built-in field only by case';
  }
  return faultOfKey(key);
}

/** Says what is wrong with a key at any depth, or nothing. */
export function faultOfKey(key: string): string | undefined {
  if (key === '' || hasMoreCharacters(key, KEY_CHARACTERS))
    return `is not a valid key: it must have 1 to ${KEY_CHARACTERS} characters`;
  if (FORBIDDEN_KEYS.has(key)) return 'is a forbidden key';
  // The engine would take other keys for it (protocol/json.ts).
  if (key.includes('\\')) return 'is a key with a backslash';
  return isStorable(key) ? undefined : 'is a key with a lone surrogate or a NUL character';
}

/** Counted in code points, each of which is one or two units of a text. */
const hasMoreCharacters = (text: string, most: number): boolean =>
  text.length > most && (text.length > 2 * most || [...text].length > most);

/** Something wrong inside a value: what, and under which path. */
export interface ValueFault {
  readonly path: string;
  readonly message: string;
}

/**
 * Finds the first thing that keeps a value from being stored: a number that is not finite, text that is not Unicode,
 * a forbidden key, nesting past the limit. `depth` is the number of objects the value already lies in, the user not counted.
 */
export function faultOfValue(value: JsonValue, path: string, depth = 0): ValueFault | undefined {
  const fault = findFault(value, depth);
  return fault && { path: [path, ...fault.path].join('.'), message: fault.message };
}

/** A fault and the way to it. The way is built on the return, so that what is in order costs nothing. */
interface Found {
  readonly path: readonly string[];
  readonly message: string;
}

function findFault(value: JsonValue, depth: number): Found | undefined {
  if (typeof value === 'string') {
    return isStorable(value) ? undefined : { path: [], message: 'contains a lone surrogate or a NUL character' };
  }
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : { path: [], message: 'is not a finite number' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= NESTING) return { path: [], message: `is nested more than ${NESTING} levels deep` };
  return Array.isArray(value) ? findInList(value, depth + 1) : findInObject(value as JsonObject, depth + 1); // no list: an object
}

function findInList(list: readonly JsonValue[], depth: number): Found | undefined {
  for (let at = 0; at < list.length; at++) {
    const fault = findFault(list[at] ?? null, depth);
    if (fault) return { path: [String(at), ...fault.path], message: fault.message };
  }
  return undefined;
}

function findInObject(object: JsonObject, depth: number): Found | undefined {
  for (const key of Object.keys(object)) {
    const message = faultOfKey(key);
    if (message !== undefined) return { path: [shownKey(key)], message };
    const fault = findFault(object[key] ?? null, depth);
    if (fault) return { path: [key, ...fault.path], message: fault.message };
  }
  return undefined;
}

/** A hostile key, made fit to be named in an error. */
export function shownKey(key: string): string {
  const short = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return short.toWellFormed().replaceAll('\u0000', '\ufffd');
}

/** The size that the limit speaks of: custom data with name and image, as compact JSON, in bytes of UTF-8. */
export function customBytes(custom: string, name: string | undefined, image: string | undefined): number {
  return (
    utf8Length(custom) +
    fieldBytes('name', name) +
    fieldBytes('image', image) -
    (custom === '{}' && (name ?? image) !== undefined ? 1 : 0)
  );
}

function fieldBytes(key: string, text: string | undefined): number {
  // Quotes around the key, a colon and a comma: `"name":…,`
  return text === undefined ? 0 : key.length + 4 + utf8Length(JSON.stringify(text));
}

/** Says whether custom data is over the limit; what is short for sure is not counted. */
export function isTooBig(custom: string, name: string | undefined, image: string | undefined): boolean {
  // One character is at most six bytes of JSON: \u0001.
  if (custom.length * 3 + ((name?.length ?? 0) + (image?.length ?? 0)) * 6 + 32 <= CUSTOM_BYTES) return false;
  return customBytes(custom, name, image) > CUSTOM_BYTES;
}
