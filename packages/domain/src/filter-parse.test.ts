import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { user, value } from './arbitrary.test.ts';
import {
  type Field,
  type Filter,
  matches,
  parseFilter,
  parseSortField,
  type Scalar,
  type WordsField,
} from './filter.ts';
import type { JsonValue } from './json.ts';

class Refused extends Error {}
const refuse = (message: string): never => {
  throw new Refused(message);
};
const parse = (json: JsonValue): Filter =>
  parseFilter(json, (text) => (/^\d+$/.test(text) ? Number(text) : undefined), refuse);

const and = (...filters: Filter[]): Filter => ({ op: 'and', filters });
const or = (...filters: Filter[]): Filter => ({ op: 'or', filters });
const nor = (...filters: Filter[]): Filter => ({ op: 'nor', filters });
const eq = (field: Field, given: Scalar): Filter => ({ op: '$eq', field, value: given });
const at = (...path: string[]): { path: string[] } => ({ path });
const same = (field: 'teams' | { path: string[] }, ...values: Scalar[]): Filter => ({ op: 'same_set', field, values });
const search = (field: WordsField, ...found: string[]): Filter => ({ op: '$autocomplete', field, words: found });
const long = 'x'.repeat(6000);

type Row = readonly [json: JsonValue, filter: Filter];

/** Every row, read as it is meant. */
function reads(name: string, table: readonly Row[]): void {
  test(name, () => {
    for (const [json, filter] of table) assert.deepEqual(parse(json), filter, JSON.stringify(json).slice(0, 100));
  });
}

reads('a bare value means $eq, several keys mean $and', [
  [{}, and()],
  [{ id: 'ann' }, eq('id', 'ann')],
  [{ id: { $eq: 'ann' } }, eq('id', 'ann')],
  [{ name: '' }, eq('name', '')],
  [{ id: 'a', role: 'user' }, and(eq('id', 'a'), eq('role', 'user'))],
  [{ language: 'en', image: 'x' }, and(eq('language', 'en'), eq('image', 'x'))],
]);

reads('texts take every comparison', [
  ...(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'] as const).map(
    (op): Row => [{ name: { [op]: 'm' } }, { op, field: 'name', value: 'm' }],
  ),
  [{ id: { $in: ['a', 'b'] } }, { op: '$in', field: 'id', values: ['a', 'b'] }],
  [{ role: { $nin: ['a'] } }, { op: '$nin', field: 'role', values: ['a'] }],
  [{ name: { $in: [] } }, { op: '$in', field: 'name', values: [] }],
  [{ name: { $exists: false } }, { op: '$exists', field: 'name', value: false }],
]);

reads('ids, names and usernames are searched by words', [
  [{ name: { $autocomplete: 'John D' } }, search('name', 'john', 'd')],
  [{ id: { $q: 'JO' } }, search('id', 'jo')],
  [{ username: { $q: 'Élan' } }, search('username', 'elan')],
  [{ name: { $autocomplete: '王小明' } }, search('name', '王小明')],
  [{ name: { $q: '…' } }, search('name')],
]);

reads('teams are a set', [
  [{ teams: { $contains: 'red' } }, { op: '$contains', field: 'teams', value: 'red' }],
  [{ teams: { $in: ['red', 'blue'] } }, { op: '$in', field: 'teams', values: ['red', 'blue'] }],
  [{ teams: { $eq: ['red'] } }, same('teams', 'red')],
  [{ teams: [] }, same('teams')],
  [{ teams: { $exists: true } }, { op: '$exists', field: 'teams', value: true }],
  [{ teams: {} }, and()],
  [{ teams: {}, id: 'a' }, eq('id', 'a')],
]);

reads('times and flags have their types', [
  [{ created_at: '5' }, eq('created_at', 5)],
  [
    { created_at: { $gt: '5', $lte: '9' } },
    and({ op: '$gt', field: 'created_at', value: 5 }, { op: '$lte', field: 'created_at', value: 9 }),
  ],
  [{ last_active: { $exists: true } }, { op: '$exists', field: 'last_active', value: true }],
  [{ updated_at: { $gte: '5' } }, { op: '$gte', field: 'updated_at', value: 5 }],
  [{ deactivated_at: { $lt: '5' } }, { op: '$lt', field: 'deactivated_at', value: 5 }],
  [{ banned: true }, eq('banned', true)],
  [{ shadow_banned: { $ne: true } }, { op: '$ne', field: 'shadow_banned', value: true }],
  [{ invisible: { $eq: false } }, eq('invisible', false)],
]);

