import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RollcallServer, signToken } from './server.ts';

const REFERENCE =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoidG9tbWFzbyJ9.v-x-jt3ZnBXXbQ0GoWloIZtVnat2IE74U1a4Yuxd63M';

const server = new RollcallServer('key', 'secret', { url: 'http://127.0.0.1:1' });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const nowSeconds = () => Math.floor(Date.now() / 1000);

test('the reference token of the contract comes out, byte by byte', () => {
  assert.equal(signToken({ user_id: 'tommaso' }, 'secret'), REFERENCE);
  assert.equal(server.createToken('tommaso', { iat: false }), REFERENCE);
});

test('a token says when it was made, so that a revocation can tell old from new', () => {
  const before = nowSeconds();
  const { user_id, iat, exp } = claimsOf(server.createToken('zoë'));
  assert.equal(user_id, 'zoë');
  assert.ok(iat >= before && iat <= nowSeconds());
  assert.equal(exp, undefined);
});

test('expiresIn is in seconds from when the token was made', () => {
  assert.deepEqual(claimsOf(server.createToken('a', { iat: 1000, expiresIn: 60 })), {
    user_id: 'a',
    iat: 1000,
    exp: 1060,
  });
  const { iat, exp } = claimsOf(server.createToken('a', { expiresIn: 3600 }));
  assert.equal(exp - iat, 3600);
  assert.ok(claimsOf(server.createToken('a', { iat: false, expiresIn: 60 })).exp >= nowSeconds() + 59);
});

test('a token for nobody, or one that never held, is not made', () => {
  assert.throws(() => server.createToken(''), { name: 'RollcallError', code: 4 });
  for (const expiresIn of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => server.createToken('a', { expiresIn }), { name: 'RollcallError', code: 4 });
  }
});
