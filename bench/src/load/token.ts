import { createHmac } from 'node:crypto';

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = base64({ alg: 'HS256', typ: 'JWT' });

function sign(claims: object, secret: string): string {
  const text = `${HEADER}.${base64(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** The token of an app's backend. */
export const serverToken = (secret: string): string => sign({ server: true }, secret);

/** The token of a user. */
export const userToken = (userId: string, secret: string): string =>
  sign({ user_id: userId, iat: 1_700_000_000 }, secret);
