import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { character, instant, someone, text, user } from './arbitrary.test.ts';
import {
  ANYBODY,
  compareText,
  compareUsers,
  compareValues,
  DEFAULT_SORT,
  type Filter,
  fieldOf,
  matches,
  type Sort,
  totalOrder,
} from './filter.ts';
import type { User } from './user.ts';

const ann = someone('ann', { name: 'Ann', teams: ['red', 'blue'], createdAt: 1000 });
const bob = someone('bob', { role: 'admin', createdAt: 2000 });
const cyd = someone('cyd', { name: '', teams: ['red'], createdAt: 3000 });
const all = [ann, bob, cyd];

const eq = (field: 'id' | 'name' | 'role', value: string): Filter => ({ op: '$eq', field, value });
const time = (op: '$eq' | '$gt' | '$gte' | '$lt' | '$lte', value: number): Filter => ({
  op,
  field: 'created_at',
  value,
});

const table: readonly (readonly [filter: Filter, found: readonly User[]])[] = [
  [ANYBODY, all],
  [{ op: 'and', filters: [] }, all],
  [{ op: 'or', filters: [] }, []],
  [eq('id', 'ann'), [ann]],
  [eq('id', 'Ann'), []],
  [eq('name', 'Ann'), [ann]],
  [eq('name', 'ann'), []],
  [eq('name', ''), [cyd]],
  [eq('role', 'user'), [ann, cyd]],
  [{ op: '$gt', field: 'id', value: 'ann' }, [bob, cyd]],
  [{ op: '$gte', field: 'id', value: 'bob' }, [bob, cyd]],
  [{ op: '$lt', field: 'id', value: 'bob' }, [ann]],
  [{ op: '$lte', field: 'id', value: 'bob' }, [ann, bob]],
  [{ op: '$gte', field: 'name', value: '' }, [ann, cyd]],
  [{ op: '$lt', field: 'name', value: 'z' }, [ann, cyd]],
  [{ op: '$in', field: 'id', values: ['bob', 'nobody', 'ann'] }, [ann, bob]],
  [{ op: '$in', field: 'name', values: [] }, []],
  [{ op: '$in', field: 'name', values: ['', 'undefined'] }, [cyd]],
  [{ op: 'teams', teams: ['red'] }, [ann, cyd]],
  [{ op: 'teams', teams: ['blue', 'green'] }, [ann]],
  [{ op: 'teams', teams: [] }, []],
  [{ op: 'no_teams' }, [bob]],
  [time('$eq', 2000), [bob]],
  [time('$gt', 2000), [cyd]],
  [time('$gte', 2000), [bob, cyd]],
  [time('$lt', 2000), [ann]],
  [time('$lte', 2000), [ann, bob]],
  [{ op: '$eq', field: 'created_at', value: '2000' }, []],
  [{ op: '$gt', field: 'id', value: 0 }, []],
  [{ op: 'and', filters: [eq('role', 'user'), time('$gt', 1000)] }, [cyd]],
  [{ op: 'or', filters: [eq('id', 'bob'), eq('id', 'cyd')] }, [bob, cyd]],
  [{ op: 'or', filters: [{ op: 'and', filters: [eq('id', 'ann'), eq('role', 'admin')] }, eq('id', 'bob')] }, [bob]],
];

test('a filter finds exactly the users it means', () => {
  for (const [filter, found] of table) {
    assert.deepEqual(
      all.filter((one) => matches(filter, one)),
      found,
      JSON.stringify(filter),
    );
  }
});

const anyText = fc.oneof(
  text,
  fc.string({ unit: character }),
  fc.string({ unit: fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}') }),
);

/** Code points, compared one after another. */
function compareCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)].map((points) => points.map((point) => point.codePointAt(0) ?? 0));
  const at = (x ?? []).findIndex((point, place) => point !== y?.[place]);
  if (at < 0) return (x?.length ?? 0) - (y?.length ?? 0);
  return (x?.[at] ?? 0) - (y?.[at] ?? -1);
}

