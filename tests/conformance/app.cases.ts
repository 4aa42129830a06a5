import type { Fields } from '../support/json.ts';
import type { Case, Group, Step } from './case.ts';
import { as, ok, read, refused, upsert } from './steps.ts';

const show: Step = { method: 'GET', path: '/app' };
const change = (body: unknown, more: Partial<Step> = {}): Step => ({ method: 'PATCH', path: '/app', body, ...more });
const reads = (app: Fields): Step => ({ ...show, expect: ok({ app }) });

const DEFAULTS: Fields = {
  enforce_unique_usernames: 'no',
  multi_tenant_enabled: false,
  disable_auth_checks: false,
  disable_permissions_checks: false,
  user_search_disallowed_roles: [],
  guest_user_creation_disabled: false,
  connect_policy: 'merge',
  permission_version: 'v2',
};

const reading: readonly Case[] = [
  { name: 'an app has its defaults', why: '7', settings: {}, ...show, expect: ok({ app: DEFAULTS }) },
  { name: 'a user may not read the settings', why: '7', ...show, actor: as('ann~'), expect: refused(17) },
  {
    name: 'a user may not change the settings',
    why: '7',
    ...change({ disable_permissions_checks: true }, { actor: as('ann~') }),
    expect: refused(17),
    after: [reads({ disable_permissions_checks: false })],
  },
  { name: 'nobody reads the settings without a token', why: '7', ...show, actor: 'none', expect: refused(5) },
];

const CHANGES: readonly Fields[] = [
  { enforce_unique_usernames: 'app' },
  { enforce_unique_usernames: 'team' },
  { multi_tenant_enabled: true },
  { disable_auth_checks: true },
  { disable_permissions_checks: true },
  { user_search_disallowed_roles: ['guest', 'anonymous'] },
  { guest_user_creation_disabled: true },
  { connect_policy: 'create_only' },
  { permission_version: 'v2' },
];

const writing: readonly Case[] = [
  ...CHANGES.map(
    (body): Case => ({
      name: `a setting is changed and the others stay: ${JSON.stringify(body)}`,
      why: '7',
      settings: {},
      ...change(body),
      expect: ok(),
      after: [reads({ ...DEFAULTS, ...body })],
    }),
  ),
  {
    name: 'the other spelling enforce_unique_username is understood',
    why: '6',
    settings: {},
    ...change({ enforce_unique_username: 'app' }),
    expect: ok(),
    after: [reads({ enforce_unique_usernames: 'app' })],
  },
  {
    name: 'an empty change changes nothing',
    why: '7',
    settings: {},
    ...change({}),
    expect: ok(),
    after: [reads(DEFAULTS)],
  },
  {
    name: 'what only the operator sets is ignored in silence',
    why: '7',
    settings: {},
    ...change({
      id: 999999,
      name: 'renamed',
      organization: 'x',
      placement: 'x',
      suspended: true,
      suspended_explanation: 'x',
    }),
    expect: ok(),
    after: [
      { ...show, expect: ok({ app: { ...DEFAULTS, name: /^(?!renamed$)/ } }) },
      upsert([{ id: 'ann~' }], { expect: { status: 201 } }),
    ],
  },
];

/** The settings struct of a typed client, all zero: such a client sends it whole with every change. */
const ZERO_STRUCT: Fields = {
  id: 0,
  name: '',
  organization: '',
  placement: '',
  suspended: false,
  suspended_explanation: '',
  revoke_tokens_issued_before: null,
  policies: null,
  channel_configs: null,
  push_notifications: { version: '', apn: { enabled: false }, firebase: { enabled: false }, offline_only: false },
  webhook_url: '',
  sqs_url: '',
  sqs_key: '',
  sqs_secret: '',
};

