import type { Case, Group } from './case.ts';
import { as, made, madeUsers, patch, readBack, refused, upsert } from './steps.ts';

const ANN = 'ann~';
const BOB = 'bob~';
/** Whether `invisible: false` is said or left out is open. */
const NOT_INVISIBLE = /^(false|undefined)$/;
const FULL = {
  id: ANN,
  role: 'admin',
  teams: ['red', 'blue'],
  teams_role: { red: 'admin' },
  language: 'fr',
  invisible: true,
  privacy_settings: { typing_indicators: { enabled: false } },
  name: 'Ann ~',
  image: 'a.png',
  color: 'green',
  address: { city: 'Rome' },
};

const replacing: readonly Case[] = [
  {
    name: 'a new user has every default',
    why: '2',
    ...upsert([{ id: ANN }]),
    expect: madeUsers({
      id: ANN,
      role: 'user',
      teams: [],
      language: '',
      banned: false,
      online: false,
      blocked_user_ids: [],
      name: undefined,
      image: undefined,
      teams_role: undefined,
      last_active: undefined,
      privacy_settings: undefined,
    }),
  },
  {
    name: 'a user is stored with all its fields',
    why: '3',
    ...upsert([FULL]),
    expect: madeUsers(FULL),
    after: [readBack(FULL)],
  },
  {
    name: 'an upsert removes custom data, name and image that it does not name',
    why: '3',
    given: [upsert([FULL])],
    ...upsert([{ id: ANN, book: 'dune' }]),
    expect: madeUsers({
      id: ANN,
      book: 'dune',
      name: undefined,
      image: undefined,
      color: undefined,
      address: undefined,
    }),
  },
];

const keeping: readonly Case[] = [
  {
    name: 'an upsert keeps built-in fields that it does not name',
    why: '3',
    given: [upsert([FULL])],
    ...upsert([{ id: ANN }]),
    expect: madeUsers({
      id: ANN,
      role: 'admin',
      teams: ['red', 'blue'],
      teams_role: { red: 'admin' },
      language: 'fr',
      invisible: true,
      privacy_settings: { typing_indicators: { enabled: false } },
    }),
  },
  {
    name: 'an upsert with null resets a built-in field',
    why: '3',
    given: [upsert([FULL])],
    ...upsert([
      { id: ANN, role: null, teams: null, teams_role: null, language: null, invisible: null, privacy_settings: null },
    ]),
    expect: madeUsers({
      id: ANN,
      role: 'user',
      teams: [],
      language: '',
      invisible: NOT_INVISIBLE,
      teams_role: undefined,
    }),
    after: [
      readBack({ id: ANN, role: 'user', teams: [], language: '', teams_role: undefined, privacy_settings: undefined }),
    ],
  },
  {
    name: 'an upsert replaces privacy_settings whole',
    why: '2',
    given: [upsert([FULL])],
    ...upsert([{ id: ANN, privacy_settings: { read_receipts: { enabled: true } } }]),
    expect: madeUsers({
      id: ANN,
      privacy_settings: { read_receipts: { enabled: true }, typing_indicators: undefined },
    }),
  },
];

const same: readonly Case[] = [
  {
    name: 'an upsert that says the same moves nothing',
    why: '2',
    given: [upsert([FULL])],
    ...upsert([FULL]),
    unchanged: [ANN],
    expect: madeUsers(FULL),
  },
  {
    name: 'an upsert that says the same in another order moves nothing',
    why: '2',
    given: [upsert([{ id: ANN, address: { city: 'Rome', zip: 5 }, color: 'green', name: 'Ann ~' }])],
    ...upsert([{ name: 'Ann ~', color: 'green', address: { zip: 5, city: 'Rome' }, id: ANN }]),
    unchanged: [ANN],
    expect: made(),
  },
  {
    name: 'a null in custom data is not the same as its absence',
    why: '2',
    given: [upsert([{ id: ANN, color: null }])],
    ...upsert([{ id: ANN }]),
    expect: madeUsers({ id: ANN, color: undefined }),
  },
];

