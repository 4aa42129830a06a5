import type { Case, Group } from './case.ts';
import { as, madeUsers, okUsers, patch, readBack, refused, upsert } from './steps.ts';

const USER = 'ann~';
const NOW = new Date().toISOString();

/** Fields that an upsert ignores and a partial update refuses, each with a value such as an answer carries. */
export const READ_ONLY: { readonly [field: string]: unknown } = {
  online: true,
  last_active: NOW,
  banned: true,
  ban_expires: NOW,
  shadow_banned: true,
  mutes: [],
  channel_mutes: [],
  blocked_user_ids: ['bob'],
  devices: [],
  created_at: '2001-02-03T04:05:06.789Z',
  updated_at: '2001-02-03T04:05:06.789Z',
  deactivated_at: NOW,
  deleted_at: NOW,
  total_unread_count: 7,
  unread_channels: 7,
  unread_count: 7,
  unread_threads: 7,
  unread_thread_messages: 7,
  channel_unread_count: {},
  channel_last_read_at: {},
  total_unread_count_by_team: {},
  latest_hidden_channels: [],
  roles: ['admin'],
  avg_response_time: 5,
  bypass_moderation: true,
  push_notifications: {},
  push_preferences: {},
};

export const RESERVED = ['app_pk', 'pk', 'user_pk', 'extra_data', 'custom'] as const;

/** For every built-in field values that it must refuse, since nothing is coerced or stripped. */
export const WRONG_VALUES: { readonly [field: string]: readonly unknown[] } = {
  role: [5, true, {}, ['admin'], ''],
  name: [5, true, {}, ['Ann']],
  image: [5, false, {}, ['a.png']],
  teams: ['red', 5, {}, [5], [null], ['red', ''], ['x'.repeat(101)], ['€'.repeat(34)]],
  teams_role: ['admin', 5, [], { red: 5 }, { red: null }, { red: ['admin'] }],
  language: [5, true, {}, ['en'], 'english', 'e', 'EN', 'en_US', 'en-', 'en ', 'en-toolongtag'],
  invisible: ['true', 'false', 1, 0, {}, []],
  privacy_settings: [
    'all',
    5,
    true,
    [],
    { typing_indicators: true },
    { typing_indicators: { enabled: 'true' } },
    { read_receipts: { enabled: 1 } },
    { delivery_receipts: { enabled: true, more: 1 } },
    { anything_else: { enabled: true } },
  ],
};

/** The key of a fault in a field, or in something inside it. */
const placeOf = (before: string, field: string): RegExp =>
  new RegExp(`^users\\[${USER}\\]\\.${before}${field}(\\..+)?$`);

const brief = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 40)}… (${text.length})` : text;
};

const wrongValues: readonly Case[] = Object.entries(WRONG_VALUES).flatMap(([field, values]) =>
  values.flatMap((value): Case[] => [
    {
      name: `upsert: ${field} is never ${brief(value)}`,
      why: '2',
      ...upsert([{ id: USER, teams: ['red'], [field]: value }]),
      unchanged: [USER],
      expect: refused(4, new RegExp(`^UpdateUsers failed with error: ".*${field}`), [placeOf('', field)]),
    },
    {
      name: `partial update: ${field} is never set to ${brief(value)}`,
      why: '2',
      given: [upsert([{ id: USER, teams: ['red'], color: 'green' }])],
      ...patch([{ id: USER, set: { [field]: value } }]),
      unchanged: [USER],
      expect: refused(4, new RegExp(`^UpdateUsersPartial failed with error: ".*${field}`), [placeOf('set\\.', field)]),
    },
  ]),
);

const reserved: readonly Case[] = RESERVED.flatMap((field): Case[] => [
  {
    name: `upsert: the reserved field ${field} is refused`,
    why: '2',
    ...upsert([{ id: USER, [field]: 1 }]),
    unchanged: [USER],
    expect: refused(4, `UpdateUsers failed with error: "users[${USER}].${field} is a reserved field"`, [
      `users[${USER}].${field}`,
    ]),
  },
  {
    name: `partial update: the reserved field ${field} cannot be set`,
    why: '2',
    given: [upsert([{ id: USER }])],
    ...patch([{ id: USER, set: { [field]: {} } }]),
    unchanged: [USER],
    expect: refused(4, new RegExp(field), [`users[${USER}].set.${field}`]),
  },
  {
    name: `partial update: the reserved field ${field} cannot be unset`,
    why: '2',
    given: [upsert([{ id: USER }])],
    ...patch([{ id: USER, unset: [field] }]),
    unchanged: [USER],
    expect: refused(4, new RegExp(field), [`users[${USER}].unset.${field}`]),
  },
]);

