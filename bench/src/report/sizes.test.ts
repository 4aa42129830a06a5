import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allReached, type Figure, sizesTable } from './sizes.ts';

const figure = (shown: string, reached: boolean | undefined): Figure => ({
  row: '11',
  work: 'by id',
  must: '≤ 10 ms',
  shown,
  reached,
});

test('a table of sizes has a column for each, and marks what missed its goal', () => {
  const columns = [
    { title: '10', figures: [figure('1 ms', true), figure('so', undefined)] },
    { title: '100', figures: [figure('11 ms', false), figure('so so', undefined)] },
  ];
  assert.equal(
    sizesTable(columns),
    [
      '| # | work | 10 | 100 | must reach | reached |',
      '| --- | --- | --- | --- | --- | --- |',
      '| 11 | by id | 1 ms | **11 ms** | ≤ 10 ms | **no** |',
      '| 11 | by id | so | so so | ≤ 10 ms |  |',
    ].join('\n'),
  );
  assert.equal(allReached(columns), false);
  assert.equal(allReached(columns.slice(0, 1)), true);
});
