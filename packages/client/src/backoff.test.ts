import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE, closeReasonOf } from '@rollcall/protocol/close';
import { jitter, pauseAfter } from './backoff.ts';

const always = () => 1;
const fresh = { attempt: 0, renewed: false, renewable: true };

test('pauses double from half a second up to thirty seconds, and any part of them may be drawn', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 60].map((attempt) => jitter(attempt, always));
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.equal(
    jitter(3, () => 0.25),
    1000,
  );
  assert.equal(
    jitter(9, () => 0),
    0,
  );
});

test('a lost connection comes back soon, and ever later while that fails', () => {
  const pauses = [0, 1, 2, 10].map((attempt) => pauseAfter(closeReasonOf(1006), { ...fresh, attempt }, always));
  assert.deepEqual(pauses, [500, 1000, 2000, 30_000]);
});

test('a restarting server is given up to ten seconds, its clients spread over them', () => {
  assert.equal(pauseAfter(CLOSE.shutdown, fresh, always), 10_000);
  assert.equal(
    pauseAfter(CLOSE.shutdown, fresh, () => 0.5),
    5_000,
  );
  assert.equal(pauseAfter(CLOSE.shutdown, { ...fresh, attempt: 3 }, always), 10_000);
});

test('a server that asks for back-off gets it from five seconds on', () => {
  for (const reason of [CLOSE.too_many, CLOSE.unavailable]) {
    const pauses = [0, 1, 2, 3].map((attempt) => pauseAfter(reason, { ...fresh, attempt }, always));
    assert.deepEqual(pauses, [5_000, 10_000, 20_000, 30_000]);
  }
});

test('a refused token is renewed once, at once; without a provider there is no use in it', () => {
  assert.equal(pauseAfter(CLOSE.authentication, fresh, always), 0);
  assert.equal(pauseAfter(CLOSE.authentication, { ...fresh, renewed: true }, always), undefined);
  assert.equal(pauseAfter(CLOSE.authentication, { ...fresh, renewable: false }, always), undefined);
});

test('bad input, no permission, gone and done do not come back', () => {
  for (const reason of [CLOSE.bad_input, CLOSE.not_allowed, CLOSE.gone, CLOSE.done]) {
    assert.equal(pauseAfter(reason, fresh, always), undefined);
  }
});
