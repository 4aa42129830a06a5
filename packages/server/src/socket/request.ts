import { refusal } from '@rollcall/domain/error';
import { isUserId } from '@rollcall/domain/field';
import { isObject, type JsonObject, type JsonValue } from '@rollcall/domain/json';
import { LIMITS } from '@rollcall/protocol/limits';

/** What a connect asks for. */
export interface ConnectRequest {
  readonly userId: string;
  readonly details: JsonObject;
}

/**
 * Reads a query string leniently: only `&` separates, so that a `;` in a name survives, a `+` stays a plus, and a `%` that
 * begins no code stays what it is.
 */
export function parseConnectQuery(url: string): ReadonlyMap<string, string> {
  const start = url.indexOf('?');
  const parameters = new Map<string, string>();
  if (start < 0) return parameters;
  for (const part of url.slice(start + 1).split('&')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    const key = decode(name);
    if (!parameters.has(key)) parameters.set(key, decode(value));
  }
  return parameters;
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

/** Where a client says what it is: as a header, or, since a browser cannot send one with a socket, as a query parameter. */
const DEVICE_NAMES = ['x-rollcall-client', 'x-stream-client'];

/** Reads what a client says it is, as one short line; empty when it says nothing. */
export function parseDevice(
  query: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string {
  const names = [...query.keys()];
  for (const name of DEVICE_NAMES) {
    const parameter = names.find((known) => known.toLowerCase() === name);
    const said = (parameter && query.get(parameter)) || headers[name];
    const device = typeof said === 'string' ? cleaned(said) : '';
    if (device !== '') return device;
  }
  return '';
}

function cleaned(text: string): string {
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
  let request: JsonValue;
  try {
    request = JSON.parse(json);
  } catch {
    throw invalid('is not valid JSON');
  }
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