const permissions: readonly Case[] = [
  {
    name: 'a user may make itself, with the role user',
    why: '3',
    ...upsert([{ id: ANN, color: 'green' }], { actor: as(ANN) }),
    expect: madeUsers({ id: ANN, role: 'user', color: 'green' }),
  },
  {
    name: 'a user may send its own role and teams unchanged',
    why: '3',
    given: [upsert([FULL])],
    ...upsert([{ ...FULL, color: 'red' }], { actor: as(ANN) }),
    expect: madeUsers({ id: ANN, color: 'red' }),
  },
  {
    name: 'a user may not make itself admin',
    why: '3',
    given: [upsert([{ id: ANN }])],
    ...upsert([{ id: ANN, role: 'admin', color: 'red' }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(17, /User 'ann~' with role 'user' is not allowed to perform action UpdateUserRole/),
  },
  {
    name: 'a new user may not make itself admin',
    why: '3',
    ...upsert([{ id: ANN, role: 'admin' }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(17, /UpdateUserRole/),
  },
  {
    name: 'a user may not choose its teams',
    why: '3',
    given: [upsert([{ id: ANN, teams: ['red'] }])],
    ...upsert([{ id: ANN, teams: ['red', 'blue'] }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(17, /User 'ann~' with role 'user' is not allowed to perform action UpdateUserTeams/),
  },
  {
    name: 'a user may not choose its roles in teams',
    why: '3',
    given: [upsert([{ id: ANN, teams: ['red'] }])],
    ...upsert([{ id: ANN, teams_role: { red: 'admin' } }], { actor: as(ANN) }),
    unchanged: [ANN],
    expect: refused(17, /is not allowed to perform action UpdateUser(Role|Teams)/),
  },
  {
    name: 'a user may not change another user',
    why: '3',
    given: [upsert([{ id: ANN }, { id: BOB }])],
    ...upsert([{ id: BOB, color: 'red' }], { actor: as(ANN) }),
    unchanged: [BOB],
    expect: refused(17, /User 'ann~' with role 'user' is not allowed to perform action UpdateUser(?!\w)/),
  },
  {
    name: 'a user may not change another user beside itself',
    why: '3',
    given: [upsert([{ id: ANN }, { id: BOB }])],
    ...upsert(
      [
        { id: ANN, color: 'red' },
        { id: BOB, color: 'red' },
      ],
      { actor: as(ANN) },
    ),
    unchanged: [ANN, BOB],
    expect: refused(17),
  },
  {
    name: 'without permission checks a user may change others and itself',
    why: '7',
    settings: { disable_permissions_checks: true },
    given: [upsert([{ id: ANN }, { id: BOB }])],
    ...upsert(
      [
        { id: ANN, role: 'admin' },
        { id: BOB, color: 'red' },
      ],
      { actor: as(ANN) },
    ),
    expect: madeUsers({ id: ANN, role: 'admin' }, { id: BOB, color: 'red' }),
  },
  {
    name: 'bad input is told before a lack of permission',
    why: '1',
    given: [upsert([{ id: ANN }, { id: BOB }])],
    ...upsert(
      [
        { id: BOB, name: 'x' },
        { id: ANN, pk: 1 },
      ],
      { actor: as(ANN) },
    ),
    unchanged: [ANN, BOB],
    expect: refused(4, /pk/, ['users[ann~].pk']),
  },
  {
    name: 'a role set on the server stays when the user writes',
    why: '3',
    given: [upsert([{ id: ANN, role: 'admin' }]), patch([{ id: ANN, set: { color: 'green' } }])],
    ...upsert([{ id: ANN, book: 'dune' }], { actor: as(ANN) }),
    expect: madeUsers({ id: ANN, role: 'admin', book: 'dune', color: undefined }),
  },
];

/** Section 3: what an upsert replaces and keeps, and who may. */
export const replaceGroups: readonly Group[] = [
  ['upsert.replaces', replacing],
  ['upsert.keeps', keeping],
  ['user.times', same],
  ['upsert.permission', permissions],
];
