import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from './arbitrary.test.ts';
import { DomainError } from './error.ts';
import { type Claims, checkTimes, hasExpired, isRevoked, LEEWAY_MS, parseClaims, revoked } from './token.ts';

const NOW = 1_700_000_000_000;
const SECOND = NOW / 1000;
const none: Claims = { userId: 'ann', server: false, expiresAt: undefined, notBefore: undefined, issuedAt: undefined };

/** The refusal a check ends in; undefined when it is content. */
function refusalOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DomainError);
    return `${error.refusal}: ${error.message}`;
  }
}

test('a token speaks for one user or for the server, never for both or neither', () => {
  assert.deepEqual(parseClaims({ user_id: 'ann' }), none);
  assert.deepEqual(parseClaims({ user_id: 'ann', server: false }), none);
  assert.deepEqual(parseClaims({ server: true }), { ...none, userId: undefined, server: true });
  assert.deepEqual(parseClaims({ user_id: 'ann', exp: 3, nbf: 1.5, iat: 0, other: {} }), {
    ...none,
    expiresAt: 3,
    notBefore: 1.5,
    issuedAt: 0,
  });
  for (const [payload, message] of [
    [{}, /neither/],
    [{ server: false }, /neither/],
    [{ user_id: 'ann', server: true }, /both/],
    [{ user_id: '' }, /"user_id" must be the id of a user/],
    [{ user_id: 5 }, /"user_id" must be the id of a user/],
    [{ user_id: null }, /"user_id" must be the id of a user/],
    [{ user_id: null, server: true }, /"user_id" must be the id of a user/],
    [{ server: 'true' }, /"server" must be a boolean/],
    [{ server: 1 }, /"server" must be a boolean/],
    [{ server: null, user_id: 'ann' }, /"server" must be a boolean/],
  ] as const) {
    assert.match(refusalOf(() => parseClaims(payload)) ?? '', message, JSON.stringify(payload));
  }
});

test('times that are not numbers of seconds are refused', () => {
  for (const claim of ['exp', 'nbf', 'iat']) {
    for (const wrong of ['1', null, true, [], {}, Number.POSITIVE_INFINITY, Number.NaN]) {
      const said = refusalOf(() => parseClaims({ user_id: 'ann', [claim]: wrong }));
      assert.equal(said, `authentication_error: token claim "${claim}" must be a number of seconds`);
    }
  }
});

const expired = 'token_expired: token has expired';
const early = 'token_not_valid_yet: token is not valid yet (nbf)';
const future = 'token_used_before_issued: token used before issue at (iat)';

test('clocks may be five seconds apart, to the millisecond', () => {
  assert.equal(LEEWAY_MS, 5000);
  const table: readonly (readonly [claims: Partial<Claims>, now: number, refusal: string | undefined])[] = [
    [{ expiresAt: SECOND }, NOW + 4999, undefined],
    [{ expiresAt: SECOND }, NOW + 5000, expired],
    [{ expiresAt: SECOND + 0.5 }, NOW + 5499, undefined],
    [{ expiresAt: SECOND + 0.5 }, NOW + 5500, expired],
    [{ expiresAt: 0 }, NOW, expired],
    [{ expiresAt: -1 }, NOW, expired],
    [{ notBefore: SECOND }, NOW - 5000, undefined],
    [{ notBefore: SECOND }, NOW - 5001, early],
    [{ issuedAt: SECOND }, NOW - 5000, undefined],
    [{ issuedAt: SECOND }, NOW - 5001, future],
    [{ issuedAt: 0, notBefore: 0 }, NOW, undefined],
    [{}, NOW, undefined],
    [{ expiresAt: 0, notBefore: SECOND * 2, issuedAt: SECOND * 2 }, NOW, expired],
  ];
  for (const [claims, now, expected] of table) {
    assert.equal(
      refusalOf(() => checkTimes({ ...none, ...claims }, now)),
      expected,
      JSON.stringify([claims, now]),
    );
  }
});

test('once expired, a token stays expired', () => {
  fc.assert(
    fc.property(instant, instant, fc.nat(10_000), (exp, now, later) => {
      const claims = { expiresAt: exp / 1000 };
      if (hasExpired(claims, now)) assert.ok(hasExpired(claims, now + later));
      assert.equal(hasExpired(claims, now), now >= exp + LEEWAY_MS);
      assert.ok(!hasExpired({ expiresAt: undefined }, now));
    }),
  );
});

test('a revocation reaches the tokens issued before it, to the millisecond and without leeway', () => {
  assert.ok(isRevoked(SECOND, NOW + 1));
  assert.ok(!isRevoked(SECOND, NOW));
  assert.ok(!isRevoked(SECOND, NOW - 1));
  assert.ok(isRevoked(SECOND, NOW + LEEWAY_MS - 1));
  fc.assert(
    fc.property(instant, fc.integer({ min: -2, max: 2 }), (before, apart) => {
      assert.equal(isRevoked((before + apart) / 1000, before), apart < 0);
    }),
    { numRuns: 1000 },
  );
});

test('a revocation reaches tokens that do not tell when they were issued; without one none is revoked', () => {
  assert.ok(isRevoked(undefined, NOW));
  assert.ok(isRevoked(undefined, 0));
  assert.ok(!isRevoked(0, 0));
  assert.ok(isRevoked(0, 1));
  assert.ok(!isRevoked(undefined, undefined));
  assert.ok(!isRevoked(0, undefined));
  assert.equal(revoked().refusal, 'token_expired');
  assert.equal(revoked().message, 'this token has been revoked, please generate a new token');
});
