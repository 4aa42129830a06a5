import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig, SETTINGS } from './config.ts';

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
    ['ROLLCALL_API_KEY', 'a b'],
    ['ROLLCALL_COMPRESS_FRAMES', 'true'],
  ] as const) {
    it(`refuse ${name}=${value}`, () =>
      assert.throws(() => readConfig({ [name]: value }), new RegExp(`${name} expects`)));
  }

  it('leave other variables be', () => {
    assert.ok(readConfig({ PATH: '/bin', rollcall: 'x', ROLLCALL_URL: 'http://127.0.0.1:8800' }));
  });
});
