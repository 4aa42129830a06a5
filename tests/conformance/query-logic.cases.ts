import type { Fields } from '../support/json.ts';
import type { Case, Group } from './case.ts';
import { BY_ID, finds, OURS, type People, refusedFilter, refusedQuery, table } from './find.ts';
import { found, query, upsert } from './steps.ts';

const PEOPLE: People = {
  a: { color: 'red', age: 5 },
  b: { color: 'red', age: 6 },
  c: { color: 'blue', age: 5 },
  d: { age: 5 },
};
const RED = { color: 'red' };
const FIVE = { age: 5 };

const logic: readonly Case[] = [
  ...table(PEOPLE, [
    [{ $and: [RED, FIVE] }, 'a'],
    [{ $or: [RED, FIVE] }, 'abcd'],
    [{ $nor: [RED, FIVE] }, ''],
    [{ $nor: [RED] }, 'cd'],
    [{ $nor: [{ color: 'blue' }, { age: 6 }] }, 'ad'],
    [{ $nor: [{ $nor: [RED] }] }, 'ab'],
    [{ ...RED, ...FIVE }, 'a'],
    [{ ...RED, $or: [FIVE, { id: 'b~' }] }, 'ab'],
    [{ $or: [RED], $nor: [FIVE] }, 'b'],
    [{ $and: [{ $or: [RED, { color: 'blue' }] }, { $nor: [{ $and: [RED, FIVE] }] }] }, 'bc'],
    [{ $and: [{}] }, 'abcd'],
    [{ $or: [{}] }, 'abcd'],
    [{ $or: [RED, {}] }, 'abcd'],
    [{ $nor: [{}] }, ''],
    [{ $nor: [RED, {}] }, ''],
    [{ $nor: [{ color: { $exists: true } }] }, 'd'],
    [{ $nor: [{ color: { $ne: 'red' } }] }, 'ab'],
    [{ age: { $gt: 4, $lt: 6, $ne: 7 } }, 'acd'],
    [{ $and: [RED, RED, RED] }, 'ab'],
  ]),
  {
    name: '{} finds everybody',
    why: '8',
    ...query({ filter_conditions: {}, limit: 1 }),
    expect: { status: 200 },
  },
];

/** A filter of so many levels: one condition within `$and` lists. */
const levels = (count: number, innermost: Fields): Fields =>
  count <= 1 ? innermost : { [count % 2 === 0 ? '$and' : '$or']: [levels(count - 1, innermost)] };

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `${at}~`);

const bounds: readonly Case[] = [
  {
    ...finds(PEOPLE, 'five levels are fine', {}, 'ab'),
    ...query({ filter_conditions: { ...OURS, ...levels(5, RED) }, sort: BY_ID }),
  },
  refusedFilter(levels(6, RED), 'a filter has at most 5 levels'),
  refusedFilter(levels(60, RED), 'a filter has at most 5 levels'),
  {
    ...finds(PEOPLE, '100 conditions are fine', {}, 'ab'),
    ...query({ filter_conditions: { ...OURS, $or: Array.from({ length: 99 }, () => RED) }, sort: BY_ID }),
  },
  refusedFilter({ ...OURS, $or: Array.from({ length: 100 }, () => RED) }, 'a filter has at most 100 conditions'),
  refusedFilter({ $or: ids(101).map((id) => ({ id })) }, 'a filter has at most 100 conditions'),
  refusedFilter({ $and: Array.from({ length: 101 }, () => ({})) }, 'a filter has at most 100 conditions'),
  finds(PEOPLE, '1,000 values in a list are fine', { id: { $in: [...ids(999), 'a~'] } }, 'a'),
  finds(PEOPLE, '1,000 values in a list of $nin are fine', { id: { $nin: [...ids(999), 'a~'] } }, 'bcd'),
  finds(
    PEOPLE,
    '1,000 values of a custom field are fine',
    { age: { $in: Array.from({ length: 1000 }, (_, n) => n) } },
    'abcd',
  ),
  ...['id', 'name', 'color', 'teams'].map((field) =>
    refusedFilter({ [field]: { $in: ids(1001) } }, `field "${field}": a list has at most 1000 values`),
  ),
  refusedFilter({ color: { $nin: ids(1001) } }, 'field "color": a list has at most 1000 values'),
  refusedFilter({ tags: { $eq: ids(1001) } }, 'field "tags": a list has at most 1000 values'),
];

const wrongTypes: readonly Case[] = [
  ...['id', 'name', 'role', 'language'].flatMap((field) =>
    [5, null, true, ['a'], { $eq: 5 }, { $ne: null }, { $in: [5] }, { $nin: [null] }, { $gt: 5 }, { $lte: false }].map(
      (operand) => refusedFilter({ [field]: operand }, `field "${field}" expects type string`),
    ),
  ),
  ...[{ $in: 'a' }, { $nin: 'a' }, { $in: null }, { $in: {} }].map((operand) =>
    refusedFilter({ id: operand }, 'field "id" with "$'),
  ),
  ...[5, 'true', null, {}].map((operand) =>
    refusedFilter({ color: { $exists: operand } }, 'field "color" with "$exists" expects type bool'),
  ),
  ...[true, null, [5], {}].map((operand) => refusedFilter({ age: { $gt: operand } }, 'field "age" expects type')),
  ...[{ $eq: { a: 1 } }, { $ne: {} }].map((operand) => refusedFilter({ color: operand }, 'field "color" expects type')),
  refusedQuery('an infinite number is refused', '{"filter_conditions": {"age": 1e400}}'),
  refusedFilter({ name: '\ud800' }),
  refusedFilter({ color: { $in: ['a\u0000'] } }),
];

