import type { Fields } from '../support/json.ts';
import { isFields } from '../support/json.ts';
import type { Actor, Expectation, Step } from './case.ts';

type More = Omit<Partial<Step>, 'method' | 'path' | 'body'>;

const STATUS: { readonly [code: number]: number } = {
  2: 401, 4: 400, 5: 401, 6: 400, 9: 429, 16: 404, 17: 403, 22: 413, 23: 408, 24: 431, 40: 401, 41: 401, 42: 401,
  43: 401, 99: 403,
}; // biome-ignore format: a table reads best in two lines

/** `POST /users` with these users, each under its own id. */
export function upsert(users: readonly Fields[], more: More = {}): Step {
  return post(Object.fromEntries(users.map((user) => [String(user.id), user])), more);
}

/** `POST /users` with this map. */
export function post(users: unknown, more: More = {}): Step {
  return { method: 'POST', path: '/users', body: { users }, ...more };
}

/** `POST /users` with this text as its body. */
export function postRaw(rawBody: string, more: More = {}): Step {
  return { method: 'POST', path: '/users', rawBody, ...more };
}

/** `PATCH /users` with these items. */
export function patch(users: unknown, more: More = {}): Step {
  return { method: 'PATCH', path: '/users', body: { users }, ...more };
}

/** `GET /users` with this payload. */
export function query(payload: unknown, more: More = {}): Step {
  const json = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { method: 'GET', path: '/users', ...more, query: { payload: json, ...more.query } };
}

/** Reads these users, in the order of their ids. */
export function read(ids: readonly string[], more: More = {}): Step {
  return query({ filter_conditions: { id: { $in: ids } }, sort: [{ field: 'id', direction: 1 }], limit: 100 }, more);
}

/** Reads one user, which must look like this. */
export function readBack(user: Fields): Step {
  return read([String(user.id)], { expect: ok({ users: [user] }) });
}

/** That a call succeeds with 200 and answers this. */
export function ok(answer?: unknown): Expectation {
  return answer === undefined ? { status: 200 } : { status: 200, answer };
}

/** That a call succeeds with 201 and answers this. */
export function made(answer?: unknown): Expectation {
  return answer === undefined ? { status: 201 } : { status: 201, answer };
}

/** That an upsert succeeds and answers these users. */
export function madeUsers(...users: readonly Fields[]): Expectation {
  return made({ users: byId(users) });
}

/** That a partial update succeeds and answers these users. */
export function okUsers(...users: readonly Fields[]): Expectation {
  return ok({ users: byId(users) });
}

/** That a query finds these users and no others, in this order. */
export function found(...ids: readonly string[]): Expectation {
  return { status: 200, ids };
}

/** That a call is refused with this code, and the status that belongs to it. */
export function refused(code: number, message?: string | RegExp, fields?: Expectation['fields']): Expectation {
  return {
    status: STATUS[code] ?? 0,
    code,
    ...(message === undefined ? {} : { message }),
    ...(fields === undefined ? {} : { fields }),
  };
}

/** The actor that is this user. */
export function as(user: string, claims: Fields = {}): Actor {
  return { user, claims };
}

/** Wraps a value in so many containers, objects and lists by turns. */
export function nested(depth: number, innermost: unknown = 1): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { deep: value } : [value];
  return value;
}

/** Custom data that takes exactly so many bytes as compact JSON in UTF-8, made of one character. */
export function ofBytes(bytes: number, character = 'x'): Fields {
  const width = Buffer.byteLength(character);
  const room = bytes - Buffer.byteLength('{"blob":""}');
  return { blob: character.repeat(Math.floor(room / width)) + 'x'.repeat(room % width) };
}

function byId(users: readonly Fields[]): Fields {
  return Object.fromEntries(users.filter(isFields).map((user) => [String(user.id), user]));
}
