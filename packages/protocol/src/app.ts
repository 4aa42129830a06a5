import { type App, type AppSettings, BUILT_IN_ROLES, type CustomRole } from '@rollcall/domain/app';
import { faultOfValue, shownKey, WRITABLE } from '@rollcall/domain/custom';
import { refusal } from '@rollcall/domain/error';
import { equalJson, inOrder, isObject, type JsonObject, type JsonValue, utf8Length } from '@rollcall/domain/json';
import { faultOfPath, type Path, parsePath } from '@rollcall/domain/patch';
import { LIMITS } from './limits.ts';
import type { SettingsBody } from './schema.ts';
import { parseTime, writeTime } from './time.ts';

const READ_ONLY = new Set(
  'id name organization placement suspended suspended_explanation api_key indexed_fields_state'.split(' '),
);
const UNSTORED_WHEN_ZERO = new Set(['policies', 'channel_configs', 'push_notifications']);
const OWN = new Set(
  `enforce_unique_usernames enforce_unique_username multi_tenant_enabled disable_auth_checks disable_permissions_checks
  revoke_tokens_issued_before user_search_disallowed_roles guest_user_creation_disabled connect_policy permission_version
  indexed_fields`.split(/\s+/),
);
const CONFIDENTIAL = /secret|key|credential|password/i;
const MASK = '***';

/** A change of settings, and what its caller should know about it. */
export interface SettingsChange {
  readonly settings: AppSettings;
  readonly warnings: readonly string[];
}

/**
 * Applies a body whose shape was checked to the settings of an app. Clients of this API send their whole settings struct
 * with every change, so null and empty text say nothing, and `revoke_tokens_issued_before: null` undoes only when it is
 * all that is said. Refuses a time or a path that is none, and more than 64 KiB of settings that Rollcall only keeps.
 */
export function changeSettings(before: AppSettings, body: SettingsBody): SettingsChange {
  // The schema let through any other key; every value came out of a JSON parser.
  const { other, warnings } = keepOthers(before.other, body as JsonObject);
  const indexedFields = parseIndexedFields(body.indexed_fields) ?? before.indexedFields;
  const unique = body.enforce_unique_usernames || body.enforce_unique_username;
  const settings: AppSettings = {
    ...before,
    enforceUniqueUsernames: unique || before.enforceUniqueUsernames,
    multiTenantEnabled: body.multi_tenant_enabled ?? before.multiTenantEnabled,
    disableAuthChecks: body.disable_auth_checks ?? before.disableAuthChecks,
    disablePermissionsChecks: body.disable_permissions_checks ?? before.disablePermissionsChecks,
    revokeTokensIssuedBefore: parseRevocation(before, body),
    userSearchDisallowedRoles: body.user_search_disallowed_roles ?? before.userSearchDisallowedRoles,
    guestUserCreationDisabled: body.guest_user_creation_disabled ?? before.guestUserCreationDisabled,
    connectPolicy: body.connect_policy || before.connectPolicy,
    permissionVersion: body.permission_version || before.permissionVersion,
    indexedFields,
    other,
  };
  return { settings, warnings };
}

function invalid(key: string, message: string): never {
  const at = shownKey(key);
  throw refusal('input_error', `${at} ${message}`, at);
}

function parseRevocation(before: AppSettings, body: SettingsBody): number | undefined {
  const given = body.revoke_tokens_issued_before;
  if (given === undefined) return before.revokeTokensIssuedBefore;
  if (given === null) return Object.keys(body).length === 1 ? undefined : before.revokeTokensIssuedBefore;
  return parseTime(given) ?? invalid('revoke_tokens_issued_before', 'expects type time');
}

function parseIndexedFields(fields: readonly string[] | null | undefined): readonly string[] | undefined {
  if (!fields) return undefined;
  for (const field of fields) {
    const path = parsePath(field);
    const fault = path ? faultOfIndexed(path) : 'is longer than any path';
    if (fault !== undefined) invalid('indexed_fields', `"${shownKey(field)}" ${fault}`);
  }
  return [...new Set(fields)];
}

/** Built-in fields have the indexes they need. */
const faultOfIndexed = (path: Path): string | undefined =>
  faultOfPath(path) ?? (WRITABLE.has(path[0] ?? '') ? 'is a built-in field' : undefined);

/** Keeps the settings of products that are not served. A masked value that comes back keeps what is behind the mask. */
function keepOthers(before: JsonObject, body: JsonObject): { other: JsonObject; warnings: string[] } {
  const other: Record<string, JsonValue> = { ...before };
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(body)) {
    if (OWN.has(key) || READ_ONLY.has(key)) continue;
    const fault = faultOfValue({ [key]: value }, '');
    if (fault) invalid(key, fault.message);
    if (UNSTORED_WHEN_ZERO.has(key) && isZero(value)) continue;
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    const kept = unmask(key, value, was);
    other[key] = kept;
    if (!isZero(kept) && (was === undefined || !equalJson(was, kept))) warnings.push(warningOf(key));
  }
  if (utf8Length(JSON.stringify(other)) > LIMITS.otherSettingsBytes) {
    throw refusal('payload_too_big', `settings that are only kept must fit in ${LIMITS.otherSettingsBytes} bytes`);
  }
  return { other, warnings };
}

