import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Waiting } from './waiting.ts';

describe('waiting for Redis', () => {
  it('is in vain when something waits and nothing comes', async () => {
    const waiting = new Waiting();
    const now = performance.now();
    assert.equal(waiting.overdue(now + 10_000), false);
    const { promise, resolve } = Promise.withResolvers<number>();
    const answer = waiting.for(promise);
    assert.equal(waiting.overdue(now + 200), false);
    assert.equal(waiting.overdue(now + 400), true);
    resolve(5);
    assert.equal(await answer, 5);
    assert.equal(waiting.overdue(now + 10_000), false);
  });

  it('goes on longer while other things are answered or heard, but not for ever', async () => {
    const waiting = new Waiting();
    const forever = waiting.for(new Promise(() => {}));
    const now = performance.now();
    waiting.hear();
    assert.equal(waiting.overdue(now + 250), false);
    await waiting.for(Promise.resolve());
    assert.equal(waiting.overdue(now + 1600), true);
    assert.ok(forever);
  });

  it('ends for what fails, too', async () => {
    const waiting = new Waiting();
    await assert.rejects(waiting.for(Promise.reject(new Error('no'))));
    assert.equal(waiting.overdue(performance.now() + 10_000), false);
  });
});
