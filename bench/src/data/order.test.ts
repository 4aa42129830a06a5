import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scattered } from './order.ts';

test('a scattered walk meets everybody once before it meets anybody twice', () => {
  for (const size of [1, 2, 10, 1000, 4096]) assert.equal(new Set(scattered(size, 7, size)).size, size);
});

test('a scattered walk does not go along', () => {
  const walk = scattered(100_000, 0, 1000);
  const neighbours = walk.filter((place, at) => Math.abs(place - (walk[at - 1] ?? -1e9)) < 1000);
  assert.equal(neighbours.length, 0);
});
