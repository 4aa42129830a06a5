import type { Batch, Patch, Profile } from '@rollcall/domain/change';
import {
  CUSTOM_BYTES,
  FIELDS_THAT_FIT,
  faultOfCustomKey,
  faultOfValue,
  READ_ONLY,
  RESERVED,
  shownKey,
} from '@rollcall/domain/custom';
import {
  type DomainError,
  FAULTS_NAMED,
  type Fault,
  placeOf,
  type RefusalName,
  refusal,
  refuseFaults,
} from '@rollcall/domain/error';
import { type Given, isUserId, nothingGiven, parseField } from '@rollcall/domain/field';
import { isObject, type JsonObject, type JsonValue } from '@rollcall/domain/json';
import { type CustomChange, faultOfPath, faultOfSet, overlaps, parsePath } from '@rollcall/domain/patch';
import { LIMITS } from './limits.ts';
import { parseTime } from './time.ts';

/*
 * From what a caller wrote to what the domain decides on. That custom data lies flat beside the built-in fields is known
 * to this file, which reads it, and to write.ts, which writes it.
 */

const FIELDS: ReadonlyMap<string, keyof Given> = new Map([
  ['role', 'role'],
  ['name', 'name'],
  ['image', 'image'],
  ['teams', 'teams'],
  ['teams_role', 'teamsRole'],
  ['language', 'language'],
  ['invisible', 'invisible'],
  ['privacy_settings', 'privacySettings'],
  ['revoke_tokens_issued_before', 'revokeTokensIssuedBefore'],
]);

/** Collects what is wrong with one item, each place named as the caller wrote it. */
class Complaints {
  readonly #faults: Fault[];
  readonly #index: number;
  readonly #id: string;

  constructor(faults: Fault[], index: number, id: string) {
    this.#faults = faults;
    this.#index = index;
    this.#id = id;
  }

