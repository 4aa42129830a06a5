import { refusal } from '@rollcall/domain/error';
import { isUserId } from '@rollcall/domain/field';
import { isObject, type JsonObject } from '@rollcall/domain/json';
import { parseJson } from '@rollcall/protocol/json';
import { LIMITS } from '@rollcall/protocol/limits';

/** What a connect asks for. */
export interface ConnectRequest {
  readonly userId: string;
  readonly details: JsonObject;
}

/** What the URL of a connect says: the first of each name counts. */
export interface ConnectQuery {
  apiKey?: string;
  authorization?: string;
  authType?: string;
  json?: string;
  /** What the client says it is, under either name for that. */
  client?: string;
  streamClient?: string;
}

/** The names of parameters, in lower case. Those after the first four are read whatever their case. */
const PARAMETERS: readonly (readonly [name: string, key: keyof ConnectQuery])[] = [
  ['api_key', 'apiKey'],
  ['authorization', 'authorization'],
  ['stream-auth-type', 'authType'],
  ['json', 'json'],
  ['x-rollcall-client', 'client'],
  ['x-stream-client', 'streamClient'],
];
const ANY_CASE: ReadonlySet<string> = new Set(['client', 'streamClient']);

/**
 * Reads a query string leniently: only `&` separates, so that a `;` in a name survives, a `+` stays a plus, and a `%` that
 * begins no code stays what it is.
 */
export function parseConnectQuery(url: string): ConnectQuery {
  const query: ConnectQuery = {};
  for (let start = url.indexOf('?') + 1; start > 0; ) {
    const end = url.indexOf('&', start);
    readParameter(end < 0 ? url.slice(start) : url.slice(start, end), query);
    start = end + 1;
  }
  return query;
}

function readParameter(part: string, query: ConnectQuery): void {
  const equals = part.indexOf('=');
  const name = decode(equals < 0 ? part : part.slice(0, equals));
  // No map: to look up a part of a long text there, it would be copied and kept first.
  for (const [known, key] of PARAMETERS) {
    if (name !== known && !(name.length === known.length && ANY_CASE.has(key) && name.toLowerCase() === known))
      continue;
    query[key] ??= equals < 0 ? '' : decode(part.slice(equals + 1));
    return;
  }
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => {
      try {
        return decodeURIComponent(codes);
      } catch {
        return codes;
      }
    });
  }
}

/** Reads what a client says it is, as one short line; empty when it says nothing. A browser can send no header with a socket. */
export function parseDevice(
  { client, streamClient }: ConnectQuery,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string {
  return cleaned(client || headers['x-rollcall-client']) || cleaned(streamClient || headers['x-stream-client']);
}

function cleaned(text: string | string[] | undefined): string {
  if (typeof text !== 'string' || text === '') return '';
  const plain = text
    .toWellFormed()
    .replace(/[\p{C}\p{Z}\ufffd]+/gu, ' ')
    .trim();
  const short = [...plain.slice(0, 2 * LIMITS.deviceCharacters)].slice(0, LIMITS.deviceCharacters).join('');
  // A part of a text would keep the whole URL in memory, with its token.
  return Buffer.from(short.toWellFormed()).toString();
}

const invalid = (message: string, at = 'json') => refusal('input_error', `${at} ${message}`, at);

/** Reads the `json` parameter of a connect, for the user whose token it is. Refuses when they do not agree. */
export function parseConnectRequest(json: string | undefined, tokenUserId: string): ConnectRequest {
  if (json === undefined || json === '') throw invalid('is missing: it says who connects');
  const request = parseJson(json, 'json', 'json');
  if (!isObject(request)) throw invalid('expects an object');
  const details = request.user_details ?? {};
  if (!isObject(details)) throw invalid('expects type object', 'user_details');
  const userId = request.user_id ?? details.id ?? tokenUserId;
  if (userId !== tokenUserId || (details.id ?? tokenUserId) !== tokenUserId) {
    throw refusal('authentication_error', 'the user ids of the token, user_id and user_details.id differ');
  }
  if (!isUserId(userId)) throw invalid('must be 1 to 255 letters, digits, or any of @ _ -', 'user_id');
  return { userId, details };
}
