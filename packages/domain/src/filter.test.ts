import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { condition, customField, filter, instant, scalar, someone, text, user } from './arbitrary.test.ts';
import {
  ANYBODY,
  asksAbout,
  type CustomField,
  compareText,
  type Field,
  type Filter,
  matches,
  type Scalar,
} from './filter.ts';
import type { User } from './user.ts';
import { needleWords } from './words.ts';

const custom = (fields: object): Partial<User> => ({ custom: JSON.stringify(fields) });
const ann = someone('ann', { name: 'Ann Müller', teams: ['red', 'blue'], createdAt: 1000, ...custom({ age: 30 }) });
const bob = someone('bob', { role: 'admin', createdAt: 2000, lastActive: 5, ...custom({ age: '30', address: {} }) });
const cyd = someone('cyd', {
  name: '',
  teams: ['red'],
  createdAt: 3000,
  language: 'en',
  invisible: true,
  ...custom({ age: null, address: { city: 'Bonn' }, tags: ['a', 'b', 'a', 1], username: 'Cyd_Vicious' }),
});
const dan = someone('dan', {
  name: 'dan',
  createdAt: 4000,
  image: 'x.png',
  deactivatedAt: 9,
  ...custom({ age: true, address: ['city'], tags: [], username: ['dan'] }),
});
const all = [ann, bob, cyd, dan];

const is = (op: '$eq' | '$ne', field: Field, value: Scalar): Filter => ({ op, field, value });
const eq = (field: Field, value: Scalar): Filter => is('$eq', field, value);
const among = (op: '$in' | '$nin', field: Field, ...values: Scalar[]): Filter => ({ op, field, values });
const range = (op: '$gt' | '$gte' | '$lt' | '$lte', field: Field, value: string | number): Filter => ({
  op,
  field,
  value,
});
const exists = (field: Field, value: boolean): Filter => ({ op: '$exists', field, value });
const same = (field: 'teams' | CustomField, ...values: Scalar[]): Filter => ({ op: 'same_set', field, values });
const contains = (field: 'teams' | CustomField, value: Scalar): Filter => ({ op: '$contains', field, value });
const search = (field: 'id' | 'name' | 'username', needle: string): Filter => ({
  op: '$autocomplete',
  field,
  words: needleWords(needle),
});
const group = (op: 'and' | 'or' | 'nor', ...filters: Filter[]): Filter => ({ op, filters });
const at = (...path: string[]): { path: string[] } => ({ path });
const age = at('age');
const tags = at('tags');

type Row = readonly [filter: Filter, found: readonly User[]];

/** Every row, tried on the same four users. */
function finds(name: string, table: readonly Row[]): void {
  test(name, () => {
    for (const [one, found] of table) {
      assert.deepEqual(
        all.filter((candidate) => matches(one, candidate)).map(({ id }) => id),
        found.map(({ id }) => id),
        JSON.stringify(one),
      );
    }
  });
}

finds('a text is found as it is written only', [
  [eq('id', 'ann'), [ann]],
  [eq('id', 'Ann'), []],
  [eq('name', 'Ann Müller'), [ann]],
  [eq('name', ''), [cyd]],
  [is('$ne', 'name', ''), [ann, bob, dan]],
  [eq('role', 'user'), [ann, cyd, dan]],
  [eq('language', ''), [ann, bob, dan]],
  [eq('image', 'x.png'), [dan]],
  [among('$in', 'id', 'bob', 'nobody', 'ann'), [ann, bob]],
  [among('$in', 'name'), []],
  [among('$nin', 'name'), all],
  [among('$in', 'name', '', 'undefined'), [cyd]],
  [among('$nin', 'name', '', 'dan'), [ann, bob]],
]);

finds('a range goes by code point, and who has no value is in none', [
  [range('$gt', 'id', 'ann'), [bob, cyd, dan]],
  [range('$gte', 'id', 'bob'), [bob, cyd, dan]],
  [range('$lt', 'id', 'bob'), [ann]],
  [range('$lte', 'id', 'bob'), [ann, bob]],
  [range('$gte', 'name', ''), [ann, cyd, dan]],
  [range('$lt', 'name', 'z'), [ann, cyd, dan]],
  [range('$gt', 'name', 'a'), [dan]],
]);