  add(path: string, message: string, refusal: RefusalName = 'input_error'): void {
    if (this.#faults.length >= FAULTS_NAMED) return;
    const at = placeOf(this.#id, shownPath(path));
    this.#faults.push({ refusal, at, message: `${at} ${message}`, index: this.#index });
  }

  /** Says whether so many fields can fit, and complains when they cannot: then they need not be looked at. */
  fits(count: number): boolean {
    if (count <= FIELDS_THAT_FIT) return true;
    this.add('', `has more than ${CUSTOM_BYTES} bytes of custom data`, 'payload_too_big');
    return false;
  }

  /** Looks at a custom value, naming the exact place of a fault. */
  addFaultOfValue(path: string, value: JsonValue): void {
    const fault = faultOfValue(value, path);
    if (fault) this.add(fault.path, fault.message);
  }
}

const shownPath = (path: string): string =>
  path.length > 255 ? shownKey(path) : path.toWellFormed().replaceAll('\0', '\ufffd');

function invalid(at: string, message: string): DomainError {
  return refusal('input_error', `${at} ${message}`, at);
}

function checkCount(count: number, what: string): void {
  if (count === 0) throw invalid('users', `must hold at least one ${what}`);
  if (count > LIMITS.usersPerBatch)
    throw invalid('users', `must hold at most ${LIMITS.usersPerBatch} ${what}s, not ${count}`);
}

/** Reads the body of an upsert: `{"users": {"<id>": {…}}}`. Refuses a body of another shape; faults inside a user are collected. */
export function parseProfiles(body: JsonValue | undefined): Batch<Profile> {
  const users = isObject(body) ? body.users : undefined;
  if (!isObject(users)) throw invalid('users', 'expects an object of users by id');
  const ids = Object.keys(users);
  checkCount(ids.length, 'user');
  const faults: Fault[] = [];
  const items: Profile[] = [];
  for (const [index, id] of ids.entries()) {
    const profile = parseProfile(index, id, users[id] ?? null, faults);
    if (profile) items.push(profile);
  }
  return { items, faults };
}

function parseProfile(index: number, id: string, user: JsonValue, faults: Fault[]): Profile | undefined {
  const named = isUserId(id);
  const complaints = new Complaints(faults, index, named ? id : shownKey(id));
  if (!named) complaints.add('id', 'must be 1 to 255 letters, digits, or any of @ _ -');
  if (!isObject(user)) {
    complaints.add('', 'expects type object');
    return undefined;
  }
  if (Object.hasOwn(user, 'id') && user.id !== id) complaints.add('id', 'differs from the key of the user');
  const given = nothingGiven();
  const custom: Record<string, JsonValue> = {};
  const keys = Object.keys(user);
  if (!complaints.fits(keys.length)) return undefined;
  for (const key of keys) readProfileField(key, user[key] ?? null, given, custom, complaints);
  return named ? { index, id, given, custom } : undefined;
}

function readProfileField(
  key: string,
  value: JsonValue,
  given: Given,
  custom: Record<string, JsonValue>,
  complaints: Complaints,
): void {
  const field = FIELDS.get(key);
  if (field !== undefined) {
    // Only a patch revokes: here a user that was answered is sent back.
    if (field !== 'revokeTokensIssuedBefore') readField(given, field, key, value, complaints);
  } else if (RESERVED.has(key)) complaints.add(key, 'is a reserved field');
  else if (key !== 'id' && !READ_ONLY.has(key)) readCustom(key, value, custom, complaints);
}

function readField(given: Given, field: keyof Given, path: string, value: JsonValue, complaints: Complaints): void {
  parseField(given, field, value, (message, part) =>
    complaints.add(part === undefined ? path : `${path}.${part}`, message),
  );
}

function readCustom(key: string, value: JsonValue, custom: Record<string, JsonValue>, complaints: Complaints): void {
  const fault = faultOfCustomKey(key);
  if (fault !== undefined) {
    complaints.add(key === '' ? '""' : key, fault);
    return;
  }
  complaints.addFaultOfValue(key, value);
  custom[key] = value;
}

/** Reads the body of a partial update: `{"users": [{"id", "set", "unset"}]}`. Refuses as `parseProfiles` does. */
export function parsePatches(body: JsonValue | undefined): Batch<Patch> {
  const users = isObject(body) ? body.users : undefined;
  if (!Array.isArray(users)) throw invalid('users', 'expects a list of partial updates');
  checkCount(users.length, 'partial update');
  const faults: Fault[] = [];
  const items: Patch[] = [];
  for (const [index, item] of users.entries()) {
    const patch = parsePatch(index, item, faults);
    if (patch) items.push(patch);
  }
  return { items, faults };
}

function parsePatch(index: number, item: JsonValue, faults: Fault[]): Patch | undefined {
  const id = isObject(item) ? item.id : undefined;
  if (!isObject(item) || !isUserId(id)) {
    // A user without a usable id is named by its place in the list.
    const complaints = new Complaints(faults, index, String(index));
    if (isObject(item)) complaints.add('id', 'must be 1 to 255 letters, digits, or any of @ _ -');
    else complaints.add('', 'expects type object');
    return undefined;
  }
  const complaints = new Complaints(faults, index, id);
  const set = parseSet(item.set, complaints);
  const unset = parseUnset(item.unset, complaints);
  if (!complaints.fits(Object.keys(set).length)) return undefined;
  return { index, id, ...readChanges(set, unset, complaints) };
}

function parseSet(set: JsonValue | undefined, complaints: Complaints): JsonObject {
  if (set === undefined || set === null) return {};
  if (isObject(set)) return set;
  complaints.add('set', 'expects type object');
  return {};
}

function parseUnset(unset: JsonValue | undefined, complaints: Complaints): readonly string[] {
  if (unset === undefined || unset === null) return [];
  if (!Array.isArray(unset) || !unset.every((path) => typeof path === 'string')) {
    complaints.add('unset', 'expects type array of strings');
  } else if (unset.length > FIELDS_THAT_FIT) {
    complaints.add('unset', `names more than ${FIELDS_THAT_FIT} paths`);
  } else return unset;
  return [];
}

function readChanges(
  set: JsonObject,
  unset: readonly string[],
  complaints: Complaints,
): { given: Given; changes: readonly CustomChange[] } {
  const given = nothingGiven();
  const changes: CustomChange[] = [];
  const sets = Object.keys(set).filter((key) => readSet(key, set[key] ?? null, given, changes, complaints));
  const unsets = unset.filter((key) => readUnset(key, given, changes, complaints));
  const overlap = overlaps(sets, unsets);
  for (const path of overlap.set) complaints.add(`set.${path}`, 'overlaps with another path');
  for (const path of overlap.unset) complaints.add(`unset.${path}`, 'overlaps with another path');
  return { given, changes };
}

const TOO_LONG = 'is longer than any path';

/** Reads one entry of `set`; says whether its path is one. */
function readSet(
  key: string,
  value: JsonValue,
  given: Given,
  changes: CustomChange[],
  complaints: Complaints,
): boolean {
  const path = parsePath(key);
  const fault = path ? faultOfPath(path) : TOO_LONG;
  if (!path || fault !== undefined) {
    complaints.add(`set.${key}`, fault ?? TOO_LONG);
    return false;
  }
  const field = FIELDS.get(key);
  if (field !== undefined) {
    const stated = field === 'revokeTokensIssuedBefore' ? timeOf(value) : value;
    readField(given, field, `set.${key}`, stated, complaints);
    return true;
  }
  const wrong = faultOfSet(path, value);
  if (wrong === undefined) changes.push({ path, value });
  else complaints.add(`set.${key}`, wrong);
  return true;
}

/** A time as the domain has it; what is none is left for the domain to refuse. */
function timeOf(value: JsonValue): JsonValue {
  if (value === null) return null;
  return typeof value === 'string' ? (parseTime(value) ?? value) : false;
}

/** Reads one path of `unset`; says whether it is one. */
function readUnset(key: string, given: Given, changes: CustomChange[], complaints: Complaints): boolean {
  const path = parsePath(key);
  const field = FIELDS.get(key);
  const fault = path ? faultOfPath(path) : TOO_LONG;
  if (!path || fault !== undefined) complaints.add(`unset.${key}`, fault ?? TOO_LONG);
  else if (field === 'role') complaints.add(`unset.${key}`, 'cannot be unset: a user always has a role');
  else if (field === undefined) changes.push({ path, value: undefined });
  else given[field] = null;
  return path !== undefined && fault === undefined;
}

/** What a connecting user may say of itself. */
const CONNECT_FIELDS = new Set<keyof Given>(['name', 'image', 'language', 'invisible', 'privacySettings']);

/**
 * Reads the details that a connect brings. They add and change, they never take away: null for a built-in field says
 * nothing, and what a user may not write about itself is passed over in silence.
 */
export function parseDetails(id: string, details: JsonObject): Batch<Patch> {
  const faults: Fault[] = [];
  const complaints = new Complaints(faults, 0, id);
  const given = nothingGiven();
  const custom: Record<string, JsonValue> = {};
  if (!complaints.fits(Object.keys(details).length)) refuseFaults(faults);
  for (const key of Object.keys(details)) {
    const value = details[key] ?? null;
    const field = FIELDS.get(key);
    if (field === undefined) {
      if (!RESERVED.has(key) && !READ_ONLY.has(key) && key !== 'id') readCustom(key, value, custom, complaints);
    } else if (CONNECT_FIELDS.has(field) && value !== null) readField(given, field, key, value, complaints);
  }
  refuseFaults(faults);
  const changes = Object.keys(custom).map((key) => ({ path: [key], value: custom[key] ?? null }));
  return { items: [{ index: 0, id, given, changes }], faults };
}
