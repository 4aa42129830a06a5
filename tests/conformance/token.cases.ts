import { inSeconds } from '../support/token.ts';
import type { Actor, Case, Group } from './case.ts';
import { as, found, ok, patch, read, refused, upsert } from './steps.ts';

const USER = 'ann~';
const given = [upsert([{ id: USER }])];
const PAST = inSeconds(-1000);

function refusedToken(name: string, actor: Actor, code: number | readonly number[], message?: string | RegExp): Case {
  const expect = { status: 401, code, ...(message === undefined ? {} : { message }) };
  return { name, why: '10', given, ...read([USER], { actor }), expect };
}

function goodToken(name: string, actor: Actor): Case {
  return { name, why: '10', given, ...read([USER], { actor }), expect: found(USER) };
}

const keys: readonly Case[] = [
  {
    name: 'a call without api_key is told so',
    why: '10',
    ...read([USER]),
    app: 'none',
    expect: refused(2, 'api_key not provided'),
  },
  {
    name: 'a call with an empty api_key is refused',
    why: '10',
    ...read([USER]),
    app: 'none',
    query: { ...read([USER]).query, api_key: '' },
    expect: refused(2),
  },
  {
    name: 'an unknown api_key is told so',
    why: '10',
    ...read([USER]),
    app: 'unknown',
    expect: refused(2, 'api_key is invalid'),
  },
];