const readOnly: readonly Case[] = [
  {
    name: 'upsert: read-only fields are ignored in silence',
    why: '2',
    given: [upsert([{ id: USER, color: 'green' }])],
    ...upsert([{ id: USER, color: 'green', ...READ_ONLY }]),
    unchanged: [USER],
    expect: madeUsers({ id: USER, banned: false, online: false, blocked_user_ids: [] }),
  },
  {
    name: 'upsert: read-only fields of a new user are ignored too',
    why: '2',
    ...upsert([{ id: USER, ...READ_ONLY }]),
    expect: madeUsers({
      id: USER,
      banned: false,
      online: false,
      blocked_user_ids: [],
      created_at: /^(?!2001)/,
      updated_at: /^(?!2001)/,
      deactivated_at: undefined,
      deleted_at: undefined,
    }),
  },
  ...Object.entries(READ_ONLY).flatMap(([field, value]): Case[] => [
    {
      name: `partial update: ${field} cannot be set`,
      why: '2',
      given: [upsert([{ id: USER }])],
      ...patch([{ id: USER, set: { [field]: value } }]),
      unchanged: [USER],
      expect: refused(4, new RegExp(`set\\.${field}`), [`users[${USER}].set.${field}`]),
    },
    {
      name: `partial update: ${field} cannot be unset`,
      why: '2',
      given: [upsert([{ id: USER }])],
      ...patch([{ id: USER, unset: [field] }]),
      unchanged: [USER],
      expect: refused(4, new RegExp(`unset\\.${field}`), [`users[${USER}].unset.${field}`]),
    },
  ]),
];

const accepted: readonly Case[] = [
  ...['user', 'guest', 'anonymous', 'moderator', 'admin', 'global_moderator', 'global_admin'].map(
    (role): Case => ({
      name: `a user may have the role ${role}`,
      why: '2',
      ...upsert([{ id: USER, role }]),
      expect: madeUsers({ id: USER, role }),
    }),
  ),
  ...['', 'en', 'fil', 'zh-Hant', 'pt-BR'].map(
    (language): Case => ({
      name: `a user may speak "${language}"`,
      why: '2',
      ...upsert([{ id: USER, language }]),
      expect: madeUsers({ id: USER, language }),
    }),
  ),
  {
    name: 'a team named twice counts once, in its first place',
    why: '2',
    ...upsert([{ id: USER, teams: ['red', 'blue', 'red', 'green', 'blue'] }]),
    expect: madeUsers({ id: USER, teams: ['red', 'blue', 'green'] }),
  },
  {
    name: 'a user may be in 250 teams with names of 100 bytes',
    why: '2',
    ...upsert([{ id: USER, teams: Array.from({ length: 250 }, (_, index) => `${index}`.padStart(100, 't')) }]),
    expect: madeUsers({ id: USER }),
  },
  {
    name: 'a user is not in 251 teams',
    why: '2',
    ...upsert([{ id: USER, teams: Array.from({ length: 251 }, (_, index) => `${index}`) }]),
    unchanged: [USER],
    expect: refused(4, /teams/, [`users[${USER}].teams`]),
  },
  {
    name: 'a user has roles in its teams',
    why: '2',
    ...upsert([{ id: USER, teams: ['red', 'blue'], teams_role: { red: 'admin' } }]),
    expect: madeUsers({ id: USER, teams_role: { red: 'admin', blue: undefined } }),
  },
  {
    name: 'a user has no role in a team it is not in',
    why: '2',
    ...upsert([{ id: USER, teams: ['red'], teams_role: { blue: 'admin' } }]),
    unchanged: [USER],
    expect: refused(4, /teams_role/, [`users[${USER}].teams_role`]),
  },
  {
    name: 'a role in a team ends with the membership',
    why: '2',
    given: [upsert([{ id: USER, teams: ['red', 'blue'], teams_role: { red: 'admin', blue: 'moderator' } }])],
    ...patch([{ id: USER, set: { teams: ['blue'] } }]),
    expect: okUsers({ id: USER, teams: ['blue'], teams_role: { red: undefined, blue: 'moderator' } }),
  },
  {
    name: 'a team in the teams of the same change counts for teams_role',
    why: '2',
    given: [upsert([{ id: USER, teams: ['red'] }])],
    ...patch([{ id: USER, set: { teams_role: { blue: 'admin' }, teams: ['blue'] } }]),
    expect: okUsers({ id: USER, teams: ['blue'], teams_role: { blue: 'admin' } }),
  },
  {
    name: 'a server sees invisible and privacy_settings',
    why: '2',
    ...upsert([{ id: USER, invisible: true, privacy_settings: { typing_indicators: { enabled: false } } }]),
    expect: madeUsers({ id: USER, invisible: true, privacy_settings: { typing_indicators: { enabled: false } } }),
    after: [readBack({ id: USER, invisible: true, online: false })],
  },
  {
    name: 'a user sees its own invisible and privacy_settings',
    why: '2',
    given: [upsert([{ id: USER, invisible: true, privacy_settings: { typing_indicators: { enabled: false } } }])],
    ...upsert([{ id: USER, color: 'red' }], { actor: as(USER) }),
    expect: madeUsers({ id: USER, invisible: true, privacy_settings: { typing_indicators: { enabled: false } } }),
  },
  {
    name: 'a name of null is no name',
    why: '2',
    ...upsert([{ id: USER, name: null, image: null }]),
    expect: madeUsers({ id: USER, name: undefined, image: undefined }),
  },
];

/** Section 2: the built-in fields. */
export const fieldGroups: readonly Group[] = [
  ['user.fields', accepted],
  ['user.read-only', readOnly],
  ['user.reserved', reserved],
  ['user.types', wrongValues],
];