finds('times are compared as moments', [
  [eq('created_at', 2000), [bob]],
  [range('$gt', 'created_at', 2000), [cyd, dan]],
  [range('$gte', 'created_at', 2000), [bob, cyd, dan]],
  [range('$lt', 'created_at', 2000), [ann]],
  [range('$lte', 'created_at', 2000), [ann, bob]],
  [range('$gte', 'updated_at', 0), all],
  [range('$gt', 'last_active', 0), [bob]],
  [exists('last_active', true), [bob]],
  [exists('deactivated_at', false), [ann, bob, cyd]],
  [eq('deactivated_at', 9), [dan]],
]);

finds('flags are true or false, never missing', [
  [eq('invisible', true), [cyd]],
  [is('$ne', 'invisible', true), [ann, bob, dan]],
  [eq('banned', true), []],
  [eq('banned', false), all],
  [is('$ne', 'shadow_banned', true), all],
]);

finds('teams are a set', [
  [contains('teams', 'red'), [ann, cyd]],
  [contains('teams', 're'), []],
  [among('$in', 'teams', 'blue', 'green'), [ann]],
  [among('$in', 'teams'), []],
  [same('teams', 'blue', 'red', 'blue'), [ann]],
  [same('teams', 'red'), [cyd]],
  [same('teams'), [bob, dan]],
  [exists('teams', true), all],
  [exists('teams', false), []],
]);

finds('types come first: a number is never a text, nor true one', [
  [eq(age, 30), [ann]],
  [eq(age, '30'), [bob]],
  [eq(age, true), [dan]],
  [eq(age, 1), []],
  [eq(age, 'true'), []],
  [among('$in', age, 30, '30'), [ann, bob]],
  [range('$gte', age, 0), [ann]],
  [range('$gte', age, ''), [bob]],
]);

finds('missing is not null, null is not empty', [
  [eq(age, null), [cyd]],
  [is('$ne', age, null), [ann, bob, dan]],
  [eq(tags, null), []],
  [is('$ne', tags, null), all],
  [is('$ne', tags, 'a'), all],
  [among('$in', age, null, true), [cyd, dan]],
  [among('$nin', age, null, true), [ann, bob]],
  [among('$nin', tags, null), all],
  [exists(age, true), all],
  [exists(tags, true), [cyd, dan]],
  [exists(tags, false), [ann, bob]],
  [exists('name', false), [bob]],
]);

finds('a path leads through objects only', [
  [eq(at('address', 'city'), 'Bonn'), [cyd]],
  [exists(at('address', 'city'), true), [cyd]],
  [exists(at('address'), true), [bob, cyd, dan]],
  [is('$ne', at('address', 'city'), 'Bonn'), [ann, bob, dan]],
  [exists(at('address', '0'), true), []],
  [exists(at('address', 'length'), true), []],
  [exists(at('age', 'toString'), true), []],
  [exists(at('toString'), true), []],
  [exists(at('hasOwnProperty'), false), all],
]);

finds('custom lists are searched like teams', [
  [contains(tags, 'a'), [cyd]],
  [contains(tags, 1), [cyd]],
  [contains(tags, '1'), []],
  [contains(age, 30), []],
  [among('$in', tags, 'z', 'b'), [cyd]],
  [among('$nin', tags, 'z', 'b'), [ann, bob, dan]],
  [same(tags, 1, 'b', 'a'), [cyd]],
  [same(tags, 'a', 'b'), []],
  [same(tags), [dan]],
  [group('nor', same(tags)), [ann, bob, cyd]],
  [eq(tags, 'a'), []],
]);

finds('words are found from their beginning, blind to case and accents', [
  [search('name', 'mull'), [ann]],
  [search('name', 'MÜLLER ann'), [ann]],
  [search('name', 'ull'), []],
  [search('name', 'ann x'), []],
  [search('name', '…'), []],
  [search('id', 'B'), [bob]],
  [search('username', 'vic cyd'), [cyd]],
  [search('username', 'dan'), []],
]);

