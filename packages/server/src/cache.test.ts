import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cache } from './cache.ts';

describe('a cache', () => {
  it('holds the most lately used, and never more than it may', () => {
    const cache = new Cache<number>(20);
    for (let at = 0; at < 1000; at += 1) {
      cache.set(`${at}`, at);
      assert.equal(cache.get('0'), 0, 'who is asked for all the time stays');
    }
    const held = Array.from({ length: 1000 }, (_, at) => at).filter((at) => cache.get(`${at}`) !== undefined);
    assert.ok(held.includes(999));
    assert.ok(held.length >= 2 && held.length <= 20, `${held.length} are held`);
  });

  it('counts what its values weigh, and a value that is replaced once', () => {
    const cache = new Cache<string>(100, (text) => text.length);
    for (let round = 0; round < 100; round += 1) cache.set('a', 'x'.repeat(10));
    cache.set('b', 'x'.repeat(30));
    assert.equal(cache.get('a')?.length, 10);
    cache.set('c', 'x'.repeat(30));
    cache.set('d', 'x'.repeat(60));
    assert.equal(cache.get('a'), undefined);
    assert.equal(cache.get('d')?.length, 60);
  });

  it('is not emptied by one that is replaced or forgotten again and again', () => {
    const cache = new Cache<string>(100, (text) => text.length);
    cache.set('a', 'x'.repeat(10));
    for (let round = 0; round < 100; round += 1) {
      cache.set('b', 'x'.repeat(1 + (round % 30)));
      if (round % 3 === 0) cache.delete('b');
    }
    assert.equal(cache.get('a')?.length, 10);
  });

  it('forgets what it is told to, wherever it lies', () => {
    const cache = new Cache<number>(4);
    for (const [at, key] of ['a', 'b', 'c'].entries()) cache.set(key, at);
    for (const key of ['a', 'c']) {
      cache.delete(key);
      assert.equal(cache.get(key), undefined);
    }
    assert.equal(cache.get('b'), 1);
    cache.clear();
    assert.equal(cache.get('b'), undefined);
  });
});
