import type { Case, Group } from './case.ts';
import { as, ok, okUsers, patch, readBack, refused, upsert } from './steps.ts';

const ANN = 'ann~';
const BOB = 'bob~';
const STORED = { id: ANN, color: 'green', address: { city: 'Rome', geo: { lat: 1 } }, test: { passed: true } };
const given = [upsert([STORED])];

function patched(
  name: string,
  change: { readonly [key: string]: unknown },
  result: { readonly [key: string]: unknown },
): Case {
  const user = { id: ANN, ...result };
  return { name, why: '4', given, ...patch([{ id: ANN, ...change }]), expect: okUsers(user), after: [readBack(user)] };
}

const custom: readonly Case[] = [
  patched('set adds a field and leaves the rest', { set: { book: 'dune' } }, { ...STORED, book: 'dune' }),
  patched('set replaces a field', { set: { color: 'red' } }, { ...STORED, color: 'red' }),
  patched(
    'set reaches into an object',
    { set: { 'address.city': 'Oslo' } },
    { address: { city: 'Oslo', geo: { lat: 1 } } },
  ),
  patched('set makes the objects on the way', { set: { 'a.b.c': 1 } }, { ...STORED, a: { b: { c: 1 } } }),
  patched('set of an object replaces it', { set: { address: { zip: 5 } } }, { address: { zip: 5, city: undefined } }),
  patched('set of an inner object replaces it', { set: { 'address.geo': {} } }, { address: { city: 'Rome', geo: {} } }),
  patched('set of null stores null', { set: { color: null } }, { color: null }),
  patched('set of null in an object stores null', { set: { 'address.city': null } }, { address: { city: null } }),
  patched('unset removes a field', { unset: ['color'] }, { color: undefined, address: STORED.address }),
  patched('unset of a path leaves its parent', { unset: ['test.passed'] }, { test: {} }),
  patched('unset of what is not there is no error', { unset: ['nothing', 'address.nothing', 'no.way.there'] }, STORED),
  patched(
    'set and unset work together',
    { set: { 'address.zip': 5 }, unset: ['address.city', 'color'] },
    {
      address: { zip: 5, geo: { lat: 1 }, city: undefined },
      color: undefined,
    },
  ),
  patched(
    'siblings in one set do not disturb each other',
    { set: { 'a.x': 1, 'a.y': 2, 'a.z.q': 3 } },
    {
      a: { x: 1, y: 2, z: { q: 3 } },
    },
  ),
  patched('a set of a list stores the list', { set: { list: [1, { a: 2 }] } }, { list: [1, { a: 2 }] }),
  patched('a path may be 20 deep', { set: { [Array(20).fill('p').join('.')]: 1 } }, { p: { p: { p: {} } } }),
].map((one) =>
  // The last one only looks at the upper levels: an empty object would mean exactly empty.
  one.name.startsWith('a path may be 20') ? { ...one, expect: ok(), after: [] } : one,
);

const nothing: readonly Case[] = [
  ...[{}, { set: {} }, { unset: [] }, { set: {}, unset: [] }].map(
    (change): Case => ({
      name: `${JSON.stringify(change)} changes nothing and answers the user`,
      why: '4',
      given,
      ...patch([{ id: ANN, ...change }]),
      unchanged: [ANN],
      expect: okUsers(STORED),
    }),
  ),
  {
    name: 'set to what is stored already moves nothing',
    why: '2',
    given,
    ...patch([{ id: ANN, set: { color: 'green', 'address.geo': { lat: 1 }, role: 'user', teams: [] } }]),
    unchanged: [ANN],
    expect: okUsers(STORED),
  },
  {
    name: 'unset of what is not there moves nothing',
    why: '2',
    given,
    ...patch([{ id: ANN, unset: ['nothing', 'name', 'teams', 'language'] }]),
    unchanged: [ANN],
    expect: okUsers(STORED),
  },
];

const FULL = {
  id: ANN,
  role: 'admin',
  teams: ['red', 'blue'],
  teams_role: { red: 'admin' },
  language: 'fr',
  invisible: true,
  name: 'Ann ~',
  image: 'a.png',
  privacy_settings: { typing_indicators: { enabled: false } },
};

function patchedFull(name: string, change: object, result: { readonly [key: string]: unknown }): Case {
  return {
    name,
    why: '4',
    given: [upsert([FULL])],
    ...patch([{ id: ANN, ...change }]),
    expect: okUsers({ id: ANN, ...result }),
    after: [readBack({ id: ANN, ...result })],
  };
}

