import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome, someone, sort, text, user } from '@rollcall/domain/arbitrary.test';
import { placeInOrder, type SortField, type SortValue, totalOrder } from '@rollcall/domain/filter';
import { parseSearch, type Search } from '@rollcall/protocol/query';
import fc from 'fast-check';
import { readCursor, writeCursor } from './cursor.ts';

const age: SortField = { path: ['age'] };
const byAge: Search = { ...parseSearch({}), sort: totalOrder([{ field: age, direction: 1 }]) };

const encode = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const decode = (cursor: string): unknown[] => JSON.parse(Buffer.from(cursor, 'base64url').toString());

/** A cursor for a question with other values than its own. */
const forge = (search: Search, values: readonly unknown[]): string =>
  encode([...decode(writeCursor(search, someone('ann'))).slice(0, 2), ...values]);

function isRefused(search: Search, cursor: string): boolean {
  const said = outcome(() => readCursor(search, cursor));
  return 'refused' in said && said.refused.refusal === 'input_error';
}

test('a cursor leads back to the place where a page ended, whatever it is sorted by', () => {
  fc.assert(
    fc.property(user, sort, (last, steps) => {
      const search: Search = { ...parseSearch({}), sort: totalOrder(steps) };
      assert.deepEqual(readCursor(search, writeCursor(search, last)), placeInOrder(search.sort, last));
    }),
    { numRuns: 300 },
  );
});

test('a cursor keeps every kind of value that a custom field can have', () => {
  const kept: readonly (readonly [stored: unknown, value: SortValue])[] = [
    [5, 5],
    [1e300, 1e300],
    [5e-324, 5e-324],
    ['5', '5'],
    ['', ''],
    ['\u{1f600}\ue000', '\u{1f600}\ue000'],
    [true, true],
    [false, false],
    [null, null],
    [undefined, null],
    [['a', 1], []],
    [{ b: 1 }, []],
  ];
  for (const [stored, value] of kept) {
    const last = someone('ann', { custom: JSON.stringify({ age: stored }) });
    assert.deepEqual(readCursor(byAge, writeCursor(byAge, last)), [value, 'ann']);
  }
});

test('a cursor is good for its own filter and order only', () => {
  const cursor = writeCursor(byAge, someone('ann'));
  const limit = { ...byAge, limit: 7, presence: true };
  assert.deepEqual(readCursor(limit, cursor), [null, 'ann']);
  assert.ok(isRefused({ ...byAge, includeDeactivated: true }, cursor));
  assert.ok(isRefused({ ...byAge, filter: { op: '$eq', field: 'id', value: 'ann' } }, cursor));
  assert.ok(isRefused({ ...byAge, sort: totalOrder([{ field: age, direction: -1 }]) }, cursor));
  assert.ok(isRefused({ ...byAge, sort: totalOrder([{ field: { path: ['a', 'ge'] }, direction: 1 }]) }, cursor));
});

test('a forged cursor is refused', () => {
  assert.deepEqual(readCursor(byAge, forge(byAge, [1, 'ann'])), [1, 'ann']);
  const wrong: readonly (readonly unknown[])[] = [
    [],
    [1],
    [1, 'ann', 'ann'],
    [1, 5],
    [1, null],
    [1, '\ud800'],
    ['a\0', 'ann'],
    [['a'], 'ann'],
    [{}, 'ann'],
    [[[]], 'ann'],
  ];
  for (const values of wrong) assert.ok(isRefused(byAge, forge(byAge, values)), JSON.stringify(values));
  const huge = Buffer.from(JSON.stringify(decode(forge(byAge, ['huge', 'ann']))).replace('"huge"', '1e999'));
  assert.ok(isRefused(byAge, huge.toString('base64url')));
  for (const field of ['created_at', 'updated_at', 'last_active', 'deactivated_at'] as const) {
    const search: Search = { ...byAge, sort: totalOrder([{ field, direction: 1 }]) };
    assert.ok(!isRefused(search, forge(search, [5, 'ann'])), field);
    for (const value of ['5', 0.5, true, []]) assert.ok(isRefused(search, forge(search, [value, 'ann'])), field);
  }
});

test('what is no cursor at all is refused', () => {
  const good = writeCursor(byAge, someone('ann'));
  for (const cursor of [
    '',
    'x',
    '{}',
    '[]',
    `${good}!`,
    `${good}=`,
    good.slice(1),
    encode({}),
    encode(null),
    encode([1]),
  ])
    assert.ok(isRefused(byAge, cursor), cursor);
  fc.assert(fc.property(fc.oneof(text, fc.base64String(), fc.json()), (cursor) => isRefused(byAge, cursor)));
});
