import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRedisAddress } from './address.ts';

describe('the address of Redis', () => {
  it('names one server', () => {
    assert.deepEqual(parseRedisAddress('redis://127.0.0.1:6379'), {
      cluster: false,
      urls: ['redis://127.0.0.1:6379'],
      tls: false,
      username: undefined,
      password: undefined,
    });
    assert.deepEqual(parseRedisAddress('rediss://ann:p%40ss@redis.example/2'), {
      cluster: false,
      urls: ['rediss://ann:p%40ss@redis.example/2'],
      tls: true,
      username: 'ann',
      password: 'p@ss',
    });
  });

  it('names a cluster by some of its servers', () => {
    for (const text of ['redis+cluster://a:1,b:2', 'redis://a:1,b:2']) {
      const { cluster, urls } = parseRedisAddress(text);
      assert.deepEqual([cluster, urls], [true, ['redis://a:1', 'redis://b:2']]);
    }
    const { cluster, urls, tls, password } = parseRedisAddress('rediss+cluster://:secret@a:1,b');
    assert.deepEqual(urls, ['rediss://:secret@a:1', 'rediss://:secret@b']);
    assert.deepEqual([cluster, tls, password], [true, true, 'secret']);
  });

  it('is refused when it cannot be read, and never repeated', () => {
    for (const text of [
      '',
      'redis',
      'http://secret',
      'redis://',
      'redis://a:secret',
      'redis+cluster://secret:1/3',
      'redis://a,',
    ]) {
      assert.throws(
        () => parseRedisAddress(text),
        (error: Error) => !error.message.includes('secret'),
      );
    }
  });
});
