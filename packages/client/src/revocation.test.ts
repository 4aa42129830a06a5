import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Revocations } from './revocation.ts';

test('a revocation refuses every token made before it, and none made after it, also within one second', () => {
  const revocations = new Revocations();
  const before = revocations.iatFor('ada', 100.2);
  const instant = revocations.note(100.3, 100.3, 'ada');
  const after = revocations.iatFor('ada', 100.4);
  assert.deepEqual({ before, instant, after }, { before: 100, instant: 101, after: 101 });
  assert.equal(revocations.iatFor('bob', 100.4), 100);
  assert.equal(revocations.iatFor('ada', 102.5), 102);
});

test('a second revocation within the second refuses what was made after the first', () => {
  const revocations = new Revocations();
  revocations.note(100.3, 100.3, 'ada');
  const between = revocations.iatFor('ada', 100.4);
  assert.ok(between < revocations.note(100.5, 100.5, 'ada'));
  assert.ok(revocations.iatFor('ada', 100.6) >= 102);
  const all = revocations.note(100.7, 100.7);
  assert.ok(all > 102);
  assert.ok(revocations.iatFor('bob', 100.8) >= all);
  assert.ok(revocations.note(100.9, 100.9, 'bob') > all);
});

test('many users revoked and signed in again within a second do not push each other ahead', () => {
  const revocations = new Revocations();
  for (let nth = 0; nth < 1000; nth += 1) {
    assert.equal(revocations.note(100.5, 100.5, `u${nth}`), 101);
    assert.equal(revocations.iatFor(`u${nth}`, 100.5), 101);
  }
});

test('an instant of the past is taken as it is, and one that was undone is forgotten', () => {
  const revocations = new Revocations();
  assert.equal(revocations.note(50.2, 100.5, 'ada'), 51);
  assert.equal(revocations.iatFor('ada', 100.5), 100);
  revocations.note(100.5, 100.5);
  revocations.undo();
  assert.equal(revocations.iatFor('ada', 100.6), 100);
});

test('no token says it was made further ahead than the server bears', () => {
  const revocations = new Revocations();
  revocations.note(500, 100.5);
  assert.equal(revocations.iatFor('ada', 100.5), 105);
});