const structs: readonly Case[] = [
  {
    name: 'a settings struct with everything zero beside one key changes that key only',
    why: '7',
    settings: {},
    given: [change({ connect_policy: 'create_only' })],
    ...change({ ...ZERO_STRUCT, enforce_unique_usernames: 'app' }),
    expect: ok(),
    after: [reads({ ...DEFAULTS, connect_policy: 'create_only', enforce_unique_usernames: 'app' })],
  },
  {
    name: 'a revocation survives a settings struct with everything zero',
    why: '7',
    settings: {},
    given: [change({ revoke_tokens_issued_before: '2020-01-01T00:00:00Z' })],
    ...change({ ...ZERO_STRUCT, multi_tenant_enabled: true }),
    expect: ok(),
    after: [reads({ revoke_tokens_issued_before: '2020-01-01T00:00:00.000Z', multi_tenant_enabled: true })],
  },
  {
    name: 'a revocation is undone by null as the only key',
    why: '7',
    settings: {},
    given: [change({ revoke_tokens_issued_before: '2020-01-01T00:00:00Z' })],
    ...change({ revoke_tokens_issued_before: null }),
    expect: ok(),
    after: [{ ...read(['ann~']), actor: as('ann~', { iat: 1_000_000_000 }), expect: { status: 200 } }],
  },
  {
    name: 'null and zero values of policies, channel_configs and push_notifications are not stored',
    why: '7',
    settings: {},
    ...change({ policies: null, channel_configs: null, push_notifications: null }),
    expect: ok(),
    after: [reads({ policies: undefined, channel_configs: undefined, push_notifications: undefined })],
  },
];

const kept: readonly Case[] = [
  {
    name: 'settings of products that are not served are kept, given back and warned of',
    why: '7',
    settings: {},
    ...change({ event_hooks: [{ hook_type: 'webhook', webhook_url: 'https://example.com/~', enabled: true }] }),
    expect: ok({ warnings: [/^event_hooks is stored; Rollcall does not deliver webhooks yet$/] }),
    after: [reads({ event_hooks: [{ hook_type: 'webhook', webhook_url: 'https://example.com/~', enabled: true }] })],
  },
  {
    name: 'secrets among kept settings are never given back',
    why: '7',
    settings: {},
    ...change({ sqs_url: 'https://example.com/~', sqs_key: 'key-~', sqs_secret: 'secret-~' }),
    expect: ok(),
    after: [reads({ sqs_url: 'https://example.com/~', sqs_key: '***', sqs_secret: '***' })],
  },
  {
    name: 'secrets deep inside kept settings are never given back',
    why: '7',
    settings: {},
    ...change({
      push_config: { apn: { auth_key: 'key-~', team: 'x' }, credentials_json: '{"a":1}', db_password: 'p' },
    }),
    expect: ok(),
    after: [
      reads({ push_config: { apn: { auth_key: '***', team: 'x' }, credentials_json: '***', db_password: '***' } }),
    ],
  },
];

const WRONG: readonly Fields[] = [
  { enforce_unique_usernames: 'perhaps' },
  { enforce_unique_usernames: true },
  { enforce_unique_username: 'perhaps' },
  { multi_tenant_enabled: 'yes' },
  { multi_tenant_enabled: 1 },
  { disable_auth_checks: 'true' },
  { disable_permissions_checks: 0 },
  { user_search_disallowed_roles: 'guest' },
  { user_search_disallowed_roles: [5] },
  { guest_user_creation_disabled: 'no' },
  { connect_policy: 'replace' },
  { connect_policy: 5 },
  { permission_version: 'v1' },
  { revoke_tokens_issued_before: 'yesterday' },
  { revoke_tokens_issued_before: 5 },
];

const refusals: readonly Case[] = [
  ...WRONG.map(
    (body): Case => ({
      name: `a bad setting is refused by its name: ${JSON.stringify(body)}`,
      why: '7',
      settings: {},
      ...change({ ...body, ...('connect_policy' in body ? {} : { connect_policy: 'create_only' }) }),
      expect: refused(4, new RegExp(`^UpdateApp failed with error: ".*${Object.keys(body)[0]}`)),
      after: [reads({ ...DEFAULTS, revoke_tokens_issued_before: /^(undefined|null)$/ })],
    }),
  ),
  ...[
    ['broken', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"app"'],
  ].map(
    ([what, rawBody]): Case => ({
      name: `a settings body that is ${what} is refused`,
      why: '7',
      method: 'PATCH',
      path: '/app',
      rawBody: String(rawBody),
      expect: refused(4),
    }),
  ),
];

/** Section 7: what an app decides. */
export const appGroups: readonly Group[] = [
  ['app.read', reading],
  ['app.write', writing],
  ['app.struct', structs],
  ['app.kept', kept],
  ['app.refused', refusals],
];
