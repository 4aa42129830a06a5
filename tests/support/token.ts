import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { Fields } from './json.ts';

export type Algorithm = 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'none';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Makes a JWT, also one that no honest issuer would make. The header may be overwritten or extended. */
export function makeToken(claims: unknown, secret: string, alg: Algorithm = 'HS256', header: Fields = {}): string {
  const input = `${encode({ alg, typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${input}.${signature(input, secret, alg)}`;
}

/** A token that says: I am this user. */
export function userToken(userId: string, secret: string, claims: Fields = {}): string {
  return makeToken({ user_id: userId, ...claims }, secret);
}

/** A token that says: I am the app's own server. */
export function serverToken(secret: string, claims: Fields = {}): string {
  return makeToken({ server: true, ...claims }, secret);
}

/** Now, or so many seconds from now, as a token writes time. */
export const inSeconds = (seconds = 0): number => Math.floor(Date.now() / 1000) + seconds;

function signature(input: string, secret: string, alg: Algorithm): string {
  if (alg === 'none') return '';
  if (alg === 'RS256') {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return sign('sha256', Buffer.from(input), privateKey).toString('base64url');
  }
  return createHmac(`sha${alg.slice(2)}`, secret)
    .update(input)
    .digest('base64url');
}
