import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { someone, sort, user } from './arbitrary.test.ts';
import { comparePlaces, compareUsers, DEFAULT_SORT, fieldOf, placeInOrder, type Sort, totalOrder } from './order.ts';
import type { User } from './user.ts';

const id = (direction: 1 | -1): Sort => ({ field: 'id', direction });
const name = (direction: 1 | -1): Sort => ({ field: 'name', direction });
const sorted = (users: readonly User[], ...steps: Sort[]): string =>
  users
    .toSorted((a, b) => compareUsers(totalOrder(steps), a, b))
    .map((one) => one.id)
    .join(' ');

test('an order without an end is given one: ids, in the direction of the last field', () => {
  const age: Sort = { field: { path: ['age'] }, direction: -1 };
  assert.deepEqual(totalOrder([]), DEFAULT_SORT);
  assert.deepEqual(DEFAULT_SORT, [{ field: 'created_at', direction: -1 }, id(-1)]);
  assert.deepEqual(totalOrder([name(1)]), [name(1), id(1)]);
  assert.deepEqual(totalOrder([name(1), age]), [name(1), age, id(-1)]);
  assert.deepEqual(totalOrder([id(-1)]), [id(-1)]);
  assert.deepEqual(totalOrder([id(1), name(-1)]), [id(1)]);
  assert.deepEqual(totalOrder([name(-1), id(1), name(1)]), [name(-1), id(1)]);
});

test('a total order leaves no two users beside each other, and turns round when they do', () => {
  fc.assert(
    fc.property(user, user, sort, (a, b, steps) => {
      const order = totalOrder(steps);
      const other = { ...b, id: 'other' };
      assert.equal(compareUsers(order, a, a), 0);
      assert.notEqual(compareUsers(order, a, other), 0);
      assert.equal(Math.sign(compareUsers(order, a, other)), -Math.sign(compareUsers(order, other, a)));
    }),
    { numRuns: 300 },
  );
});

test('an order has no circles', () => {
  fc.assert(
    fc.property(user, user, user, sort, (a, b, c, steps) => {
      if (compareUsers(steps, a, b) <= 0 && compareUsers(steps, b, c) <= 0) assert.ok(compareUsers(steps, a, c) <= 0);
    }),
    { numRuns: 500 },
  );
});

test('sorting is by the first field in which two users differ', () => {
  fc.assert(
    fc.property(user, user, sort, (a, b, steps) => {
      const deciding = steps.find((step) => compareUsers([step], a, b) !== 0);
      const order = compareUsers(steps, a, b);
      assert.equal(order, deciding === undefined ? 0 : compareUsers([deciding], a, b));
    }),
    { numRuns: 300 },
  );
});

test('a place stands for the user that was there', () => {
  fc.assert(
    fc.property(user, user, sort, (a, b, steps) => {
      const place = placeInOrder(steps, a);
      assert.deepEqual(
        place,
        steps.map(({ field }) => fieldOf(a, field)),
      );
      assert.deepEqual(JSON.parse(JSON.stringify(place)), place);
      assert.equal(comparePlaces(steps, place, placeInOrder(steps, b)), compareUsers(steps, a, b));
    }),
    { numRuns: 300 },
  );
});

test('every field that sorting knows sorts', () => {
  const low = someone('b', {
    name: 'Ann',
    role: 'admin',
    createdAt: 1,
    updatedAt: 1,
    lastActive: 1,
    deactivatedAt: 1,
    custom: '{"age":5,"address":{"city":"Aachen"}}',
  });
  const high = someone('c', {
    name: 'Bob',
    role: 'user',
    createdAt: 2,
    updatedAt: 2,
    lastActive: 2,
    deactivatedAt: 2,
    custom: '{"age":40,"address":{"city":"Bonn"}}',
  });
  const fields: readonly Sort['field'][] = [
    'id',
    'name',
    'role',
    'created_at',
    'updated_at',
    'last_active',
    'deactivated_at',
    { path: ['age'] },
    { path: ['address', 'city'] },
  ];
  for (const field of fields) {
    assert.equal(sorted([high, low], { field, direction: 1 }), 'b c', JSON.stringify(field));
    assert.equal(sorted([low, high], { field, direction: -1 }), 'c b', JSON.stringify(field));
  }
});

test('who lacks a value comes last in both directions', () => {
  const users = [someone('none'), someone('empty', { name: '' }), someone('ann', { name: 'Ann' })];
  assert.equal(sorted(users, name(1)), 'empty ann none');
  assert.equal(sorted(users, name(-1)), 'ann empty none');
  for (const field of ['last_active', 'deactivated_at'] as const) {
    const seen = [someone('never'), someone('then', { lastActive: 5, deactivatedAt: 5 })];
    for (const direction of [1, -1] as const) assert.equal(sorted(seen, { field, direction }), 'then never');
  }
});

test('of a custom field numbers come first, then texts, booleans and the rest; null and missing come last either way', () => {
  const ages: readonly (readonly [id: string, json: string])[] = [
    ['minus', '-1'],
    ['nine', '9'],
    ['ten', '10'],
    ['text10', '"10"'],
    ['text9', '"9"'],
    ['false', 'false'],
    ['true', 'true'],
    ['list', '[1]'],
    ['object', '{"a":1}'],
    ['null', 'null'],
  ];
  const users = [someone('missing'), ...ages.map(([of, json]) => someone(of, { custom: `{"age":${json}}` }))];
  const age = (direction: 1 | -1): Sort => ({ field: { path: ['age'] }, direction });
  const up = 'minus nine ten text10 text9 false true list object missing null';
  const down = 'object list true false text9 text10 ten nine minus null missing';
  assert.equal(sorted(users, age(1)), up);
  assert.equal(sorted(users.toReversed(), age(-1)), down);
});

test('lists and objects all tie, whatever is in them', () => {
  const rest = ['[]', '[2]', '{}', '{"a":[]}'].map((json, at) => someone(`u${at}`, { custom: `{"age":${json}}` }));
  for (const a of rest) {
    for (const b of rest) assert.equal(compareUsers([{ field: { path: ['age'] }, direction: 1 }], a, b), 0);
    assert.deepEqual(fieldOf(a, { path: ['age'] }), []);
  }
});