const unknown: readonly Case[] = [
  refusedFilter({ id: { $like: 'a' } }, '"$like" is not an operator'),
  refusedFilter({ color: { $regex: 'a' } }, '"$regex" is not an operator'),
  refusedFilter({ color: { red: 1 } }, '"red" is not an operator'),
  refusedFilter({ color: { $and: [] } }, '$and'),
  refusedFilter({ color: {} }, 'field "color" has no operator'),
  refusedFilter({ id: {} }, 'field "id" has no operator'),
  ...[{ $and: [] }, { $or: [] }, { $nor: [] }, { $and: {} }, { $or: 'a' }, { $nor: null }].map((filter) =>
    refusedFilter(filter, 'expects a list that is not empty'),
  ),
  ...[{ $or: [5] }, { $and: [null] }, { $nor: [[]] }].map((filter) =>
    refusedFilter(filter, 'a filter must be an object'),
  ),
  ...['$xor', '$not', '$where', '$'].map((key) => refusedFilter({ [key]: [{ id: 'a' }] }, 'is not an operator')),
  refusedFilter({ $eq: 'a' }, '"$eq" must stand below a field'),
  refusedFilter({ role: { $contains: 'a' } }, 'field "role" cannot be filtered with "$contains"'),
  refusedFilter({ role: { $autocomplete: 'a' } }, 'field "role" cannot be filtered with "$autocomplete"'),
  refusedFilter({ color: { $q: 'a' } }, 'field "color" cannot be filtered with "$q"'),
  ...[
    'teams_role',
    'privacy_settings',
    'revoke_tokens_issued_before',
    'mutes',
    'devices',
    'blocked_user_ids',
    'unread_count',
    'deleted_at',
    'ban_expires',
    'custom',
    'pk',
    'extra_data',
    'privacy_settings.read_receipts',
    'teams.0',
    'id.x',
  ].map((field) => refusedFilter({ [field]: 'x' }, `field "${field}" cannot be filtered`)),
  ...['Id', 'TEAMS', 'Created_At', 'Banned'].map((field) => refusedFilter({ [field]: 'x' }, field)),
];

const payloads: readonly Case[] = [
  refusedQuery('a payload that is broken is refused', '{"filter_conditions":'),
  refusedQuery('a payload that is a list is refused', []),
  refusedQuery('a payload that is null is refused', 'null'),
  ...[[], 'id', 5].map((filter) =>
    refusedQuery(`a filter of ${JSON.stringify(filter)} is refused`, { filter_conditions: filter }),
  ),
  ...['yes', 1, {}].map((presence) => refusedQuery(`presence of ${JSON.stringify(presence)} is refused`, { presence })),
  ...['yes', 1].map((flag) =>
    refusedQuery(`include_deactivated_users of ${JSON.stringify(flag)} is refused`, {
      include_deactivated_users: flag,
    }),
  ),
  ...[5, {}, []].map((id) => refusedQuery(`id_gt of ${JSON.stringify(id)} is refused`, { id_gt: id })),
  {
    ...refusedQuery('the message of a long key is short', { filter_conditions: { [`${'x'.repeat(5000)} y`]: 1 } }),
    expect: { status: 400, code: 4, message: /^.{10,600}$/ },
  },
];

/** Texts that mean something to SQL, to patterns or to a search engine, and nothing to us. */
const HOSTILE = [
  "'; DROP TABLE user; --",
  "x' OR '1'='1",
  '" OR ""="',
  '%',
  '_____',
  '*',
  'a* OR b*',
  'NEAR(a b)',
  'name : ann',
  '^ann',
  '(((((((',
  '\\',
  '?1',
  '$.color',
  '{"$ne": null}',
  '(a+)+$',
];

const hostile: readonly Case[] = HOSTILE.flatMap((text): Case[] => [
  finds({ a: { color: text }, b: { color: 'red' } }, `finds ${text} as it is`, { color: text }, 'a'),
  finds({ a: { name: `${text} ~` }, b: {} }, `finds the name ${text} as it is`, { name: `${text} ~` }, 'a'),
  finds({ a: { color: 'x' }, b: { color: 'red' } }, `finds nobody by ${text}`, { color: { $in: [text] } }, ''),
  {
    name: `searches for ${text} without a stumble`,
    why: '8',
    given: [upsert([{ id: 'a~', name: `zoe~ ${text}`, username: `zoe~ ${text}` }])],
    ...query({ filter_conditions: { name: { $autocomplete: `zoe~ ${text}` }, username: { $q: 'zoe~' } } }),
    expect: found('a~'),
  },
]);

/** Section 8: how conditions are combined, how many they may be, and what is refused. */
export const queryLogicGroups: readonly Group[] = [
  ['query.logic', logic],
  ['query.bounds', bounds],
  ['query.refused', [...wrongTypes, ...unknown, ...payloads]],
  ['query.hostile', hostile],
];
