import type { App, AppSettings } from '@rollcall/domain/app';
import { type DomainError, refusal } from '@rollcall/domain/error';
import { type Claims, checkTimes, isRevoked, parseClaims, revoked } from '@rollcall/domain/token';
import type { Instant, User, Users } from '@rollcall/domain/user';
import { hasBackslashKey } from '@rollcall/protocol/json';
import { createDecoder, createVerifier } from 'fast-jwt';
import { Cache } from '../cache.ts';

/** How many tokens of an app are remembered. */
const REMEMBERED = 20_000;
/** Tokens are looked up by so many of their last characters, which no two signatures share: a whole token takes longer. */
const KEY_LENGTH = 22;

interface Remembered {
  readonly token: string;
  readonly claims: Claims;
}

/** Tells what a token says, once its signature was looked at. */
export interface Tokens {
  /**
   * Reads a token of the app, or refuses. A signature that was verified once is remembered; times and the app's revocation
   * are looked at each time. With `disable_auth_checks` a user's token needs no signature; a server's always does.
   */
  verify(app: App, token: string, now: Instant): Claims;
}

interface Signer {
  readonly secret: string;
  readonly verify: (token: string) => unknown;
  readonly known: Cache<Remembered>;
}

const decode = createDecoder({ complete: true });

export function createTokens(): Tokens {
  const signers = new Map<number, Signer>();

  function signerOf({ id, secret }: App): Signer {
    let signer = signers.get(id);
    if (signer?.secret !== secret) {
      const verify = createVerifier({
        key: secret,
        algorithms: ['HS256'],
        cache: false,
        ignoreExpiration: true,
        ignoreNotBefore: true,
      });
      signer = { secret, verify, known: new Cache(REMEMBERED) };
      signers.set(id, signer);
    }
    return signer;
  }

  return {
    verify(app, token, now) {
      const signer = signerOf(app);
      const known = signer.known.get(token.slice(-KEY_LENGTH));
      const claims = known?.token === token ? known.claims : read(app, signer, token);
      checkTimes(claims, now);
      if (!claims.server && isRevoked(claims.issuedAt, app.settings.revokeTokensIssuedBefore)) throw revoked();
      return claims;
    },
  };
}

/** A token as it stands in a header or a URL, where some clients put the word before it. */
export function bareToken(text: string): string {
  return text.startsWith('Bearer ') ? text.slice('Bearer '.length) : text;
}

/** Refuses who may not use the service, whatever its token says: revoked, deactivated, deleted. */
export function checkBearer(claims: Claims, user: User | undefined): void {
  if (user === undefined) return;
  if (user.deletedAt !== undefined) throw refusal('not_found', `the user ${user.id} was deleted`);
  if (user.deactivatedAt !== undefined) throw refusal('not_allowed', `the user ${user.id} is deactivated`);
  if (isRevoked(claims.issuedAt, user.revokeTokensIssuedBefore)) throw revoked();
}

/** Refuses a user's own write when its token was revoked since it was looked at, or its user may not use the service any more. */
export function checkWriter(claims: Claims, current: Users, settings: AppSettings): void {
  if (claims.userId === undefined) return;
  checkBearer(claims, current.get(claims.userId));
  if (isRevoked(claims.issuedAt, settings.revokeTokensIssuedBefore)) throw revoked();
}

function read(app: App, signer: Signer, token: string): Claims {
  const [header = '', payload = '', ...rest] = token.split('.');
  if (rest.length !== 1) throw refusal('authentication_error', 'token contains an invalid number of segments');
  // The library reads both before it looks at the signature.
  for (const part of [header, payload])
    if (hasBackslashKey(Buffer.from(part, 'base64url').toString())) throw malformed();
  if (app.settings.disableAuthChecks) {
    const claims = parseClaims(payloadOf(unsigned, token));
    if (!claims.server) return claims;
  }
  const claims = parseClaims(payloadOf(signer.verify, token));
  // As a text of its own: a part of a URL would keep the whole of it.
  const own = Buffer.from(token).toString();
  signer.known.set(own.slice(-KEY_LENGTH), { token: own, claims });
  return claims;
}

/** Reads a token without a look at its signature; the algorithm must be ours all the same. */
function unsigned(token: string): unknown {
  const { header, payload } = decode(token);
  if (header?.alg !== 'HS256') throw badSignature();
  return payload;
}

const malformed = (): DomainError => refusal('authentication_error', 'token is malformed');
const badSignature = (): DomainError => refusal('token_signature_invalid', 'token signature is invalid');
const SIGNATURE_FAULTS = new Set([
  'FAST_JWT_INVALID_SIGNATURE',
  'FAST_JWT_INVALID_ALGORITHM',
  'FAST_JWT_MISSING_SIGNATURE',
  'FAST_JWT_INVALID_KEY',
  'FAST_JWT_VERIFY_ERROR',
]);

function payloadOf(reader: (token: string) => unknown, token: string): Readonly<Record<string, unknown>> {
  let payload: unknown;
  try {
    payload = reader(token);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (SIGNATURE_FAULTS.has(code)) throw badSignature();
    if (error instanceof Error && error.name === 'DomainError') throw error;
    throw malformed();
  }
  if (typeof payload !== 'object' || payload === null) throw malformed();
  return payload as Readonly<Record<string, unknown>>; // an object, seen above
}
