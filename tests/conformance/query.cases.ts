import type { Case, Group } from './case.ts';
import { finds, type People, refusedFilter, TEAM, table } from './find.ts';
import { as } from './steps.ts';

const PEOPLE: People = {
  a: { name: 'Dora ~', role: 'admin', language: 'fr', image: 'd.png', username: 'dora' },
  b: { name: 'Carl ~', language: 'pt-BR' },
  c: { name: 'Bert ~', role: 'moderator' },
  d: { name: 'anna ~', username: 'anna' },
  e: { name: '' },
  f: {},
};

const builtIns: readonly Case[] = [
  ...table(PEOPLE, [
    [{ id: 'b~' }, 'b'],
    [{ id: { $eq: 'b~' } }, 'b'],
    [{ id: { $ne: 'b~' } }, 'acdef'],
    [{ id: { $in: ['c~', 'a~', 'nobody~'] } }, 'ac'],
    [{ id: { $in: [] } }, ''],
    [{ id: { $nin: ['c~', 'a~'] } }, 'bdef'],
    [{ id: { $nin: [] } }, 'abcdef'],
    [{ id: { $gt: 'b~' } }, 'cdef'],
    [{ id: { $gte: 'b~', $lt: 'e~' } }, 'bcd'],
    [{ id: { $lte: 'b~' } }, 'ab'],
    [{ id: { $exists: true } }, 'abcdef'],
    [{ id: { $exists: false } }, ''],
    [{ id: 'B~' }, ''],
    [{ name: 'Carl ~' }, 'b'],
    [{ name: 'carl ~' }, ''],
    [{ name: { $ne: 'Carl ~' } }, 'acdef'],
    [{ name: { $in: ['Carl ~', 'Dora ~', 'Carl ~'] } }, 'ab'],
    [{ name: { $nin: ['Carl ~', 'Dora ~'] } }, 'cdef'],
    [{ name: { $gt: 'Carl ~' } }, 'ad'],
    [{ name: { $lte: 'Carl ~' } }, 'bce'],
    [{ name: '' }, 'e'],
    [{ name: { $exists: true } }, 'abcde'],
    [{ name: { $exists: false } }, 'f'],
    [{ role: 'user' }, 'bdef'],
    [{ role: { $ne: 'user' } }, 'ac'],
    [{ role: { $in: ['admin', 'moderator'] } }, 'ac'],
    [{ role: { $nin: ['admin', 'moderator'] } }, 'bdef'],
    [{ role: { $gte: 'moderator' } }, 'bcdef'],
    [{ language: 'fr' }, 'a'],
    [{ language: { $in: ['fr', 'pt-BR'] } }, 'ab'],
    [{ language: { $ne: '' } }, 'ab'],
    [{ language: '' }, 'cdef'],
    [{ image: 'd.png' }, 'a'],
    [{ image: { $exists: false } }, 'bcdef'],
    [{ username: 'anna' }, 'd'],
    [{ username: { $in: ['anna', 'dora'] } }, 'ad'],
    [{ username: { $exists: false } }, 'bcef'],
    [{ username: { $gt: 'anna' } }, 'a'],
  ]),
];

const MEMBERS: People = {
  a: { teams: [TEAM, 'red~'] },
  b: { teams: [TEAM, 'blue~'] },
  c: { teams: [TEAM] },
  d: { teams: ['blue~', 'red~', TEAM] },
  e: { teams: ['Red~', TEAM] },
};

const teams: readonly Case[] = [
  ...table(MEMBERS, [
    [{ teams: { $contains: 'red~' } }, 'ad'],
    [{ teams: { $contains: 'Red~' } }, 'e'],
    [{ teams: { $contains: 're' } }, ''],
    [{ $and: [{ teams: { $contains: 'red~' } }, { teams: { $contains: 'blue~' } }] }, 'd'],
    [{ teams: { $in: ['red~', 'blue~'] } }, 'abd'],
    [{ teams: { $in: ['nobody~'] } }, ''],
    [{ teams: { $in: [] } }, ''],
    [{ teams: { $eq: [TEAM, 'red~'] } }, 'a'],
    [{ teams: { $eq: ['red~', TEAM, 'red~'] } }, 'a'],
    [{ teams: ['red~', TEAM] }, 'a'],
    [{ teams: { $eq: [] } }, ''],
    [{ teams: { $exists: true } }, 'abcde'],
    [{ teams: {} }, 'abcde'],
    [{ $nor: [{ teams: { $contains: 'red~' } }] }, 'bce'],
  ]),
  finds({ a: { teams: [] }, b: {} }, '$eq of an empty list finds users without teams', {}, 'a', {
    filter_conditions: { teams: { $eq: [] }, id: { $in: ['a~', 'b~'] } },
  }),
  refusedFilter({ teams: 'red' }, 'field "teams" expects type'),
  refusedFilter({ teams: null }, 'field "teams" expects type'),
  refusedFilter({ teams: { $contains: 5 } }, 'field "teams" expects type string'),
  refusedFilter({ teams: { $contains: ['a'] } }, 'field "teams" expects type string'),
  refusedFilter({ teams: { $contains: null } }, 'field "teams" expects type string'),
  refusedFilter({ teams: { $in: 'red' } }, 'field "teams"'),
  refusedFilter({ teams: { $in: [5] } }, 'field "teams" expects type string'),
  refusedFilter({ teams: { $eq: [5] } }, 'field "teams" expects type string'),
  refusedFilter({ teams: { $gt: 'a' } }, 'field "teams" cannot be filtered with "$gt"'),
  refusedFilter({ teams: { $autocomplete: 'a' } }, 'field "teams" cannot be filtered with "$autocomplete"'),
];