test('texts are ordered by code point, and so by their bytes', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (start, a, b) => {
      for (const [x, y] of [
        [a, b],
        [start + a, start + b],
        [start, start + a],
      ] as const) {
        const order = Math.sign(compareText(x, y));
        assert.equal(order, Math.sign(compareCodePoints(x, y)));
        assert.equal(order, Buffer.compare(Buffer.from(x), Buffer.from(y)));
        assert.equal(order + Math.sign(compareText(y, x)), 0);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(compareText('\uffff', '\u{10000}') < 0);
  assert.ok(compareText('10', '9') < 0);
  assert.ok(compareValues(10, 9) > 0);
  assert.equal(compareText('', ''), 0);
});

test('ranges are the order, seen from one value', () => {
  fc.assert(
    fc.property(user, anyText, instant, (one, value, moment) => {
      const order = one.name === undefined ? Number.NaN : compareCodePoints(one.name, value);
      const expected = {
        $eq: order === 0,
        $gt: order > 0,
        $gte: order >= 0,
        $lt: order < 0,
        $lte: order <= 0,
      } as const;
      const later = one.createdAt - moment;
      const when = { $eq: later === 0, $gt: later > 0, $gte: later >= 0, $lt: later < 0, $lte: later <= 0 } as const;
      for (const op of ['$eq', '$gt', '$gte', '$lt', '$lte'] as const) {
        assert.equal(matches({ op, field: 'name', value }, one), expected[op], op);
        assert.equal(matches({ op, field: 'created_at', value: moment }, one), when[op], op);
      }
    }),
    { numRuns: 300 },
  );
});

test('an order without an end is given one: ids, in the direction of the last field', () => {
  const id = (direction: 1 | -1): Sort => ({ field: 'id', direction });
  const name = (direction: 1 | -1): Sort => ({ field: 'name', direction });
  assert.deepEqual(totalOrder([]), DEFAULT_SORT);
  assert.deepEqual(DEFAULT_SORT, [{ field: 'created_at', direction: -1 }, id(-1)]);
  assert.deepEqual(totalOrder([name(1)]), [name(1), id(1)]);
  assert.deepEqual(totalOrder([name(1), { field: 'updated_at', direction: -1 }]).at(-1), id(-1));
  assert.deepEqual(totalOrder([id(-1)]), [id(-1)]);
  assert.deepEqual(totalOrder([id(1), name(-1)]), [id(1)]);
  assert.deepEqual(totalOrder([name(-1), id(1), name(1)]), [name(-1), id(1)]);
});

const field = fc.constantFrom('id', 'name', 'role', 'created_at', 'updated_at');
const sort = fc.array(fc.record({ field, direction: fc.constantFrom(1, -1) }), { maxLength: 3 });

test('a total order leaves no two users beside each other', () => {
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

test('sorting is by the first field in which two users differ', () => {
  fc.assert(
    fc.property(user, user, sort, (a, b, steps) => {
      const deciding = steps.find(({ field: by }) => fieldOf(a, by) !== fieldOf(b, by));
      const order = compareUsers(steps, a, b);
      if (deciding === undefined) assert.equal(order, 0);
      else assert.equal(order, compareUsers([deciding], a, b));
    }),
    { numRuns: 300 },
  );
});

test('who lacks a value comes last in both directions', () => {
  for (const direction of [1, -1] as const) {
    const sorted = [bob, cyd, ann].toSorted((a, b) => compareUsers([{ field: 'name', direction }], a, b));
    assert.equal(sorted.at(-1), bob);
    assert.deepEqual(sorted.slice(0, 2), direction === 1 ? [cyd, ann] : [ann, cyd]);
  }
});

test('the fields that sorting knows are those of the user', () => {
  const one = { ...ann, updatedAt: 4000 };
  const fields = (['id', 'name', 'role', 'created_at', 'updated_at'] as const).map((by) => fieldOf(one, by));
  assert.deepEqual(fields, ['ann', 'Ann', 'user', 1000, 4000]);
  assert.equal(fieldOf(bob, 'name'), undefined);
});