const malformed: readonly Case[] = [
  refusedToken('a call without a token is refused', 'none', 5),
  refusedToken('an empty token is refused', { raw: '' }, 5),
  refusedToken(
    'a token of two segments is told so',
    { raw: 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYSJ9' },
    5,
    'token contains an invalid number of segments',
  ),
  refusedToken(
    'a token of four segments is told so',
    { raw: 'a.b.c.d' },
    5,
    'token contains an invalid number of segments',
  ),
  refusedToken('a token that is not base64 JSON is refused', { raw: '!!.??.##' }, [5, 43]),
  // {"server":true,"z\\":1}: who cannot sign must not make the engine read that key.
  refusedToken(
    'a token with a claim that has a backslash in its name is refused, whoever signed it',
    { raw: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzZXJ2ZXIiOnRydWUsInpcXCI6MX0.x' },
    5,
    'token is malformed',
  ),
  refusedToken('a token whose claims are a list is refused', { claims: [USER] }, 5),
  refusedToken('a token whose claims are null is refused', { claims: null }, 5),
  refusedToken('a token without user_id and server is refused', { claims: {} }, 5),
  refusedToken('a token with both user_id and server is refused', { claims: { user_id: USER, server: true } }, 5),
  refusedToken('a token with server: "true" is no server token', { claims: { server: 'true' } }, 5),
  refusedToken('a token with server: 1 is no server token', { claims: { server: 1 } }, 5),
  refusedToken('a token with server: false is no server token', { claims: { server: false } }, 5),
  ...[5, null, '', ['ann~'], { id: 'ann~' }].map((id) =>
    refusedToken(
      `a token with user_id ${JSON.stringify(id).replace('~', '')} is refused`,
      { claims: { user_id: id } },
      5,
    ),
  ),
  ...['exp', 'nbf', 'iat'].flatMap((claim) =>
    ['tomorrow', String(inSeconds(1000)), true, {}, null].map((value) =>
      refusedToken(
        `a token with ${claim}: ${JSON.stringify(value).replace(/"\d+"/, '"<seconds as text>"')} is refused`,
        as(USER, { [claim]: value }),
        5,
      ),
    ),
  ),
];

const signatures: readonly Case[] = [
  refusedToken(
    'a token signed with another secret is refused',
    { user: USER, signedBy: 'nobody' },
    43,
    'token signature is invalid',
  ),
  refusedToken(
    'a server token signed with another secret is refused',
    { claims: { server: true }, signedBy: 'nobody' },
    43,
  ),
  refusedToken('an unsigned token (alg none) is refused', { user: USER, alg: 'none' }, [5, 43]),
  refusedToken('an unsigned server token is refused', { claims: { server: true }, alg: 'none' }, [5, 43]),
  refusedToken('a token that says None is refused', { user: USER, header: { alg: 'None' } }, [5, 43]),
  refusedToken('a token signed with RS256 is refused', { user: USER, alg: 'RS256' }, [5, 43]),
  refusedToken(
    'a token that says RS256 over an HMAC signature is refused',
    { user: USER, header: { alg: 'RS256' } },
    [5, 43],
  ),
  refusedToken('a token signed with HS384 is refused', { user: USER, alg: 'HS384' }, [5, 43]),
  refusedToken('a token signed with HS512 is refused', { user: USER, alg: 'HS512' }, [5, 43]),
  refusedToken('a token without alg is refused', { user: USER, header: { alg: undefined } }, [5, 43]),
  { ...refusedToken("another app's token is refused", { user: USER, signedBy: 'other' }, 43), needsOther: true },
  {
    ...refusedToken("another app's server token is refused", { claims: { server: true }, signedBy: 'other' }, 43),
    needsOther: true,
  },
  goodToken('a token signed with the secret of the app is accepted', as(USER)),
  goodToken('a token with further claims and header fields is accepted', {
    user: USER,
    claims: { name: 'Ann', aud: ['x'] },
    header: { kid: '1' },
  }),
];

const times: readonly Case[] = [
  refusedToken('an expired token is told so', as(USER, { exp: inSeconds(-60) }), 40, 'token has expired'),
  refusedToken('a token that is not valid yet is refused', as(USER, { nbf: inSeconds(600) }), 41),
  refusedToken(
    'a token issued in the future is told so',
    as(USER, { iat: inSeconds(600) }),
    42,
    'token used before issue at (iat)',
  ),
  refusedToken('an expired server token is refused', { claims: { server: true, exp: inSeconds(-60) } }, 40),
  goodToken('a token that is still valid is accepted', as(USER, { exp: inSeconds(600), nbf: PAST, iat: PAST })),
  goodToken('times of a token may have fractions', as(USER, { exp: inSeconds(600) + 0.5, iat: PAST + 0.25 })),
];

const REVOKED = /^this token has been revoked, please generate a new token$/;
const revoke = patch([{ id: USER, set: { revoke_tokens_issued_before: new Date((PAST + 500) * 1000).toISOString() } }]);

const revocation: readonly Case[] = [
  {
    ...refusedToken(
      'a token issued before the revocation of its user is told so',
      as(USER, { iat: PAST }),
      40,
      REVOKED,
    ),
    given: [...given, revoke],
  },
  {
    ...refusedToken('a token without iat is revoked with the others', as(USER), 40, REVOKED),
    given: [...given, revoke],
  },
  {
    ...refusedToken('a token that was good a moment ago is revoked all the same', as(USER, { iat: PAST }), 40, REVOKED),
    given: [...given, read([USER], { actor: as(USER, { iat: PAST }), expect: ok() }), revoke],
  },
  {
    ...goodToken('a token issued at the very instant of the revocation is good', as(USER, { iat: PAST + 500 })),
    given: [...given, revoke],
  },
  {
    ...goodToken('an undone revocation lets old tokens in again', as(USER, { iat: PAST })),
    given: [...given, revoke, patch([{ id: USER, set: { revoke_tokens_issued_before: null } }])],
  },
  {
    ...goodToken('a revocation of one user leaves the others alone', as('bob~', { iat: PAST })),
    given: [upsert([{ id: USER }, { id: 'bob~' }]), revoke],
  },
  {
    ...refusedToken('an upsert does not undo a revocation', as(USER, { iat: PAST }), 40),
    given: [...given, revoke, upsert([{ id: USER, revoke_tokens_issued_before: null, color: 'red' }])],
  },
  {
    ...refusedToken('a revocation of the whole app reaches every user', as(USER, { iat: PAST }), 40, REVOKED),
    settings: { revoke_tokens_issued_before: new Date((PAST + 500) * 1000).toISOString() },
  },
  {
    ...goodToken('a revocation of the whole app leaves server tokens alone', { claims: { server: true, iat: PAST } }),
    settings: { revoke_tokens_issued_before: new Date((PAST + 500) * 1000).toISOString() },
  },
  {
    ...goodToken('a revocation of the whole app is undone by null alone', as(USER, { iat: PAST })),
    settings: { revoke_tokens_issued_before: new Date((PAST + 500) * 1000).toISOString() },
    given: [...given, { method: 'PATCH', path: '/app', body: { revoke_tokens_issued_before: null } }],
  },
];

const waived: readonly Case[] = [
  {
    ...goodToken('without auth checks the signature of a user token does not matter', {
      user: USER,
      signedBy: 'nobody',
    }),
    settings: { disable_auth_checks: true },
  },
  {
    ...refusedToken('without auth checks alg none is refused all the same', { user: USER, alg: 'none' }, [5, 43]),
    settings: { disable_auth_checks: true },
  },
  {
    ...refusedToken(
      'without auth checks a server token is verified all the same',
      { claims: { server: true }, signedBy: 'nobody' },
      [5, 43],
    ),
    settings: { disable_auth_checks: true },
  },
];

const tenants: readonly Case[] = [
  {
    name: "another app's user is not found",
    why: '1 api_key',
    needsOther: true,
    given: [upsert([{ id: USER }], { app: 'other' })],
    ...read([USER]),
    expect: found(),
  },
  {
    name: "another app's user cannot be changed",
    why: '1 api_key',
    needsOther: true,
    given: [upsert([{ id: USER, color: 'red' }], { app: 'other' })],
    ...patch([{ id: USER, set: { color: 'blue' } }]),
    expect: refused(16),
    after: [read([USER], { app: 'other', expect: ok({ users: [{ color: 'red' }] }) })],
  },
  {
    name: 'two apps may have users of the same id and name',
    why: '1 api_key',
    needsOther: true,
    settings: { enforce_unique_usernames: 'app' },
    given: [upsert([{ id: USER, name: 'Ann ~', color: 'red' }], { app: 'other' })],
    ...upsert([{ id: USER, name: 'Ann ~', color: 'blue' }]),
    expect: { status: 201 },
    after: [read([USER], { app: 'other', expect: ok({ users: [{ color: 'red' }] }) })],
  },
];

/** Section 10: who gets in. */
export const tokenGroups: readonly Group[] = [
  ['tokens.key', keys],
  ['tokens.malformed', malformed],
  ['tokens.signature', signatures],
  ['tokens.times', times],
  ['tokens.revoked', revocation],
  ['tokens.waived', waived],
  ['envelope.app', tenants],
];
