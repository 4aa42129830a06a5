import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, type AppId, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { outcome } from '@rollcall/domain/arbitrary.test';
import { isObject, type JsonObject, type JsonValue } from '@rollcall/domain/json';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import { changeSettings, writeApp, writeRoles } from './app.ts';
import { AppAnswer, RolesAnswer, SettingsBody } from './schema.ts';

const SOME = {
  ...DEFAULT_SETTINGS,
  enforceUniqueUsernames: 'team' as const,
  connectPolicy: 'create_only' as const,
  multiTenantEnabled: true,
  revokeTokensIssuedBefore: 5000,
  userSearchDisallowedRoles: ['guest'],
  indexedFields: ['color'],
  other: {
    webhook_url: 'http://x',
    push_config: { apn: { auth_key: 'K', team: 'T' }, list: [{ secret: 'S', id: 1 }] },
  },
};

const appOf = (settings = SOME): App => ({
  id: 7 as AppId, // the store's number, here a made-up one
  key: 'key',
  secret: 'very secret',
  name: 'App',
  createdAt: 0,
  suspended: false,
  suspendedExplanation: '',
  settings,
});

/** Changes settings by a body that has the shape. */
function change(body: JsonValue, before = SOME) {
  assert.ok(Check(SettingsBody, body), JSON.stringify(body));
  return changeSettings(before, body);
}

function refusalOf(body: JsonValue): string | undefined {
  const said = outcome(() => change(body));
  return 'refused' in said
    ? `${said.refused.refusal} ${said.refused.faults[0]?.at}: ${said.refused.message}`
    : undefined;
}

test('only the keys that are present change', () => {
  assert.deepEqual(change({}), { settings: SOME, warnings: [] });
  assert.deepEqual(change({ multi_tenant_enabled: false }).settings, { ...SOME, multiTenantEnabled: false });
  const all = change({
    enforce_unique_usernames: 'app',
    multi_tenant_enabled: false,
    disable_auth_checks: true,
    disable_permissions_checks: true,
    revoke_tokens_issued_before: '1970-01-01T00:00:09Z',
    user_search_disallowed_roles: [],
    guest_user_creation_disabled: true,
    connect_policy: 'merge',
    permission_version: 'v2',
    indexed_fields: ['a.b', 'a.b', 'c'],
  });
  assert.deepEqual(all.settings, {
    enforceUniqueUsernames: 'app',
    multiTenantEnabled: false,
    disableAuthChecks: true,
    disablePermissionsChecks: true,
    revokeTokensIssuedBefore: 9000,
    userSearchDisallowedRoles: [],
    guestUserCreationDisabled: true,
    connectPolicy: 'merge',
    permissionVersion: 'v2',
    indexedFields: ['a.b', 'c'],
    customRoles: [],
    other: SOME.other,
  });
});

test('uniqueness may be written in either spelling', () => {
  assert.equal(change({ enforce_unique_username: 'app' }).settings.enforceUniqueUsernames, 'app');
  assert.equal(
    change({ enforce_unique_username: 'no', enforce_unique_usernames: '' }).settings.enforceUniqueUsernames,
    'no',
  );
});

const OWN = [
  'enforce_unique_usernames',
  'enforce_unique_username',
  'multi_tenant_enabled',
  'disable_auth_checks',
  'disable_permissions_checks',
  'revoke_tokens_issued_before',
  'user_search_disallowed_roles',
  'guest_user_creation_disabled',
  'connect_policy',
  'permission_version',
  'indexed_fields',
];
const READ_ONLY = [
  'id',
  'name',
  'organization',
  'placement',
  'suspended',
  'suspended_explanation',
  'api_key',
  'indexed_fields_state',
];

test('null and empty text say nothing: a client sends its whole struct with every change', () => {
  const nulls = Object.fromEntries(OWN.map((key) => [key, null]));
  assert.deepEqual(change(nulls).settings, SOME);
  const empty = {
    enforce_unique_usernames: '',
    enforce_unique_username: '',
    connect_policy: '',
    permission_version: '',
  };
  assert.deepEqual(change(empty).settings, SOME);
  const zero = { policies: {}, channel_configs: { a: { b: [0, ''] } }, push_notifications: null };
  assert.deepEqual(change({ ...nulls, ...empty, ...zero }), { settings: SOME, warnings: [] });
});

