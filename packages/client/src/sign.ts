import { createHmac } from 'node:crypto';

/** What a token may say. Times are in seconds since 1970. */
export interface Claims {
  readonly user_id?: string;
  readonly server?: true;
  readonly iat?: number;
  readonly exp?: number;
  readonly nbf?: number;
  readonly [other: string]: unknown;
}

const HEADER = base64url({ alg: 'HS256', typ: 'JWT' });

/** Signs exactly these claims with the app's secret: a JWT with HS256. Adds nothing. */
export function signToken(claims: Claims, secret: string): string {
  const said = `${HEADER}.${base64url(claims)}`;
  return `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
