import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { user, value } from './arbitrary.test.ts';
import { type Filter, matches, parseFilter } from './filter.ts';
import type { JsonValue } from './json.ts';

class Refused extends Error {}
const parse = (json: JsonValue): Filter =>
  parseFilter(
    json,
    (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
    (message) => {
      throw new Refused(message);
    },
  );

const and = (...filters: Filter[]): Filter => ({ op: 'and', filters });
const or = (...filters: Filter[]): Filter => ({ op: 'or', filters });
const eq = (field: 'id' | 'name' | 'role', given: string): Filter => ({ op: '$eq', field, value: given });

const good: readonly (readonly [json: JsonValue, filter: Filter])[] = [
  [{}, and()],
  [{ id: 'ann' }, eq('id', 'ann')],
  [{ id: { $eq: 'ann' } }, eq('id', 'ann')],
  [{ name: '' }, eq('name', '')],
  [{ id: 'a', role: 'user' }, and(eq('id', 'a'), eq('role', 'user'))],
  [{ id: { $in: ['a', 'b'] } }, { op: '$in', field: 'id', values: ['a', 'b'] }],
  [{ name: { $in: [] } }, { op: '$in', field: 'name', values: [] }],
  [{ teams: { $contains: 'red' } }, { op: 'teams', teams: ['red'] }],
  [{ teams: {} }, and()],
  [{ created_at: '5' }, { op: '$eq', field: 'created_at', value: 5 }],
  [
    { created_at: { $gt: '5', $lte: '9' } },
    and({ op: '$gt', field: 'created_at', value: 5 }, { op: '$lte', field: 'created_at', value: 9 }),
  ],
  [{ $and: [{ id: 'a' }] }, and(eq('id', 'a'))],
  [{ $or: [{ id: 'a' }, {}] }, or(eq('id', 'a'), and())],
  [{ $or: [{ id: 'a' }], role: 'user' }, and(or(eq('id', 'a')), eq('role', 'user'))],
];

test('a filter is read as it is meant', () => {
  for (const [json, filter] of good) assert.deepEqual(parse(json), filter, JSON.stringify(json));
});

const bad: readonly (readonly [json: JsonValue, message: RegExp])[] = [
  [null, /^a filter must be an object$/],
  [[], /^a filter must be an object$/],
  ['id', /^a filter must be an object$/],
  [{ id: 5 }, /^field "id" expects type string$/],
  [{ id: null }, /^field "id" expects type string$/],
  [{ id: ['a'] }, /^field "id" expects type string$/],
  [{ id: {} }, /^field "id" has no operator$/],
  [{ id: { $in: 'a' } }, /^field "id" with "\$in" expects a list$/],
  [{ id: { $in: [5] } }, /^field "id" expects type string$/],
  [{ id: '\ud800' }, /lone surrogate or a NUL/],
  [{ name: { $in: ['a\0'] } }, /lone surrogate or a NUL/],
  [{ id: { $ne: 'a' } }, /operator "\$ne" is not served here yet/],
  [{ id: { ne: 'a' } }, /"ne" is not an operator/],
  [{ id: { $where: 'a' } }, /"\$where" is not an operator/],
  [{ created_at: 5 }, /^field "created_at" expects type time$/],
  [{ created_at: null }, /^field "created_at" expects type time$/],
  [{ created_at: 'soon' }, /^field "created_at" expects type time$/],
  [{ teams: ['red'] }, /operator "\$eq" is not served here yet/],
  [{ teams: { $contains: ['red'] } }, /^field "teams" expects type string$/],
  [{ online: true }, /^field "online" cannot be filtered/],
  [{ color: 'red' }, /^filtering by field "color" is not served yet$/],
  [{ toString: 'a' }, /^filtering by field "toString" is not served yet$/],
  [JSON.parse('{"__proto__":"a"}'), /^filtering by field "__proto__" is not served yet$/],
  [{ $nor: [{}] }, /operator "\$nor" is not served here yet/],
  [{ $xor: [{}] }, /"\$xor" is not an operator/],
  [{ $and: [] }, /^"\$and" expects a list that is not empty$/],
  [{ $or: {} }, /^"\$or" expects a list that is not empty$/],
  [{ $or: ['id'] }, /^a filter must be an object$/],
];

test('a filter that means nothing is refused with the reason', () => {
  for (const [json, message] of bad) {
    assert.throws(
      () => parse(json),
      (error) => error instanceof Refused && message.test(error.message),
      JSON.stringify(json),
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

test('a list has at most 1000 values', () => {
  const values = (count: number): JsonValue => ({ id: { $in: Array.from({ length: count }, (_, at) => `u${at}`) } });
  parse(values(1000));
  refuses(values(1001), /^field "id": a list has at most 1000 values$/);
});

const names = fc.constantFrom(
  'id',
  'name',
  'role',
  'teams',
  'created_at',
  'online',
  'color',
  '$and',
  '$or',
  '__proto__',
);
const operators = fc.constantFrom('$eq', '$in', '$gt', '$contains', '$exists', '$regex');
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
  );
  fc.assert(
    fc.property(user, fc.array(condition, { minLength: 1, maxLength: 4 }), (one, conditions) => {
      const each = conditions.map((json) => matches(parse(json), one));
      assert.equal(matches(parse({ $and: conditions }), one), each.every(Boolean));
      assert.equal(matches(parse({ $or: conditions }), one), each.some(Boolean));
      assert.equal(matches(parse(Object.assign({}, ...conditions)), one), each.every(Boolean));
    }),
  );
});
