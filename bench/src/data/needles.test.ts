import assert from 'node:assert/strict';
import { test } from 'node:test';
import { words } from '@rollcall/domain/words';
import { needles } from './needles.ts';
import { personAt } from './people.ts';

const people = Array.from({ length: 5000 }, (_, index) => words(personAt(index).name));

const finds = (needle: string): number => {
  const wanted = words(needle);
  return people.filter((held) => wanted.every((word) => held.some((each) => each.startsWith(word)))).length;
};

test('common needles find many, and rare ones few', () => {
  const { common, rare } = needles();
  for (const needle of common) assert.ok(finds(needle) >= 20, `${needle}: ${finds(needle)}`);
  for (const needle of rare.slice(0, 20)) assert.ok(finds(needle) <= 10, `${needle}: ${finds(needle)}`);
});

test('two words of one name find somebody', () => {
  const { twoOfOne } = needles();
  assert.equal(twoOfOne.length, 500);
  for (const needle of twoOfOne.slice(0, 20)) assert.ok(finds(needle) >= 1, needle);
});
