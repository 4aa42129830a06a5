import assert from 'node:assert/strict';
import { call, type Reply } from '../support/http.ts';
import { at, type Fields, isFields } from '../support/json.ts';
import type { App } from '../support/server.ts';
import { openSocket, type Socket } from '../support/socket.ts';
import { serverToken, userToken } from '../support/token.ts';
import { until } from '../support/wait.ts';

/** Where a server listens, and the app that calls are for. */
export type Target = App & { readonly url: string };

const PAGE = 100;

/** `POST /users` with the app's own token. */
export function upsert(target: Target, users: readonly Fields[]): Promise<Reply> {
  const byId = Object.fromEntries(users.map((user) => [String(user.id), user]));
  return send(target, 'POST', '/users', { users: byId });
}

/** `PATCH /users` with the app's own token, or with a user's. */
export function patch(target: Target, items: readonly Fields[], userId?: string): Promise<Reply> {
  return send(target, 'PATCH', '/users', { users: items }, userId);
}

/** Changes the app's settings, and says that it did. */
export async function change(target: Target, settings: Fields): Promise<void> {
  accepted(await send(target, 'PATCH', '/app', settings));
}

/** The answer of a call that must succeed. */
export function accepted(reply: Reply): Reply {
  assert.ok(reply.status === 200 || reply.status === 201, `${reply.status}: ${reply.text}`);
  return reply;
}

/** Reads users by their ids, any number of them; who does not exist is not in the answer. */
export async function read(target: Target, ids: readonly string[]): Promise<ReadonlyMap<string, Fields>> {
  const found = new Map<string, Fields>();
  for (let start = 0; start < ids.length; start += PAGE) {
    const payload = JSON.stringify({
      filter_conditions: { id: { $in: ids.slice(start, start + PAGE) } },
      sort: [{ field: 'id', direction: 1 }],
      limit: PAGE,
    });
    const { body } = accepted(await send(target, 'GET', '/users', undefined, undefined, { payload }));
    for (const user of Array.isArray(body.users) ? body.users.filter(isFields) : []) found.set(String(user.id), user);
  }
  return found;
}

/** A connection, and the first thing that the server said on it: hello, or why not; undefined when it only went away. */
export interface Answered {
  readonly socket: Socket;
  readonly first: Fields | undefined;
}

/** Connects as a user who brings these details, and waits for the first frame. */
export async function connect(target: Target, userId: string, details: Fields = {}): Promise<Answered> {
  const json = JSON.stringify({ user_id: userId, user_details: { id: userId, ...details } });
  const { url, apiKey, secret } = target;
  const socket = await openSocket({ url, apiKey, token: userToken(userId, secret), json });
  const look = (): boolean => socket.frames.length > 0 || !socket.isOpen();
  await until('the first frame', look, (here) => here, 10_000);
  return { socket, first: socket.frames[0] };
}

/** Lets go of many connections at once. */
export async function hangUp(answers: readonly Answered[]): Promise<void> {
  await Promise.all(answers.map(({ socket }) => socket[Symbol.asyncDispose]()));
}

/** The code of a refused call or of a `connection.error`; undefined when there is none. */
export function codeOf(answer: Fields | undefined): unknown {
  return at(answer, 'error', 'code') ?? at(answer, 'code');
}

function send(
  { url, apiKey, secret }: Target,
  method: string,
  path: string,
  body?: Fields,
  userId?: string,
  query: { readonly [key: string]: string } = {},
): Promise<Reply> {
  return call({
    url,
    method,
    path,
    query: { api_key: apiKey, ...query },
    headers: {
      authorization: userId === undefined ? serverToken(secret) : userToken(userId, secret),
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