function warningOf(key: string): string {
  if (/hook|custom_action_handler/.test(key)) return `${key} is stored; Rollcall does not deliver webhooks yet`;
  if (/push|apn|firebase|huawei|xiaomi/.test(key))
    return `${key} is stored; Rollcall does not send push notifications yet`;
  return `${key} is stored; Rollcall does not use it`;
}

/** Says whether a value is nothing but zeros, all the way down: what a struct holds that nobody filled. */
function isZero(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  return Object.values(value).every((inner: JsonValue) => isZero(inner));
}

function unmask(key: string, value: JsonValue, before: JsonValue | undefined): JsonValue {
  if (value === MASK && CONFIDENTIAL.test(key)) return before ?? value;
  if (Array.isArray(value)) return unmaskItems(key, value, Array.isArray(before) ? before : []);
  if (!isObject(value)) return value;
  const old = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(value).map(([inner, item]) => [
      inner,
      unmask(inner, item, Object.hasOwn(old, inner) ? old[inner] : undefined),
    ]),
  );
}

/**
 * The items of a list may have moved: each is the old one that reads the same, else the one with its id, else, in a list as long
 * as it was, the one in its place.
 */
function unmaskItems(key: string, items: readonly JsonValue[], before: readonly JsonValue[]): JsonValue {
  const shown = before.map((old) => mask(key, old));
  const byText = placesBy(shown, textOf);
  const byId = placesBy(before, idOf);
  return items.map((item, at) => {
    const old = shown[at];
    if (old !== undefined && equalJson(old, item)) return unmask(key, item, before[at]);
    const id = idOf(item);
    const moved = byText.get(textOf(item)) ?? (id === undefined ? undefined : byId.get(id));
    const inPlace = items.length === before.length ? at : -1;
    return unmask(key, item, before[moved ?? inPlace]);
  });
}

const textOf = (value: JsonValue): string => JSON.stringify(inOrder(value));
const idOf = (value: JsonValue): string | undefined =>
  isObject(value) && typeof value.id === 'string' ? value.id : undefined;

/** Where in a list each name stands first. */
function placesBy(list: readonly JsonValue[], nameOf: (value: JsonValue) => string | undefined): Map<string, number> {
  const places = new Map<string, number>();
  for (const [at, value] of list.entries()) {
    const name = nameOf(value);
    if (name !== undefined && !places.has(name)) places.set(name, at);
  }
  return places;
}

function mask(key: string, value: JsonValue): JsonValue {
  if (CONFIDENTIAL.test(key) && !isZero(value)) return MASK;
  if (Array.isArray(value)) return value.map((item: JsonValue) => mask(key, item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, mask(inner, item)]));
}

/** What an app's backend is told of the index of a declared field. */
export interface IndexState {
  readonly path: string;
  readonly ready: boolean;
  /** How many users it took in while it was built. */
  readonly users: number;
}

/** Writes an app as its backend sees it: confidential values masked, the secret left out. */
export function writeApp(app: App, indexes: readonly IndexState[] = []): JsonObject {
  const { settings } = app;
  const revoked = settings.revokeTokensIssuedBefore;
  return {
    ...Object.fromEntries(Object.entries(settings.other).map(([key, value]) => [key, mask(key, value)])),
    id: app.id,
    name: app.name,
    organization: '',
    suspended: app.suspended,
    suspended_explanation: app.suspendedExplanation,
    enforce_unique_usernames: settings.enforceUniqueUsernames,
    multi_tenant_enabled: settings.multiTenantEnabled,
    disable_auth_checks: settings.disableAuthChecks,
    disable_permissions_checks: settings.disablePermissionsChecks,
    revoke_tokens_issued_before: revoked === undefined ? null : writeTime(revoked),
    user_search_disallowed_roles: settings.userSearchDisallowedRoles,
    guest_user_creation_disabled: settings.guestUserCreationDisabled,
    connect_policy: settings.connectPolicy,
    permission_version: settings.permissionVersion,
    indexed_fields: settings.indexedFields,
    indexed_fields_state: Object.fromEntries(
      indexes.map(({ path, ready, users }) => [path, ready ? { state: 'ready' } : { state: 'building', users }]),
    ),
  };
}

/** Writes a role that an app made. */
export function writeRole({ name, createdAt, updatedAt }: CustomRole): JsonObject {
  return { name, custom: true, scopes: [], created_at: writeTime(createdAt), updated_at: writeTime(updatedAt) };
}

/** Writes every role of an app, those it came with first. */
export function writeRoles(app: App): readonly JsonObject[] {
  const born = writeTime(app.createdAt);
  const builtIn = BUILT_IN_ROLES.map((name) => ({
    name,
    custom: false,
    scopes: [],
    created_at: born,
    updated_at: born,
  }));
  return [...builtIn, ...app.settings.customRoles.map(writeRole)];
}