const SOME: People = { a: {}, b: { color: 'red' } };
const LONG_AGO = '2001-01-01T00:00:00Z';
const FAR = '2999-01-01T00:00:00-11:00';

const times: readonly Case[] = [
  ...['created_at', 'updated_at'].flatMap((field) =>
    table(SOME, [
      [{ [field]: { $gt: LONG_AGO } }, 'ab'],
      [{ [field]: { $gte: LONG_AGO } }, 'ab'],
      [{ [field]: { $lt: LONG_AGO } }, ''],
      [{ [field]: { $lte: LONG_AGO } }, ''],
      [{ [field]: { $eq: LONG_AGO } }, ''],
      [{ [field]: LONG_AGO }, ''],
      [{ [field]: { $gt: '2001-01-01T00:00:00.123456+02:00', $lt: FAR } }, 'ab'],
      [{ [field]: { $exists: true } }, 'ab'],
      [{ [field]: { $exists: false } }, ''],
    ]),
  ),
  ...['yesterday', '', '2001-13-01T00:00:00Z', 5, null, true, ['2001-01-01T00:00:00Z'], {}].map((time) =>
    refusedFilter({ created_at: { $gt: time } }, 'field "created_at" expects type time'),
  ),
  refusedFilter({ updated_at: null }, 'field "updated_at" expects type time'),
];

/** A time that nobody has yet. */
const unset = (field: string): readonly Case[] => [
  ...table(SOME, [
    [{ [field]: { $exists: false } }, 'ab'],
    [{ [field]: { $exists: true } }, ''],
    [{ [field]: { $gt: LONG_AGO } }, ''],
    [{ [field]: { $lt: FAR } }, ''],
  ]),
  refusedFilter({ [field]: { $in: [LONG_AGO] } }, `field "${field}" cannot be filtered with "$in"`),
  refusedFilter({ [field]: { $ne: LONG_AGO } }, `field "${field}" cannot be filtered with "$ne"`),
  refusedFilter({ [field]: null }, `field "${field}" expects type time`),
];

const banned: readonly Case[] = ['banned', 'shadow_banned'].flatMap((field) => [
  ...table(SOME, [
    [{ [field]: false }, 'ab'],
    [{ [field]: true }, ''],
    [{ [field]: { $eq: true } }, ''],
    [{ [field]: { $ne: true } }, 'ab'],
  ]),
  ...[null, 'false', 0, [false]].map((value) =>
    refusedFilter({ [field]: value }, `field "${field}" expects type bool`),
  ),
  refusedFilter({ [field]: { $in: [true] } }, `field "${field}" cannot be filtered with "$in"`),
  refusedFilter({ [field]: { $exists: true } }, `field "${field}" cannot be filtered with "$exists"`),
]);

const HIDDEN: People = { a: { invisible: true }, b: { invisible: false }, c: {} };
const SERVER_ONLY = /^QueryUsers failed with error: "field "invisible" can be filtered by the server only"$/;

const invisible: readonly Case[] = [
  ...table(HIDDEN, [
    [{ invisible: true }, 'a'],
    [{ invisible: false }, 'bc'],
    [{ invisible: { $ne: true } }, 'bc'],
  ]),
  refusedFilter({ invisible: 'true' }, 'field "invisible" expects type bool'),
  ...[
    { invisible: true },
    { $or: [{ id: 'a~' }, { $nor: [{ $and: [{ invisible: { $ne: false } }] }] }] },
    { id: { $in: [] }, invisible: false },
  ].map(
    (filter): Case => ({
      ...finds(HIDDEN, `a user may not ask who hides: ${JSON.stringify(filter)}`, filter, '', {}),
      actor: as('b~'),
      expect: { status: 400, code: 4, message: SERVER_ONLY },
    }),
  ),
];

const online: readonly Case[] = [
  { online: true },
  { online: { $eq: false } },
  { $or: [{ id: 'a' }, { online: true }] },
  { 'online.since': 1 },
].map((filter) => refusedFilter(filter, 'cannot be filtered: it is presence, not data'));

/** Section 8: filters on built-in fields. */
export const queryGroups: readonly Group[] = [
  ['query.built-ins', builtIns],
  ['query.teams', teams],
  ['query.times', times],
  ['query.last-active', unset('last_active')],
  ['query.deactivated', unset('deactivated_at')],
  ['query.banned', banned],
  ['query.invisible', invisible],
  ['query.online', online],
];