reads('custom fields take any scalar, lists and paths', [
  [{ age: 30 }, eq(at('age'), 30)],
  [{ age: -0 }, eq(at('age'), 0)],
  [{ age: null }, eq(at('age'), null)],
  [{ vip: { $ne: true } }, { op: '$ne', field: at('vip'), value: true }],
  [{ 'address.city': 'Bonn' }, eq(at('address', 'city'), 'Bonn')],
  [{ username: { $gt: 'm' } }, { op: '$gt', field: at('username'), value: 'm' }],
  [{ age: { $gte: 18, $lt: '9' } }, and(range('$gte', 18), range('$lt', '9'))],
  [{ age: { $in: [1, '1', true, null] } }, { op: '$in', field: at('age'), values: [1, '1', true, null] }],
  [{ tags: ['a', 1, 'a'] }, same(at('tags'), 'a', 1, 'a')],
  [{ tags: { $eq: [] } }, same(at('tags'))],
  [{ tags: { $ne: ['a'] } }, nor(same(at('tags'), 'a'))],
  [{ tags: { $contains: null } }, { op: '$contains', field: at('tags'), value: null }],
  [{ tags: { $exists: false } }, { op: '$exists', field: at('tags'), value: false }],
  [{ toString: 'a' }, eq(at('toString'), 'a')],
  [{ book: long }, eq(at('book'), long)],
  [{ [Array(20).fill('a').join('.')]: 1 }, eq(at(...Array(20).fill('a')), 1)],
]);

function range(op: '$gte' | '$lt', bound: string | number): Filter {
  return { op, field: at('age'), value: bound };
}

reads('groups nest', [
  [{ $and: [{ id: 'a' }] }, and(eq('id', 'a'))],
  [{ $or: [{ id: 'a' }, {}] }, or(eq('id', 'a'), and())],
  [{ $nor: [{ id: 'a' }] }, nor(eq('id', 'a'))],
  [{ $or: [{ id: 'a' }], role: 'user' }, and(or(eq('id', 'a')), eq('role', 'user'))],
  [{ $and: [{ $and: [{ $and: [{ id: 'a' }] }] }] }, and(and(and(eq('id', 'a'))))],
]);