test('what the operator sets is passed over, whatever is said', () => {
  const said = Object.fromEntries(READ_ONLY.map((key) => [key, { any: true }]));
  assert.deepEqual(change(said), { settings: SOME, warnings: [] });
});

test('a revocation of all tokens is undone by null alone, not by null beside others', () => {
  assert.equal(change({ revoke_tokens_issued_before: null }).settings.revokeTokensIssuedBefore, undefined);
  for (const other of [{ name: 'x' }, { multi_tenant_enabled: null }, { anything: null }]) {
    const { settings } = change({ revoke_tokens_issued_before: null, ...other });
    assert.equal(settings.revokeTokensIssuedBefore, 5000);
  }
});

test('a bad value is refused, its key named', () => {
  assert.match(refusalOf({ indexed_fields: ['a b'] }) ?? '', /^input_error indexed_fields: indexed_fields "a b" has/);
  assert.match(refusalOf({ indexed_fields: ['id'] }) ?? '', /^input_error indexed_fields: .*is the id of the user/);
  assert.match(refusalOf({ x: { __proto__x: 1, constructor: 1 } }) ?? '', /^input_error x: x is a forbidden key/);
  assert.match(refusalOf({ x: '\0' }) ?? '', /^input_error x: x contains a lone surrogate or a NUL/);
  assert.match(refusalOf(JSON.parse('{"__proto__":1}')) ?? '', /^input_error __proto__: __proto__ is a forbidden key/);
});

const badShapes: readonly JsonObject[] = [
  { enforce_unique_usernames: 'yes' },
  { enforce_unique_username: true },
  { multi_tenant_enabled: 'true' },
  { revoke_tokens_issued_before: 5 },
  { revoke_tokens_issued_before: 'soon' },
  { user_search_disallowed_roles: 'guest' },
  { connect_policy: 'always' },
  { permission_version: 'v1' },
  { indexed_fields: Array(11).fill('a') },
  { indexed_fields: [''] },
];

test('a value of the wrong type has not the shape', () => {
  for (const body of badShapes) assert.ok(!Check(SettingsBody, body), JSON.stringify(body));
});

test('settings of other products are kept, given back, and warned of when they are news', () => {
  const first = change({ event_hooks: [{ url: 'x' }], push_x: 1, other: 'y' }, SOME);
  assert.deepEqual(first.warnings, [
    'event_hooks is stored; Rollcall does not deliver webhooks yet',
    'push_x is stored; Rollcall does not send push notifications yet',
    'other is stored; Rollcall does not use it',
  ]);
  assert.deepEqual(first.settings.other, { ...SOME.other, event_hooks: [{ url: 'x' }], push_x: 1, other: 'y' });
  assert.deepEqual(
    change({ event_hooks: [{ url: 'x' }] }, { ...SOME, other: first.settings.other as typeof SOME.other }).warnings,
    [],
  );
});

test('how far the index of a declared field has come is told beside the settings', () => {
  assert.deepEqual(change({ indexed_fields: ['size'] }).warnings, []);
  const states = [
    { path: 'size', ready: false, users: 12_000 },
    { path: 'address.city', ready: true, users: 5 },
  ];
  assert.deepEqual(writeApp(appOf(), states).indexed_fields_state, {
    size: { state: 'building', users: 12_000 },
    'address.city': { state: 'ready' },
  });
});

test('what is only kept fits in 64 KiB', () => {
  const room = 65_536 - JSON.stringify({ ...SOME.other, x: '' }).length;
  assert.equal(refusalOf({ x: 'a'.repeat(room) }), undefined);
  assert.match(refusalOf({ x: 'a'.repeat(room + 1) }) ?? '', /^payload_too_big : settings that are only kept/);
  assert.match(refusalOf({ x: '中'.repeat(Math.floor(room / 3) + 1) }) ?? '', /^payload_too_big/);
});

test('confidential values are masked, the secret is never written', () => {
  const written = writeApp(appOf());
  assert.deepEqual(written.push_config, { apn: { auth_key: '***', team: 'T' }, list: [{ secret: '***', id: 1 }] });
  assert.ok(!/very secret|"key"|"[KS]"/.test(JSON.stringify(written)));
  assert.ok(Check(AppAnswer, { app: written, duration: '' }));
  const open = writeApp(appOf({ ...SOME, other: { ...SOME.other, webhook_url: '' } }));
  assert.deepEqual([open.webhook_url, open.revoke_tokens_issued_before], ['', '1970-01-01T00:00:05.000Z']);
});

