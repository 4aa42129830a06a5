import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isShared, readConfig, SETTINGS, withoutSecrets } from './config.ts';

describe('settings', () => {
  it('have their standards when nothing is said, and when what is said is empty', () => {
    const config = readConfig({ ROLLCALL_PORT: '' });
    assert.equal(config.ROLLCALL_HOST, '127.0.0.1');
    assert.equal(config.ROLLCALL_PORT, 8800);
    assert.equal(config.ROLLCALL_DATABASE, 'sqlite:./data/rollcall.db');
  });

  it('refuse a name nobody knows, and help with those there are', () => {
    assert.throws(
      () => readConfig({ ROLLCALL_PROT: '1' }),
      (error: Error) => {
        assert.match(error.message, /ROLLCALL_PROT is not a setting/);
        for (const name of Object.keys(SETTINGS)) assert.ok(error.message.includes(name), name);
        return true;
      },
    );
  });

  it('name every wrong value at once, and never repeat a secret', () => {
    const wrong = { ROLLCALL_PORT: '70000', ROLLCALL_LOG_LEVEL: 'loud', ROLLCALL_API_SECRET: 'hush-hush' };
    assert.throws(
      () => readConfig(wrong),
      (error: Error) => {
        assert.match(error.message, /ROLLCALL_PORT expects a whole number from 0 to 65535/);
        assert.match(error.message, /ROLLCALL_LOG_LEVEL expects one of/);
        assert.match(error.message, /ROLLCALL_API_SECRET needs ROLLCALL_API_KEY/);
        assert.ok(!error.message.includes('hush-hush'));
        return true;
      },
    );
  });

  for (const [name, value] of [
    ['ROLLCALL_PORT', '1e3'],
    ['ROLLCALL_PORT', '-1'],
    ['ROLLCALL_DATABASE', 'mysql://x'],
    ['ROLLCALL_DATABASE', 'postgres://'],
    ['ROLLCALL_REDIS', 'localhost:6379'],
    ['ROLLCALL_REDIS_PREFIX', 'a b'],
    ['ROLLCALL_POSTGRES_POOL', '1'],
    ['ROLLCALL_API_KEY', 'a b'],
    ['ROLLCALL_COMPRESS_FRAMES', 'true'],
  ] as const) {
    it(`refuse ${name}=${value}`, () =>
      assert.throws(() => readConfig({ [name]: value }), new RegExp(`${name} expects`)));
  }

  it('name a database that one server has, or many', () => {
    for (const [address, shared] of [
      ['sqlite::memory:', false],
      ['postgres://ann:hush@db/rollcall', true],
      ['postgresql://db/rollcall', true],
    ] as const) {
      assert.equal(isShared(readConfig({ ROLLCALL_DATABASE: address })), shared);
    }
  });

  it('are told apart from who we are there, and what proves it', () => {
    for (const [address, shown] of [
      ['postgres://ann:hush@db:5432/rollcall?sslmode=require', 'postgres://db:5432/rollcall'],
      ['postgres://ann:hu@sh@db/rollcall', 'postgres://db/rollcall'],
      ['postgres://db/rollcall?password=hush@x', 'postgres://x'],
      ['redis+cluster://:hush@a:1,b:2', 'redis+cluster://a:1,b:2'],
    ] as const) {
      assert.equal(withoutSecrets(address), shown);
    }
  });

  it('refuse times at which whoever is there would be let go', () => {
    assert.throws(() => readConfig({ ROLLCALL_IDLE_MS: '2000' }), /ROLLCALL_IDLE_MS must not be shorter/);
    assert.throws(() => readConfig({ ROLLCALL_LEASE_MS: '20000' }), /ROLLCALL_LEASE_MS must be longer/);
  });

  it('leave other variables be', () => {
    assert.ok(readConfig({ PATH: '/bin', rollcall: 'x', ROLLCALL_URL: 'http://127.0.0.1:8800' }));
  });
});
