import type { Case, Group } from './case.ts';
import { as, found, okUsers, patch, query, read, refused, upsert } from './steps.ts';

const USERS = [
  { id: 'a~', teams: ['red~'], privacy_settings: { typing_indicators: { enabled: true } }, invisible: true },
  { id: 'b~', teams: ['red~', 'blue~'] },
  { id: 'c~', teams: ['blue~'] },
  { id: 'd~', teams: [] },
  { id: 'e~', teams: [] },
];
const ALL = ['a~', 'b~', 'c~', 'd~', 'e~'];
const given = [upsert(USERS)];
const tenants = { multi_tenant_enabled: true };

const cut: readonly Case[] = [
  {
    name: 'without tenants a user finds everybody',
    why: '8',
    given,
    ...read(ALL, { actor: as('a~') }),
    expect: found(...ALL),
  },
  ...[
    ['in one team', 'a~', ['a~', 'b~']],
    ['in two teams', 'b~', ['a~', 'b~', 'c~']],
    ['in no team', 'd~', ['d~', 'e~']],
    ['that does not exist', 'f~', ['d~', 'e~']],
  ].map(
    ([what, id, ids]): Case => ({
      name: `with tenants a user ${what} finds those who share a team`,
      why: '8',
      settings: tenants,
      given,
      ...read(ALL, { actor: as(String(id)) }),
      expect: found(...[ids ?? []].flat()),
    }),
  ),
  {
    name: 'with tenants no filter widens the cut',
    why: '8',
    settings: tenants,
    given,
    ...query(
      {
        filter_conditions: { $or: [{ teams: { $contains: 'blue~' } }, { id: { $in: ALL } }] },
        sort: [{ field: 'id', direction: 1 }],
      },
      { actor: as('a~') },
    ),
    expect: found('a~', 'b~'),
  },
  {
    name: 'with tenants the cut holds for pages too',
    why: '8',
    settings: tenants,
    given,
    ...query(
      { filter_conditions: { id: { $in: ALL } }, sort: [{ field: 'id', direction: 1 }], offset: 1, limit: 1 },
      { actor: as('a~') },
    ),
    expect: { ...found('b~'), answer: { next: undefined } },
  },
  {
    name: 'with tenants a server finds everybody',
    why: '8',
    settings: tenants,
    given,
    ...read(ALL),
    expect: found(...ALL),
  },
  {
    name: 'tenancy holds without permission checks',
    why: '7',
    settings: { ...tenants, disable_permissions_checks: true },
    given,
    ...read(ALL, { actor: as('a~') }),
    expect: found('a~', 'b~'),
  },
  ...[patch([{ id: 'c~' }], { actor: as('a~') }), upsert([{ id: 'c~', color: 'red' }], { actor: as('a~') })].map(
    (step): Case => ({
      name: `tenancy holds without permission checks for ${step.method} too`,
      why: '7',
      settings: { ...tenants, disable_permissions_checks: true },
      given,
      ...step,
      unchanged: ['c~'],
      expect: refused(17, /User 'a~' with role 'user' is not allowed to perform action UpdateUser/, ['users[c~]']),
    }),
  ),
  {
    name: 'without permission checks a user may write whom it sees',
    why: '7',
    settings: { ...tenants, disable_permissions_checks: true },
    given,
    ...patch([{ id: 'b~', set: { color: 'red' } }], { actor: as('a~') }),
    expect: okUsers({ id: 'b~', color: 'red' }),
  },
];

const seen: readonly Case[] = [
  {
    name: 'others see neither invisible nor privacy_settings',
    why: '2',
    given,
    ...read(['a~'], { actor: as('b~') }),
    expect: {
      status: 200,
      answer: { users: [{ id: 'a~', invisible: undefined, privacy_settings: undefined, online: false }] },
    },
  },
  {
    name: 'a user finds itself with invisible and privacy_settings',
    why: '2',
    given,
    ...read(['a~'], { actor: as('a~') }),
    expect: {
      status: 200,
      answer: { users: [{ id: 'a~', invisible: true, privacy_settings: { typing_indicators: { enabled: true } } }] },
    },
  },
  {
    name: 'a user never sees revoke_tokens_issued_before',
    why: '2',
    given: [
      upsert([{ id: 'a~' }]),
      {
        method: 'PATCH',
        path: '/users',
        body: { users: [{ id: 'a~', set: { revoke_tokens_issued_before: '2020-01-01T00:00:00Z' } }] },
      },
    ],
    ...read(['a~'], { actor: as('a~', { iat: 1_700_000_000 }) }),
    expect: { status: 200, answer: { users: [{ id: 'a~', revoke_tokens_issued_before: undefined }] } },
  },
];

const roles: readonly Case[] = [
  {
    name: 'a role that may not search is refused',
    why: '8',
    settings: { user_search_disallowed_roles: ['guest'] },
    given: [upsert([{ id: 'a~', role: 'guest' }])],
    ...read(['a~'], { actor: as('a~') }),
    expect: refused(17),
  },
  ...['{', '{"limit":0}', '{"presence":true}', '{"filter_conditions":{"online":true}}'].map(
    (payload): Case => ({
      name: `a role that may not search is refused before its payload is read: ${payload}`,
      why: '1',
      settings: { user_search_disallowed_roles: ['guest'] },
      given: [upsert([{ id: 'a~', role: 'guest' }])],
      ...query(payload, { actor: as('a~') }),
      expect: refused(17, /SearchUser/),
    }),
  ),
  {
    name: 'a role that may search is served beside one that may not',
    why: '8',
    settings: { user_search_disallowed_roles: ['guest'] },
    given,
    ...read(['a~'], { actor: as('b~') }),
    expect: found('a~'),
  },
];

/** Section 8: whom a user may find, and what it sees of them. */
export const tenancyGroups: readonly Group[] = [
  ['query.tenancy', cut],
  ['user.private', seen],
  ['query.roles', roles],
];