const key = fc.constantFrom('auth_key', 'secret', 'Password', 'credentials_json', 'url', 'list');
const { kept } = fc.letrec<{ kept: JsonValue }>((tie) => ({
  kept: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>('', 'text', 0, 5, null, true, false),
    fc.array(tie('kept'), { maxLength: 3 }),
    fc.dictionary(key, tie('kept'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** What lies under keys that a stranger may not read. */
function confidential(json: JsonValue, hidden = false): JsonValue[] {
  if (typeof json === 'string' || typeof json === 'number') return hidden && json ? [json] : [];
  if (Array.isArray(json)) return json.flatMap((item: JsonValue) => confidential(item, hidden));
  if (!isObject(json)) return [];
  return Object.entries(json).flatMap(([name, item]) =>
    confidential(item, hidden || /key|secret|password|credential/i.test(name)),
  );
}

test('an app that is read and sent back keeps what is behind the masks, and nothing is news', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('hooks', 'aws_key', 'x'), kept, { noNullPrototype: true }), (other) => {
      const before = { ...DEFAULT_SETTINGS, other };
      const written = writeApp({ ...appOf(), settings: before });
      assert.deepEqual(
        confidential(written).filter((value) => value !== '***'),
        [],
      );
      const { settings, warnings } = changeSettings(before, JSON.parse(JSON.stringify(written)));
      assert.deepEqual([settings, warnings], [before, []]);
    }),
    { numRuns: 500 },
  );
});

test('a masked secret stays with its item, wherever that moves in a list', () => {
  const hook = (id: string, secret: string, url = `http://${id}`) => ({ id, url, secret });
  const [one, two, three] = [hook('1', 'S1'), hook('2', 'S2'), hook('3', 'S3')];
  const shown = (item: ReturnType<typeof hook>) => ({ ...item, secret: '***' });
  const kept = (before: JsonValue, hooks: JsonValue) =>
    change({ hooks }, { ...SOME, other: { hooks: before } as unknown as typeof SOME.other }).settings.other.hooks;
  const all = [one, two, three];
  assert.deepEqual(kept(all, [shown(two), shown(three)]), [two, three], 'the first is taken out');
  assert.deepEqual(kept(all, [shown(three), shown(one), shown(two)]), [three, one, two], 'they change places');
  assert.deepEqual(kept(all, [hook('0', 'S0'), shown(one), shown(two), shown(three)]), [hook('0', 'S0'), ...all]);
  const moved = hook('2', '***', 'http://new');
  assert.deepEqual(kept(all, [moved, shown(one)]), [hook('2', 'S2', 'http://new'), one], 'one changes as well');
  const nameless = [{ url: 'a', secret: 'A' }, { url: 'b', secret: 'B' }]; // biome-ignore format: a line
  assert.deepEqual(kept(nameless, [{ url: 'b', secret: '***' }]), [{ url: 'b', secret: 'B' }]);
  assert.deepEqual(
    kept(nameless, [
      { url: 'c', secret: '***' },
      { url: 'b', secret: '***' },
    ]),
    [
      { url: 'c', secret: 'A' },
      { url: 'b', secret: 'B' },
    ],
  );
});

test('long lists of masked secrets are no work', () => {
  const before = {
    ...SOME,
    other: { list: Array.from({ length: 21_000 }, () => ({})) } as unknown as typeof SOME.other,
  };
  const startedAt = performance.now();
  change({ list: Array.from({ length: 5300 }, () => ({ a: '***' })) }, before);
  assert.ok(performance.now() - startedAt < 1000, `${performance.now() - startedAt} ms`);
});

test('every role is listed, those an app came with first', () => {
  const customRoles = [{ name: 'boss', createdAt: 1000, updatedAt: 2000 }];
  const roles = writeRoles(appOf({ ...SOME, customRoles } as unknown as typeof SOME));
  assert.ok(Check(RolesAnswer, { roles, duration: '' }));
  assert.deepEqual(roles.map(({ name, custom }) => [name, custom]).slice(6), [
    ['global_admin', false],
    ['boss', true],
  ]);
  assert.deepEqual(
    [roles[7]?.created_at, roles[7]?.updated_at],
    ['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:02.000Z'],
  );
});
