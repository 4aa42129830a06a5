import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inSeconds, makeToken, serverToken, userToken } from '../support/token.ts';
import { title } from './behaviours.ts';
import { freshId } from './door.ts';
import { playStep } from './run.ts';
import { as, read, refused, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

const REFERENCE =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoidG9tbWFzbyJ9.v-x-jt3ZnBXXbQ0GoWloIZtVnat2IE74U1a4Yuxd63M';

describe(title('tokens.signature'), () => {
  it('makes its own tokens as the reference does', () => {
    assert.equal(userToken('tommaso', 'secret'), REFERENCE);
  });
});

describe(title('tokens.bearer'), () => {
  it('takes a token with `Bearer ` before it', async () => {
    const id = freshId('ann');
    for (const token of [serverToken(target.own.secret), userToken(id, target.own.secret)]) {
      await playStep(target, upsert([{ id }], { actor: { raw: `Bearer ${token}` }, expect: { status: 201 } }));
    }
  });
});

describe(title('tokens.leeway'), () => {
  it('forgives clocks that differ by less than five seconds', async () => {
    const id = freshId('ann');
    for (const claims of [{ exp: inSeconds(-2) }, { nbf: inSeconds(3) }, { iat: inSeconds(3) }]) {
      await playStep(target, read([id], { actor: as(id, claims), expect: { status: 200 } }));
    }
  });

  it('forgives clocks no more than that', async () => {
    const id = freshId('ann');
    for (const [claims, code] of [
      [{ exp: inSeconds(-7) }, 40],
      [{ nbf: inSeconds(9) }, 41],
      [{ iat: inSeconds(9) }, 42],
    ] as const) {
      await playStep(target, read([id], { actor: as(id, claims), expect: refused(code) }));
    }
  });
});

describe(title('tokens.signature'), () => {
  it('does not take a good token whose signature lost a letter, or whose claims were exchanged', async () => {
    const id = freshId('ann');
    const token = userToken(id, target.own.secret);
    const [head, , signature] = token.split('.');
    const [, claims] = makeToken({ server: true }, 'x').split('.');
    await playStep(target, read([id], { actor: { raw: token }, expect: { status: 200 } }));
    for (const raw of [token.slice(0, -1), `${token}A`, `${head}.${claims}.${signature}`, `${head}.${claims}.`]) {
      await playStep(target, read([id], { actor: { raw }, expect: { status: 401, code: [5, 43] } }));
    }
  });
});
