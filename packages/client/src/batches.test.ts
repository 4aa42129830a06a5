import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchesOf, namedIn } from './batches.ts';

const collect = async (ids: Iterable<string>, size: number) => {
  const batches: string[][] = [];
  for await (const batch of batchesOf(
    [...ids].map((id, at) => ({ id, at })),
    size,
  )) {
    batches.push(batch.map(({ id, at }) => `${id}${at}`));
  }
  return batches;
};

test('users are grouped in their order', async () => {
  assert.deepEqual(await collect('abcde', 2), [['a0', 'b1'], ['c2', 'd3'], ['e4']]);
  assert.deepEqual(await collect('', 2), []);
  assert.deepEqual(await collect('ab', 2), [['a0', 'b1']]);
});

test('what is said later of the same user goes into a later batch', async () => {
  assert.deepEqual(await collect('abacab', 3), [['a0', 'b1', 'c3'], ['a2', 'b5'], ['a4']]);
  assert.deepEqual(await collect('aaa', 3), [['a0'], ['a1'], ['a2']]);
  assert.deepEqual(await collect('aabbccdd', 4), [
    ['a0', 'b2', 'c4', 'd6'],
    ['a1', 'b3', 'c5', 'd7'],
  ]);
});

test('whatever repeats, nobody is lost, nobody comes twice in a batch, and each user keeps its order', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const ids = Array.from({ length: seed }, (_, at) => 'abcdefghij'[(at * seed * 7 + (at % 3)) % 10] ?? 'a');
    const seen = new Map<string, number[]>();
    let count = 0;
    for await (const batch of batchesOf(
      ids.map((id, at) => ({ id, at })),
      5,
    )) {
      assert.ok(batch.length > 0 && batch.length <= 5);
      assert.equal(new Set(batch.map(({ id }) => id)).size, batch.length);
      for (const { id, at } of batch) seen.set(id, [...(seen.get(id) ?? []), at]);
      count += batch.length;
    }
    assert.equal(count, ids.length);
    for (const order of seen.values())
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
  }
});

test('no more is read ahead than one batch', async () => {
  let read = 0;
  function* endless() {
    for (;;) yield { id: `u${read++}` };
  }
  const batches = batchesOf(endless(), 100);
  await batches.next();
  await batches.next();
  assert.equal(read, 200);
  await batches.return(undefined);
});

test('the users an error names are found by its fields, also when their ids are odd', () => {
  const batch = ['a', 'b', 'a].x', 'c'].map((id) => ({ id }));
  const fields = {
    'users[a]': '1',
    'users[a].name': '2',
    'users[a].x].name': '3',
    'users[zoe]': '4',
    other: '5',
    'users[c].set.x': '6',
  };
  assert.deepEqual(Object.fromEntries(namedIn(fields, batch)), {
    a: { 'users[a]': '1', 'users[a].name': '2' },
    'a].x': { 'users[a].x].name': '3' },
    c: { 'users[c].set.x': '6' },
  });
});
