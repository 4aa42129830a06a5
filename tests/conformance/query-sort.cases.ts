import type { Fields } from '../support/json.ts';
import type { Case, Group } from './case.ts';
import { finds, OURS, type People, peopleStep, refusedQuery } from './find.ts';
import { found, ok, query, upsert } from './steps.ts';

const up = (...fields: readonly string[]) => fields.map((field) => ({ field, direction: 1 }));
const down = (...fields: readonly string[]) => fields.map((field) => ({ field, direction: -1 }));

/** That the people come in this order, and in that order downwards. */
function sorts(people: People, field: string, upwards: string, downwards: string): readonly Case[] {
  return [
    finds(people, `sorts by ${field}: ${upwards}`, {}, upwards, { sort: up(field) }),
    finds(people, `sorts by ${field} downwards: ${downwards}`, {}, downwards, { sort: down(field) }),
  ];
}

const NAMES: People = {
  a: { name: 'Dora', role: 'admin' },
  b: { name: 'Carl', role: 'user' },
  c: { name: '\u{1f600}', role: 'moderator' },
  d: { name: 'anna', role: 'user' },
  e: { name: '\uffee', role: 'guest' },
};

const VALUES: People = {
  a: { v: 10 },
  b: { v: 9 },
  c: { v: '9' },
  d: { v: '10' },
  e: { v: true },
  f: { v: false },
  g: { v: -1.5 },
};

const fields: readonly Case[] = [
  ...sorts(NAMES, 'id', 'abcde', 'edcba'),
  ...sorts(NAMES, 'name', 'badec', 'cedab'),
  ...sorts(NAMES, 'role', 'aecbd', 'dbcea'),
  ...sorts(VALUES, 'v', 'gbadcfe', 'efcdabg'),
  ...sorts({ a: { o: { n: 2 } }, b: { o: { n: 1 } }, c: { o: { n: 3 } } }, 'o.n', 'bac', 'cab'),
  ...sorts({ a: { username: 'x' }, b: { username: 'k' }, c: { username: 'm' } }, 'username', 'bca', 'acb'),
  finds(NAMES, 'without a sort the newest come first', {}, 'edcba', { sort: undefined }),
  ...[[], null].map((sort) => finds(NAMES, `a sort of ${JSON.stringify(sort)} is none`, {}, 'edcba', { sort })),
  finds(NAMES, 'a field without direction goes upwards', {}, 'badec', { sort: [{ field: 'name' }] }),
  finds(
    { a: { age: 2, city: 'x' }, b: { age: 1, city: 'y' }, c: { age: 2, city: 'y' }, d: { age: 1, city: 'x' } },
    'three fields work together',
    {},
    'bdca',
    { sort: [...up('age'), ...down('city'), ...down('id')] },
  ),
  ...(
    [
      ['created_at', 1, 'abd'],
      ['created_at', -1, 'dba'],
      ['updated_at', 1, 'bda'],
      ['updated_at', -1, 'adb'],
    ] as const
  ).map(
    ([field, direction, letters]): Case => ({
      ...finds({}, `sorts by ${field} ${direction}`, {}, letters, { sort: [{ field, direction }] }),
      // More often than once: all may happen in one millisecond, but each time of a user is later than its last.
      given: [
        peopleStep({ a: {} }),
        peopleStep({ b: {} }),
        peopleStep({ d: {} }),
        ...[1, 2].map((x) => peopleStep({ d: { x } })),
        ...[1, 2, 3, 4].map((x) => peopleStep({ a: { x } })),
      ],
    }),
  ),
];

const LACKING: People = {
  a: { v: 2 },
  b: {},
  c: { v: 1 },
  d: { v: null },
  e: { v: 2 },
  f: { v: ['z'] },
  g: { v: {} },
  h: { v: 'x' },
};

const missing: readonly Case[] = [
  ...sorts(LACKING, 'v', 'caehfgbd', 'gfheacdb'),
  ...sorts({ a: {}, b: { name: 'y' }, c: {}, d: { name: 'x' } }, 'name', 'dbac', 'bdca'),
  ...sorts({ a: { o: 1 }, b: { o: { n: 1 } }, c: {}, d: { o: { n: 0 } } }, 'o.n', 'dbac', 'bdca'),
  ...sorts({ a: {}, b: {}, c: {} }, 'last_active', 'abc', 'cba'),
  ...sorts({ a: {}, b: {}, c: {} }, 'deactivated_at', 'abc', 'cba'),
  ...sorts({ a: { v: 1 }, c: { v: 1 }, b: { v: 1 } }, 'v', 'abc', 'cba'),
];

const FOUR: People = { a: { name: 'd' }, b: { name: 'c' }, c: { name: 'b' }, d: { name: 'a' } };

