import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameKey } from '@rollcall/domain/username';
import { distinctPeople, personAt } from './people.ts';

test('a number always means the same user, and no two numbers share an id', () => {
  assert.deepEqual(personAt(12_345), personAt(12_345));
  const ids = new Set(Array.from({ length: 50_000 }, (_, index) => personAt(index).id));
  assert.equal(ids.size, 50_000);
  assert.match(personAt(7).id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('distinct people share no name key', () => {
  const people = distinctPeople(0, 5000);
  assert.equal(new Set(people.map((index) => nameKey(personAt(index).name))).size, 5000);
});

test('custom data is about 200 bytes', () => {
  const bytes = Buffer.byteLength(JSON.stringify(personAt(99).custom));
  assert.ok(bytes > 160 && bytes < 240, String(bytes));
});