const builtIns: readonly Case[] = [
  patched('set writes every settable built-in', { set: { ...FULL, id: undefined } }, FULL),
  patchedFull(
    'set of null resets name and image',
    { set: { name: null, image: null } },
    { name: undefined, image: undefined },
  ),
  patchedFull(
    'set of null resets teams and their roles',
    { set: { teams: null } },
    { teams: [], teams_role: undefined },
  ),
  patchedFull('set of null resets the language', { set: { language: null } }, { language: '' }),
  patchedFull('set of null resets the role', { set: { role: null } }, { role: 'user' }),
  patchedFull('unset resets name and image', { unset: ['name', 'image'] }, { name: undefined, image: undefined }),
  patchedFull('unset resets teams', { unset: ['teams', 'teams_role'] }, { teams: [], teams_role: undefined }),
  patchedFull('unset resets the language', { unset: ['language'] }, { language: '' }),
  patchedFull('unset resets privacy_settings', { unset: ['privacy_settings'] }, { privacy_settings: undefined }),
  patchedFull('set of false makes a user visible', { set: { invisible: false } }, { invisible: /^(false|undefined)$/ }),
  patchedFull(
    'set of privacy_settings merges',
    { set: { privacy_settings: { read_receipts: { enabled: true } } } },
    { privacy_settings: { typing_indicators: { enabled: false }, read_receipts: { enabled: true } } },
  ),
  patchedFull('a partial update keeps what it does not name', { set: { color: 'green' } }, { ...FULL, color: 'green' }),
  patched(
    'an instant of revocation is answered to the server, in UTC and milliseconds',
    { set: { revoke_tokens_issued_before: '2020-01-01T02:00:00.123456+02:00' } },
    { revoke_tokens_issued_before: '2020-01-01T00:00:00.123Z' },
  ),
];

const batches: readonly Case[] = [
  {
    name: 'a partial update of an unknown user is refused whole',
    why: '4',
    given,
    ...patch([
      { id: ANN, set: { color: 'red' } },
      { id: BOB, set: { color: 'red' } },
    ]),
    unchanged: [ANN, BOB],
    expect: refused(16, /bob~/, ['users[bob~]']),
  },
  {
    name: 'every unknown user is named',
    why: '1',
    ...patch([{ id: BOB, set: { a: 1 } }, { id: 'cid~' }, { id: ANN, unset: ['a'] }]),
    expect: refused(16, /bob~/, ['users[bob~]', 'users[cid~]', 'users[ann~]']),
  },
  {
    name: 'a user named twice is changed twice, in order',
    why: '4',
    given,
    ...patch([
      { id: ANN, set: { color: 'red', first: 1 } },
      { id: ANN, set: { color: 'blue' }, unset: ['first'] },
    ]),
    expect: okUsers({ id: ANN, color: 'blue', first: undefined }),
  },
  {
    name: 'partially updated users are answered in the order of the request',
    why: '4',
    given: [upsert([{ id: 'a~' }, { id: 'b~' }, { id: 'c~' }])],
    ...patch([{ id: 'c~' }, { id: 'a~', set: { x: 1 } }, { id: 'b~' }]),
    expect: { status: 200, ids: ['c~', 'a~', 'b~'] },
  },
  {
    name: 'bad input is told before a user that does not exist',
    why: '1',
    given,
    ...patch([
      { id: BOB, set: { x: 1 } },
      { id: ANN, set: { pk: 1 } },
    ]),
    unchanged: [ANN],
    expect: refused(4, /pk/, ['users[ann~].set.pk']),
  },
];

const permissions: readonly Case[] = [
  {
    name: 'a user may change its own data',
    why: '4',
    given,
    ...patch([{ id: ANN, set: { color: 'red', name: 'Ann ~' } }], { actor: as(ANN) }),
    expect: okUsers({ id: ANN, color: 'red', name: 'Ann ~' }),
  },
  {
    name: 'a user may not set its own role',
    why: '4',
    given,
    ...patch([{ id: ANN, set: { role: 'admin' } }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(17, /User 'ann~' with role 'user' is not allowed to perform action UpdateUserRole/),
  },
  ...[{ 'secret.x': 1 }, { teams_role: { 'red~': 'admin' } }, { more: 'x'.repeat(5000) }].map(
    (set): Case => ({
      name: `a user learns nothing of another one by setting ${Object.keys(set)}`,
      why: '1 and 8',
      given: [upsert([{ id: BOB, secret: 'x'.repeat(200), teams: ['red~'] }])],
      ...patch([{ id: BOB, set }], { actor: as(ANN) }),
      unchanged: [BOB],
      expect: refused(17, /UpdateUser"$/, [`users[${BOB}]`]),
    }),
  ),
  {
    name: 'a user may not leave its teams',
    why: '4',
    given: [upsert([{ id: ANN, teams: ['red'] }])],
    ...patch([{ id: ANN, unset: ['teams'] }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(17, /UpdateUserTeams/),
  },
  {
    name: 'a user may not undo a revocation of its tokens',
    why: '2',
    given,
    ...patch([{ id: ANN, set: { revoke_tokens_issued_before: '2020-01-01T00:00:00Z' } }], {
      actor: as(ANN, { iat: Math.floor(Date.now() / 1000) }),
    }),
    unchanged: [ANN],
    expect: refused(17),
  },
  {
    name: 'a user may not change another user partially',
    why: '4',
    given: [upsert([{ id: ANN }, { id: BOB }])],
    ...patch([{ id: BOB, set: { color: 'red' } }], { actor: as(ANN) }),
    unchanged: [BOB],
    expect: refused(17, /UpdateUser(?!\w)/),
  },
  {
    name: 'a user that does not exist cannot change itself',
    why: '4',
    ...patch([{ id: ANN, set: { color: 'red' } }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(16),
  },
];

/** Section 4: what a partial update does. */
export const patchGroups: readonly Group[] = [
  ['patch.paths', custom],
  ['patch.nothing', nothing],
  ['patch.built-ins', builtIns],
  ['patch.batch', batches],
  ['patch.permission', permissions],
];