finds('groups mean all, any and none', [
  [ANYBODY, all],
  [group('and'), all],
  [group('or'), []],
  [group('nor'), all],
  [group('and', eq('role', 'user'), range('$gt', 'created_at', 1000)), [cyd, dan]],
  [group('or', eq('id', 'bob'), eq('id', 'cyd')), [bob, cyd]],
  [group('nor', eq('id', 'bob'), eq('id', 'cyd')), [ann, dan]],
  [group('nor', group('nor', eq('id', 'bob'))), [bob]],
  [group('or', group('and', eq('id', 'ann'), eq('role', 'admin')), eq('id', 'bob')), [bob]],
]);

test('to negate is to find the others, exactly', () => {
  fc.assert(
    fc.property(user, fc.array(filter, { maxLength: 3 }), condition, (one, filters, single) => {
      assert.equal(matches(group('nor', ...filters), one), !matches(group('or', ...filters), one));
      assert.equal(
        matches(group('and', ...filters), one),
        filters.every((inner) => matches(inner, one)),
      );
      if (single.op === '$eq') assert.equal(matches({ ...single, op: '$ne' }, one), !matches(single, one));
      if (single.op === '$in') assert.equal(matches({ ...single, op: '$nin' }, one), !matches(single, one));
    }),
    { numRuns: 1000 },
  );
});

test('$in is any $eq, and in a list any $contains', () => {
  fc.assert(
    fc.property(user, customField, fc.array(scalar, { maxLength: 4 }), (one, field, values) => {
      const any = values.some((value) => matches(eq(field, value), one) || matches(contains(field, value), one));
      assert.equal(matches(among('$in', field, ...values), one), any);
    }),
    { numRuns: 500 },
  );
});

test('a set has no order and no repeats', () => {
  fc.assert(
    fc.property(fc.array(scalar, { maxLength: 4 }), fc.array(scalar, { maxLength: 2 }), (list, more) => {
      const one = someone('ann', custom({ tags: list }));
      assert.ok(matches(same(tags, ...list.toReversed(), ...list), one));
      assert.equal(
        matches(same(tags, ...list, ...more), one),
        more.every((item) => list.includes(item)),
      );
      assert.ok(!matches(same(tags, ...list), someone('bob', custom({ tags: [...list, {}] }))));
    }),
    { numRuns: 300 },
  );
});

test('ranges are the order, seen from one value', () => {
  fc.assert(
    fc.property(user, text, instant, (one, value, moment) => {
      const name = one.name === undefined ? Number.NaN : compareText(one.name, value);
      for (const [order, field, bound] of [
        [name, 'name', value],
        [one.createdAt - moment, 'created_at', moment],
      ] as const) {
        assert.equal(matches(eq(field, bound), one), order === 0);
        assert.equal(matches(range('$gt', field, bound), one), order > 0);
        assert.equal(matches(range('$gte', field, bound), one), order >= 0);
        assert.equal(matches(range('$lt', field, bound), one), order < 0);
        assert.equal(matches(range('$lte', field, bound), one), order <= 0);
      }
    }),
    { numRuns: 300 },
  );
});

test('a filter says what it asks about, however deep', () => {
  const deep = group('and', eq('id', 'ann'), group('nor', group('or', eq('invisible', true))));
  assert.ok(asksAbout(deep, 'invisible'));
  assert.ok(!asksAbout(deep, 'teams'));
  assert.ok(asksAbout(group('or', same('teams')), 'teams'));
  assert.ok(!asksAbout(eq(at('invisible'), true), 'invisible'));
});

test('many users are looked at quickly', () => {
  const users = Array.from({ length: 2000 }, (_, place) => someone(`u${place}`, { name: `John Doe ${place}` }));
  const wide = group('and', among('$nin', 'id', ...Array.from({ length: 1000 }, (_, place) => `x${place}`)));
  const filters = [wide, search('name', 'doe 77'), group('nor', eq(age, 30), eq(at('address', 'city'), 'Bonn'))];
  const began = performance.now();
  for (let turn = 0; turn < 10; turn++) {
    for (const one of filters) users.filter((candidate) => matches(one, candidate));
  }
  const took = performance.now() - began;
  assert.ok(took < 1000, `60,000 looks took ${took.toFixed()} ms`);
});
