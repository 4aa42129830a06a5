import type { Fields } from '../support/json.ts';
import type { Case } from './case.ts';
import { found, ok, query, refused, upsert } from './steps.ts';

const TEAM = 'team~';
const NAMES: readonly Fields[] = [
  { id: 'a~', name: 'Dora ~', role: 'admin', teams: [TEAM, 'red~'] },
  { id: 'b~', name: 'Carl ~', teams: [TEAM, 'blue~'] },
  { id: 'c~', name: 'Bert ~', role: 'moderator', teams: [TEAM] },
  { id: 'd~', name: 'anna ~', teams: [TEAM, 'red~', 'blue~'] },
];
const given = [upsert(NAMES)];
const mine = { teams: { $contains: TEAM } };
const byId = [{ field: 'id', direction: 1 }];

function finds(name: string, filter: Fields, ids: readonly string[], more: Fields = { sort: byId }): Case {
  return { name, why: '8', given, ...query({ filter_conditions: filter, ...more }), expect: found(...ids) };
}

/** A filter beside the mark of this case's users, so that other users of the app do not matter. */
const and = (filter: Fields): Fields => ({ $and: [mine, filter] });

const filters: readonly Case[] = [
  finds('finds a user by its bare id', { id: 'b~' }, ['b~']),
  finds('finds a user by $eq of its id', { id: { $eq: 'b~' } }, ['b~']),
  finds('finds users by $in of their ids', { id: { $in: ['c~', 'a~', 'nobody~'] } }, ['a~', 'c~']),
  finds('$in of an empty list finds nobody', { id: { $in: [] } }, []),
  finds('an id is found as it is written only', { id: 'B~' }, []),
  finds('finds a user by its bare name', { name: 'Carl ~' }, ['b~']),
  finds('finds a user by $eq of its name', { name: { $eq: 'Carl ~' } }, ['b~']),
  finds('finds users by $in of their names', { name: { $in: ['Carl ~', 'Dora ~'] } }, ['a~', 'b~']),
  finds('a name is found as it is written only', { name: 'carl ~' }, []),
  finds('finds users by role', and({ role: 'admin' }), ['a~']),
  finds('finds users by $in of roles', and({ role: { $in: ['admin', 'moderator'] } }), ['a~', 'c~']),
  finds('finds users by team', mine, ['a~', 'b~', 'c~', 'd~']),
  finds('finds users by two teams', { $and: [{ teams: { $contains: 'red~' } }, { teams: { $contains: 'blue~' } }] }, [
    'd~',
  ]),
  finds('{teams: {}} is no condition', { $and: [mine, { teams: {} }] }, ['a~', 'b~', 'c~', 'd~']),
  finds('several keys in one object mean $and', { ...mine, role: 'user' }, ['b~', 'd~']),
  finds('$or finds what either finds', { $or: [{ id: 'a~' }, { name: 'Bert ~' }] }, ['a~', 'c~']),
  finds('$and and $or nest', { $and: [mine, { $or: [{ role: 'admin' }, { id: 'd~' }] }] }, ['a~', 'd~']),
  finds('{} within $and is true', { $and: [mine, {}] }, ['a~', 'b~', 'c~', 'd~']),
  ...['$gt', '$gte'].map((operator) =>
    finds(
      `created_at ${operator} a time long ago finds users`,
      and({ created_at: { [operator]: '2001-01-01T00:00:00Z' } }),
      ['a~', 'b~', 'c~', 'd~'],
    ),
  ),
  ...['$lt', '$lte'].map((operator) =>
    finds(
      `created_at ${operator} a time long ago finds nobody`,
      and({ created_at: { [operator]: '2001-01-01T00:00:00Z' } }),
      [],
    ),
  ),
  finds(
    'a range of created_at may have both ends, any offset and precision',
    and({ created_at: { $gt: '2001-01-01T00:00:00.123456+02:00', $lt: '2999-01-01T00:00:00-11:00' } }),
    ['a~', 'b~', 'c~', 'd~'],
  ),
];

const sorts: readonly Case[] = [
  finds('sorts by id', mine, ['d~', 'c~', 'b~', 'a~'], { sort: [{ field: 'id', direction: -1 }] }),
  finds('sorts by name, by code point', mine, ['c~', 'b~', 'a~', 'd~'], { sort: [{ field: 'name', direction: 1 }] }),
  finds('sorts by name downwards', mine, ['d~', 'a~', 'b~', 'c~'], { sort: [{ field: 'name', direction: -1 }] }),
  finds('ties go by id in the direction of the last field', mine, ['d~', 'c~', 'b~', 'a~'], {
    sort: [{ field: 'created_at', direction: -1 }],
  }),
  finds('without a sort the newest come first', mine, ['d~', 'c~', 'b~', 'a~'], {}),
  {
    ...finds('sorts by updated_at', mine, ['a~', 'c~', 'd~', 'b~'], { sort: [{ field: 'updated_at', direction: 1 }] }),
    // Twice, since all may happen in one millisecond: the second time is later for sure.
    given: [...given, upsert([{ id: 'd~', x: 1 }]), upsert([{ id: 'b~', x: 1 }]), upsert([{ id: 'b~', x: 2 }])],
  },
  {
    ...finds('users without a name come last upwards', mine, ['c~', 'b~', 'd~', 'a~'], {
      sort: [{ field: 'name', direction: 1 }],
    }),
    given: [...given, upsert([{ id: 'a~' }])],
  },
  {
    ...finds('users without a name come last downwards', mine, ['d~', 'b~', 'c~', 'a~'], {
      sort: [{ field: 'name', direction: -1 }],
    }),
    given: [...given, upsert([{ id: 'a~' }])],
  },
  finds('two sort fields work together', mine, ['a~', 'b~', 'c~', 'd~'], {
    sort: [
      { field: 'created_at', direction: 1 },
      { field: 'id', direction: 1 },
    ],
  }),
];

