import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signToken } from './sign.ts';
import { TokenSource } from './token.ts';

const nowSeconds = () => Math.floor(Date.now() / 1000);

test('however many callers wait, the provider is asked once', async () => {
  let asked = 0;
  const tokens = new TokenSource(async () => `jwt-${++asked}`, 1_000);
  assert.deepEqual(await Promise.all([tokens.read(), tokens.read(), tokens.read()]), ['jwt-1', 'jwt-1', 'jwt-1']);
  assert.deepEqual(await Promise.all([tokens.renew('jwt-1'), tokens.renew('jwt-1')]), ['jwt-2', 'jwt-2']);
  assert.equal(await tokens.renew('jwt-1'), 'jwt-2');
  assert.equal(await tokens.read(), 'jwt-2');
  assert.equal(asked, 2);
});

test('a revoked token is replaced by one of a later second, a token that ran out at once', async () => {
  let issued = signToken({ user_id: 'ada', iat: nowSeconds() - 60, exp: nowSeconds() - 1 }, 'secret');
  const tokens = new TokenSource(() => {
    const token = issued;
    issued = signToken({ user_id: 'ada', iat: nowSeconds() }, 'secret');
    return token;
  }, 1_000);
  const started = Date.now();
  const first = await tokens.renew(await tokens.read());
  assert.ok(Date.now() - started < 500);
  await tokens.renew(first);
  assert.ok(Date.now() - started >= 1_000);
});

test('a provider that does not answer is given up, and asked again by the next caller', async () => {
  let asked = 0;
  const tokens = new TokenSource(() => (++asked === 1 ? new Promise<string>(() => {}) : 'jwt'), 10);
  await assert.rejects(tokens.read(), { name: 'RollcallError', code: 0, message: /within 10 ms/ });
  assert.equal(await tokens.read(), 'jwt');
});

test('what is no token is refused, and not told', async () => {
  for (const odd of ['', 'secret\n', 5, undefined]) {
    const error = await new TokenSource(() => odd as string, 10).read().catch((thrown: Error) => thrown);
    assert.ok(error instanceof Error);
    assert.doesNotMatch(error.message, /secret/);
  }
});

test('once closed, nobody is asked any more', async () => {
  let asked = 0;
  const tokens = new TokenSource(async () => `${++asked}`, 1_000);
  tokens.close();
  await assert.rejects(tokens.read(), { name: 'RollcallError', code: 0 });
  assert.equal(asked, 0);
});