const pages: readonly Case[] = [
  finds(FOUR, 'limit cuts the answer', {}, 'ab', { limit: 2 }),
  finds(FOUR, 'offset skips', {}, 'cd', { offset: 2 }),
  finds(FOUR, 'offset and limit work together', {}, 'bc', { offset: 1, limit: 2 }),
  finds(FOUR, 'an offset past the end finds nobody', {}, '', { offset: 1000 }),
  ...(
    [
      ['id_gt', 'b~', 'cd'],
      ['id_gte', 'b~', 'bcd'],
      ['id_lt', 'c~', 'ba'],
      ['id_lte', 'c~', 'cba'],
    ] as const
  ).flatMap(([key, id, letters]) => [
    finds(FOUR, `${key} goes on by id`, {}, letters, { [key]: id, sort: undefined }),
    finds(FOUR, `${key} beside another sort is a plain filter`, {}, [...letters].sort().reverse().join(''), {
      [key]: id,
      sort: up('name'),
    }),
  ]),
  finds(FOUR, 'id_gt and id_lt work together', {}, 'bc', { id_gt: 'a~', id_lt: 'd~', sort: undefined }),
  finds(FOUR, 'nulls say nothing', {}, 'abcd', {
    sort: [{ field: 'id', direction: null }],
    ...{ limit: null, offset: null, next: null, id_gt: null, id_gte: null, id_lt: null, id_lte: null },
  }),
  { name: 'an absent filter is the empty filter', why: '8', ...query({ limit: 1 }), expect: ok() },
  { name: 'a payload of {} is fine', why: '8', ...query({}), expect: ok() },
  { name: 'no payload at all is fine', why: '8', method: 'GET', path: '/users', expect: ok() },
  {
    name: 'the usual limit is 30',
    why: '8',
    given: [upsert(Array.from({ length: 31 }, (_, at) => ({ id: `u${at + 10}~`, teams: ['team~'] })))],
    ...query({ filter_conditions: OURS, sort: up('id') }),
    expect: found(...Array.from({ length: 30 }, (_, at) => `u${at + 10}~`)),
  },
  ...[0, 101, -1, 1.5, '10', {}].map((limit) =>
    refusedQuery(`a limit of ${JSON.stringify(limit)} is refused`, { limit }),
  ),
  ...[-1, 1001, 1.5, '10'].map((offset) =>
    refusedQuery(`an offset of ${JSON.stringify(offset)} is refused`, { offset }),
  ),
];

const nexts: readonly Case[] = [
  { ...finds(FOUR, 'without more there is no next', {}, 'abcd'), expect: { status: 200, answer: { next: undefined } } },
  {
    ...finds(FOUR, 'a page that is full to the brim has no next', {}, 'abcd', { limit: 4 }),
    expect: { status: 200, answer: { next: undefined } },
  },
  {
    ...finds(FOUR, 'with more there is a next', {}, 'abc', { limit: 3 }),
    expect: { status: 200, answer: { next: /^.+$/ } },
  },
  ...['nonsense', '', 5, {}, [], 'W10', 'x'.repeat(5000)].map((next) =>
    refusedQuery(`a next of ${JSON.stringify(next).slice(0, 20)} is refused`, { next }),
  ),
];

const refusedSort = (sort: unknown, message: RegExp): Case =>
  refusedQuery(`a sort of ${JSON.stringify(sort)} is refused`, { sort }, message);

const refusals: readonly Case[] = [
  refusedQuery('four sort fields are refused', { sort: up('id', 'name', 'created_at', 'updated_at') }),
  ...[
    {},
    'id',
    [{}],
    ['id'],
    [{ field: 'id', direction: 2 }],
    [{ field: 'id', direction: 0 }],
    [{ field: 'id', direction: '1' }],
    [{ field: 5, direction: 1 }],
    [null],
  ].map((sort) => refusedSort(sort, /^QueryUsers failed with error: "/)),
  ...['teams', 'online', 'banned', 'invisible', 'privacy_settings', 'Name', 'a..b', '$x', 'a b', '__proto__', ''].map(
    (field) => refusedSort([{ field, direction: 1 }], /^QueryUsers failed with error: "/),
  ),
];

/** Section 8: orders and pages. */
export const querySortGroups: readonly Group[] = [
  ['query.sort', [...fields, ...refusals]],
  ['query.sort-missing', missing],
  ['query.pages', pages],
  ['query.next', nexts],
];

/** What a page may be sorted by, for those who page through users in every order. */
export const ORDERS: readonly (readonly Fields[])[] = [
  ...['id', 'name', 'role', 'created_at', 'updated_at', 'last_active', 'v', 'o.n'].flatMap((field) => [
    up(field),
    down(field),
  ]),
  [...up('role'), ...down('v')],
  [...down('v'), ...up('name'), ...down('role')],
];
