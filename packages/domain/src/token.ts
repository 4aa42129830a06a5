import { type DomainError, refusal } from './error.ts';

import { isUserId } from './field.ts';
import type { Instant } from './user.ts';

/** What a token says. Times are in seconds, as a JWT has them. */
export interface Claims {
  readonly userId: string | undefined;
  readonly server: boolean;
  readonly expiresAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
}

/** How far two clocks may be apart, in milliseconds. It widens `exp`, `nbf` and a future `iat`; never revocation. */
export const LEEWAY_MS = 5000;

const malformed = (message: string): DomainError => refusal('authentication_error', message);

/** Reads the claims of a token whose signature was looked at, or refuses: exactly one of `user_id` and `server: true`, times as numbers. */
export function parseClaims(payload: Readonly<Record<string, unknown>>): Claims {
  const { user_id: userId, server } = payload;
  if (server !== undefined && typeof server !== 'boolean') throw malformed('token claim "server" must be a boolean');
  if (userId !== undefined && !isUserId(userId)) throw malformed('token claim "user_id" must be the id of a user');
  if (userId !== undefined && server === true) throw malformed('token has both "user_id" and "server"');
  if (userId === undefined && server !== true) throw malformed('token has neither "user_id" nor "server"');
  return {
    userId,
    server: server === true,
    expiresAt: parseSeconds(payload, 'exp'),
    notBefore: parseSeconds(payload, 'nbf'),
    issuedAt: parseSeconds(payload, 'iat'),
  };
}

function parseSeconds(payload: Readonly<Record<string, unknown>>, claim: string): number | undefined {
  const value = payload[claim];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw malformed(`token claim "${claim}" must be a number of seconds`);
  }
  return value;
}

/** Refuses a token outside its time. */
export function checkTimes(claims: Claims, now: Instant): void {
  if (hasExpired(claims, now)) throw refusal('token_expired', 'token has expired');
  if (claims.notBefore !== undefined && claims.notBefore * 1000 > now + LEEWAY_MS) {
    throw refusal('token_not_valid_yet', 'token is not valid yet (nbf)');
  }
  if (claims.issuedAt !== undefined && claims.issuedAt * 1000 > now + LEEWAY_MS) {
    throw refusal('token_used_before_issued', 'token used before issue at (iat)');
  }
}

/** Says whether a token's time is over, leeway included. */
export function hasExpired({ expiresAt }: Pick<Claims, 'expiresAt'>, now: Instant): boolean {
  return expiresAt !== undefined && expiresAt * 1000 + LEEWAY_MS <= now;
}

/** Says whether a user's token was revoked: issued before the instant, to the millisecond, or at a time it does not tell. */
export function isRevoked(issuedAt: number | undefined, before: Instant | undefined): boolean {
  return before !== undefined && (issuedAt === undefined || issuedAt * 1000 < before);
}

/** What the bearer of a revoked token reads. */
export const revoked = (): DomainError =>
  refusal('token_expired', 'this token has been revoked, please generate a new token');