const bad: readonly (readonly [json: JsonValue, message: RegExp])[] = [
  [null, /^a filter must be an object$/],
  [[], /^a filter must be an object$/],
  ['id', /^a filter must be an object$/],
  [{ id: 5 }, /^field "id" expects type string$/],
  [{ id: null }, /^field "id" expects type string$/],
  [{ id: ['a'] }, /^field "id" expects type string$/],
  [{ name: { $ne: null } }, /^field "name" expects type string$/],
  [{ id: {} }, /^field "id" has no operator$/],
  [{ age: {} }, /^field "age" has no operator$/],
  [{ id: { $in: 'a' } }, /^field "id" with "\$in" expects a list$/],
  [{ id: { $in: [5] } }, /^field "id" expects type string$/],
  [{ id: '\ud800' }, /lone surrogate or a NUL/],
  [{ name: { $in: ['a\0'] } }, /lone surrogate or a NUL/],
  [{ name: { $q: 'a\0' } }, /lone surrogate or a NUL/],
  [{ book: '\ud800' }, /^field "book" contains a lone surrogate or a NUL character$/],
  [{ id: { ne: 'a' } }, /^field "id": "ne" is not an operator$/],
  [{ id: { $where: 'a' } }, /^field "id": "\$where" is not an operator$/],
  [{ address: { city: 'Bonn' } }, /^field "address": "city" is not an operator$/],
  [{ id: { $contains: 'a' } }, /^field "id" cannot be filtered with "\$contains"$/],
  [{ id: { $and: [] } }, /^field "id" cannot be filtered with "\$and"$/],
  [{ id: { $exists: 1 } }, /^field "id" with "\$exists" expects type boolean$/],
  [{ created_at: 5 }, /^field "created_at" expects type time$/],
  [{ created_at: null }, /^field "created_at" expects type time$/],
  [{ last_active: 'soon' }, /^field "last_active" expects type time$/],
  [{ created_at: { $in: ['5'] } }, /^field "created_at" cannot be filtered with "\$in"$/],
  [{ created_at: { $ne: '5' } }, /^field "created_at" cannot be filtered with "\$ne"$/],
  [{ banned: 1 }, /^field "banned" expects type boolean$/],
  [{ banned: null }, /^field "banned" expects type boolean$/],
  [{ invisible: { $exists: true } }, /^field "invisible" cannot be filtered with "\$exists"$/],
  [{ teams: 'red' }, /^field "teams" expects type array of strings$/],
  [{ teams: null }, /^field "teams" expects type array of strings$/],
  [{ teams: { $eq: [5] } }, /^field "teams" expects type string$/],
  [{ teams: { $ne: ['red'] } }, /^field "teams" cannot be filtered with "\$ne"$/],
  [{ teams: { $contains: ['red'] } }, /^field "teams" expects type string$/],
  [{ age: { $eq: {} } }, /^field "age" expects type string, number, boolean or null$/],
  [{ age: { $in: [[1]] } }, /^field "age" expects type string, number, boolean or null$/],
  [{ tags: [{}] }, /^field "tags" expects type string, number, boolean or null$/],
  [{ age: { $gt: null } }, /^field "age" expects type string or number$/],
  [{ age: { $gt: true } }, /^field "age" expects type string or number$/],
  [{ age: Number.POSITIVE_INFINITY }, /^field "age" is compared with a number that is not finite$/],
  [{ age: { $lt: Number.NEGATIVE_INFINITY } }, /not finite$/],
  [{ name: { $autocomplete: '' } }, /^field "name" with "\$autocomplete" expects a string that is not empty$/],
  [{ name: { $q: 5 } }, /^field "name" expects type string$/],
  [{ name: { $q: 'a b '.repeat(500) } }, /^field "name" with "\$q" expects at most 32 words$/],
  [{ name: { $q: Array.from({ length: 33 }, (_, n) => `w${n}`).join(' ') } }, /expects at most 32 words$/],
  [{ role: { $q: 'a' } }, /^field "role" cannot be filtered with "\$q"$/],
  [{ 'username.x': { $q: 'a' } }, /^field "username.x" cannot be filtered with "\$q"$/],
  [{ online: true }, /^field "online" cannot be filtered: it is presence, not data$/],
  ...[
    'teams_role',
    'privacy_settings',
    'revoke_tokens_issued_before',
    'mutes',
    'devices',
    'deleted_at',
    'pk',
    'custom',
  ].map((field) => [{ [field]: 'a' }, new RegExp(`^field "${field}" cannot be filtered$`)] as const),
  ...['id.x', 'name.first', 'teams.0', 'privacy_settings.read_receipts', 'custom.age'].map(
    (field) => [{ [field]: 'a' }, new RegExp(`^field "${field}" cannot be filtered$`)] as const,
  ),
  [{ Role: 'a' }, /^field "Role" differs from a built-in field only by case$/],
  [{ '': 'a' }, /^field "" has an empty segment$/],
  [{ 'a..b': 'a' }, /^field "a\.\.b" has an empty segment$/],
  [{ 'a b': 'a' }, /^field "a b" has a segment that no path can reach$/],
  [{ 'a.$b': 'a' }, /^field "a\.\$b" has a segment that no path can reach$/],
  [{ 'a\0': 'a' }, /^field "a\ufffd" is a key with a lone surrogate or a NUL character$/],
  [JSON.parse('{"__proto__":"a"}'), /^field "__proto__" is a forbidden key$/],
  [{ 'a.constructor': 'a' }, /^field "a\.constructor" is a forbidden key$/],
  [{ 'prototype.a': 'a' }, /^field "prototype\.a" is a forbidden key$/],
  [{ [Array(21).fill('a').join('.')]: 1 }, /" is more than 20 levels deep$/],
  [{ ['a.'.repeat(100_000)]: 1 }, /^field "[^"]{1,70}" is too long for a path$/],
  [{ [long]: 1 }, /^field "x{64}…" is too long for a path$/],
  [{ [`$${long}`]: 1 }, /^"\$x{63}…" is not an operator$/],
  [{ id: { [long]: 1 } }, /^field "id": "x{64}…" is not an operator$/],
  [{ $xor: [{}] }, /^"\$xor" is not an operator$/],
  [{ $eq: 'a' }, /^"\$eq" must stand below a field$/],
  [{ $and: [] }, /^"\$and" expects a list that is not empty$/],
  [{ $or: {} }, /^"\$or" expects a list that is not empty$/],
  [{ $nor: null }, /^"\$nor" expects a list that is not empty$/],
  [{ $or: ['id'] }, /^a filter must be an object$/],
];

test('a filter that means nothing is refused with the reason', () => {
  for (const [json, message] of bad) {
    assert.throws(
      () => parse(json),
      (error) => error instanceof Refused && message.test(error.message) && error.message.length < 200,
      JSON.stringify(json).slice(0, 100),
    );
  }
});

const refuses = (json: JsonValue, message: RegExp): void =>
  assert.throws(
    () => parse(json),
    (error) => error instanceof Refused && message.test(error.message),
  );

/** A filter of so many levels. */
function deep(levels: number): JsonValue {
  let filter: JsonValue = { id: 'a' };
  for (let level = 1; level < levels; level++) filter = { [level % 2 === 0 ? '$and' : '$or']: [filter] };
  return filter;
}

test('a filter has at most 5 levels', () => {
  parse(deep(5));
  refuses(deep(6), /^a filter has at most 5 levels$/);
  refuses(deep(10_000), /^a filter has at most 5 levels$/);
});

test('a filter has at most 100 conditions, however they are grouped', () => {
  const ids = (count: number): JsonValue[] => Array.from({ length: count }, (_, at) => ({ id: `u${at}` }));
  parse({ $or: ids(100) });
  parse({ $or: ids(50), $and: ids(50) });
  refuses({ $or: ids(101) }, /^a filter has at most 100 conditions$/);
  refuses({ $or: ids(50), $and: ids(51) }, /^a filter has at most 100 conditions$/);
  refuses({ $and: [{ $or: ids(60) }, { $or: ids(41) }] }, /^a filter has at most 100 conditions$/);
  refuses({ $or: ids(99), created_at: { $gt: '1', $lt: '2' } }, /^a filter has at most 100 conditions$/);
});

test('nothing is counted too, so that no filter is without end', () => {
  parse({ $or: Array(100).fill({}) });
  refuses({ $or: Array(101).fill({}) }, /^a filter has at most 100 conditions$/);
  refuses({ $or: Array(101).fill({ teams: {} }) }, /^a filter has at most 100 conditions$/);
  refuses({ $or: Array(11).fill({ $and: Array(10).fill({}) }) }, /^a filter has at most 100 conditions$/);
});

test('a list has at most 1000 values', () => {
  const values = (count: number): JsonValue => ({ id: { $in: Array.from({ length: count }, (_, at) => `u${at}`) } });
  parse(values(1000));
  refuses(values(1001), /^field "id": a list has at most 1000 values$/);
  parse({ tags: Array(1000).fill(1) });
  refuses({ tags: Array(1001).fill(1) }, /^field "tags": a list has at most 1000 values$/);
  refuses({ teams: Array(1001).fill('red') }, /^field "teams": a list has at most 1000 values$/);
});

const names = fc.constantFrom(
  'id',
  'name',
  'role',
  'teams',
  'created_at',
  'invisible',
  'online',
  'color',
  'username',
  'address.city',
  'teams_role',
  '$and',
  '$or',
  '$nor',
  '__proto__',
);
const operators = fc.constantFrom(
  ...'$eq $ne $in $nin $gt $gte $lt $lte $exists $contains $autocomplete $q $regex $and'.split(' '),
);
const { filter: hostile } = fc.letrec<{ filter: JsonValue }>((tie) => ({
  filter: fc.dictionary(
    names,
    fc.oneof({ maxDepth: 6 }, value, fc.dictionary(operators, value), fc.array(tie('filter'), { maxLength: 3 })),
    { maxKeys: 3 },
  ),
}));

test('whatever is asked is either understood or refused', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, value), user, (json, one) => {
      try {
        assert.equal(typeof matches(parse(json), one), 'boolean');
      } catch (error) {
        assert.ok(error instanceof Refused, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('several conditions in one object are all meant, in a list of $or any', () => {
  const condition = fc.constantFrom<JsonValue>(
    { id: 'ann' },
    { role: 'user' },
    { name: 'Ann' },
    { teams: { $contains: 'red' } },
    { color: { $ne: 'red' } },
    { 'address.city': { $exists: false } },
  );
  fc.assert(
    fc.property(user, fc.array(condition, { minLength: 1, maxLength: 4 }), (one, conditions) => {
      const each = conditions.map((json) => matches(parse(json), one));
      assert.equal(matches(parse({ $and: conditions }), one), each.every(Boolean));
      assert.equal(matches(parse({ $or: conditions }), one), each.some(Boolean));
      assert.equal(matches(parse({ $nor: conditions }), one), !each.some(Boolean));
      assert.equal(matches(parse(Object.assign({}, ...conditions)), one), each.every(Boolean));
    }),
  );
});

test('a page is sorted by times, ids, names, roles and custom fields', () => {
  for (const field of ['id', 'name', 'role', 'created_at', 'updated_at', 'last_active', 'deactivated_at'])
    assert.equal(parseSortField(field, refuse), field);
  assert.deepEqual(parseSortField('username', refuse), { path: ['username'] });
  assert.deepEqual(parseSortField('address.city', refuse), { path: ['address', 'city'] });
});

test('a page is sorted by nothing else', () => {
  for (const [field, message] of [
    ['teams', /^field "teams" cannot be sorted by$/],
    ['language', /^field "language" cannot be sorted by$/],
    ['online', /^field "online" cannot be sorted by: it is presence, not data$/],
    ['name.first', /^field "name.first" cannot be sorted by$/],
    ['Name', /^field "Name" differs from a built-in field only by case$/],
    ['', /^field "" has an empty segment$/],
    ['$x', /^field "\$x" has a segment that no path can reach$/],
    ['__proto__', /^field "__proto__" is a forbidden key$/],
    [long, /^field "x{64}…" is too long for a path$/],
  ] as const) {
    assert.throws(
      () => parseSortField(field, refuse),
      (error) => error instanceof Refused && message.test(error.message),
      field.slice(0, 20),
    );
  }
});