const pages: readonly Case[] = [
  finds('limit cuts the answer', mine, ['a~', 'b~'], { sort: byId, limit: 2 }),
  finds('offset skips', mine, ['c~', 'd~'], { sort: byId, offset: 2 }),
  finds('an offset past the end finds nobody', mine, [], { sort: byId, offset: 1000 }),
  finds('id_gt goes on after an id, upwards', mine, ['c~', 'd~'], { id_gt: 'b~' }),
  finds('id_gte begins with an id', mine, ['b~', 'c~', 'd~'], { id_gte: 'b~' }),
  finds('id_lt goes on before an id, downwards', mine, ['b~', 'a~'], { id_lt: 'c~' }),
  finds('id_lte begins with an id, downwards', mine, ['c~', 'b~', 'a~'], { id_lte: 'c~' }),
  finds('id_gt beside another sort is a plain filter', mine, ['c~', 'd~'], {
    id_gt: 'b~',
    sort: [{ field: 'name', direction: 1 }],
  }),
  { name: 'an absent filter is the empty filter', why: '8', given, ...query({ limit: 1 }), expect: ok() },
  { name: 'a payload of {} is fine', why: '8', given, ...query({}), expect: ok() },
  { name: 'no payload at all is fine', why: '8', method: 'GET', path: '/users', expect: ok() },
  {
    name: 'without more there is no next',
    why: '8',
    given,
    ...query({ filter_conditions: mine, sort: byId }),
    expect: ok({ next: undefined }),
  },
  {
    name: 'with more there is a next',
    why: '8',
    given,
    ...query({ filter_conditions: mine, sort: byId, limit: 3 }),
    expect: ok({ next: /^.+$/ }),
  },
];

const QUERY = /^QueryUsers failed with error: "/;
const refusedQuery = (name: string, payload: unknown, message: RegExp = QUERY): Case => ({
  name,
  why: '8',
  ...query(payload),
  expect: refused(4, message),
});

const refusals: readonly Case[] = [
  refusedQuery('a payload that is broken is refused', '{"filter_conditions":'),
  refusedQuery('a payload that is a list is refused', []),
  refusedQuery('a payload that is null is refused', 'null'),
  ...[[], 'id', 5].map((filter) =>
    refusedQuery(`a filter of ${JSON.stringify(filter)} is refused`, { filter_conditions: filter }),
  ),
  ...[0, 101, -1, 1.5, '10'].map((limit) => refusedQuery(`a limit of ${JSON.stringify(limit)} is refused`, { limit })),
  ...[-1, 1001, 1.5, '10'].map((offset) =>
    refusedQuery(`an offset of ${JSON.stringify(offset)} is refused`, { offset }),
  ),
  refusedQuery('four sort fields are refused', {
    sort: ['id', 'name', 'created_at', 'updated_at'].map((field) => ({ field, direction: 1 })),
  }),
  ...[
    {},
    [{}],
    [{ field: 'id', direction: 2 }],
    [{ field: 'id', direction: '1' }],
    [{ field: 5, direction: 1 }],
    ['id'],
  ].map((sort) => refusedQuery(`a sort of ${JSON.stringify(sort)} is refused`, { sort })),
  refusedQuery(
    'an id is a text',
    { filter_conditions: { id: 5 } },
    /^QueryUsers failed with error: "field .*id.* expects type string"/,
  ),
  ...[
    { id: { $in: 'a' } },
    { id: { $in: [5] } },
    { id: null },
    { role: 5 },
    { teams: { $contains: 5 } },
    { teams: { $contains: ['a'] } },
  ].map((filter) =>
    refusedQuery(`a filter of a wrong type is refused: ${JSON.stringify(filter)}`, { filter_conditions: filter }),
  ),
  ...['yesterday', 5, null, {}].map((time) =>
    refusedQuery(`created_at is never compared with ${JSON.stringify(time)}`, {
      filter_conditions: { created_at: { $gt: time } },
    }),
  ),
  ...[{ $and: [] }, { $or: [] }, { $and: {} }, { $or: [5] }, { $xor: [{ id: 'a' }] }].map((filter) =>
    refusedQuery(`a filter of ${JSON.stringify(filter)} is refused`, { filter_conditions: filter }),
  ),
  refusedQuery('an operator that nobody knows is refused', { filter_conditions: { id: { $like: 'a' } } }, /\$like/),
  refusedQuery('online cannot be filtered', { filter_conditions: { online: true } }, /online/),
  refusedQuery('a path with a leading $ is refused', { filter_conditions: { '$x.y': 1 } }),
  refusedQuery('a filter deeper than 5 is refused', {
    filter_conditions: [1, 2, 3, 4, 5, 6].reduce<Fields>((inner) => ({ $and: [inner] }), { id: 'a' }),
  }),
  refusedQuery('more than 100 conditions are refused', {
    filter_conditions: { $or: Array.from({ length: 101 }, (_, index) => ({ id: `${index}` })) },
  }),
  refusedQuery('more than 1,000 values in a list are refused', {
    filter_conditions: { id: { $in: Array.from({ length: 1001 }, (_, index) => `${index}`) } },
  }),
  ...['nonsense', '', 5, {}].map((next) => refusedQuery(`a next of ${JSON.stringify(next)} is refused`, { next })),
];

/** Section 8: finding users. */
export const queryCases: readonly Case[] = [...filters, ...sorts, ...pages, ...refusals];
