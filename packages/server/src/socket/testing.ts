import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { TestApp } from '../testing.ts';

/** A client of a test, which keeps every frame from the first on. */
export interface Client {
  readonly socket: WebSocket;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what it reads
  readonly frames: any[];
}

/** What a client says of itself when it connects. */
export interface Entry {
  readonly details?: object;
  /** More query parameters. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Begins to connect as a user. */
export function enter(app: TestApp, address: string, userId: string, entry: Entry = {}): Client {
  const json = JSON.stringify({ user_id: userId, user_details: { id: userId, ...entry.details } });
  const query = { api_key: app.tenant.key, authorization: app.tokenOf(userId), json, ...entry.query };
  // A plus stays a plus at this door: the form encoding of URLSearchParams would be read otherwise.
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const url = `ws://${address}/connect?${text.join('&')}`;
  const socket = new WebSocket(url, { headers: { ...entry.headers } });
  const frames: Client['frames'] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.on('error', () => {});
  return { socket, frames };
}

/** Connects as a user, and waits for the hello. */
export async function connected(app: TestApp, address: string, userId: string, entry: Entry = {}): Promise<Client> {
  const client = enter(app, address, userId, entry);
  await until(`the hello of ${userId}`, () => client.frames.length > 0);
  return client;
}

/** Waits until something holds, for at most five seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within 5 s`);
    await pause(5);
  }
}

/** The frames of one type that a client got about a user. */
export function heard({ frames }: Client, type: string, userId: string): Client['frames'] {
  return frames.filter((frame) => frame.type === type && frame.user.id === userId);
}

/** Whether the client saw a user come or go, in order. */
export const flipsOf = (client: Client, userId: string): boolean[] =>
  heard(client, 'user.presence.changed', userId).map(({ user }) => user.online);

/** Asks for users as the client's own user, who watches what is found. */
export async function watch(app: TestApp, { frames }: Client, filter: object, more: object = {}) {
  const [hello] = frames;
  const payload = { filter_conditions: filter, presence: true, connection_id: hello.connection_id, ...more };
  const answer = await app.http.inject({
    method: 'GET',
    url: '/users',
    query: { api_key: app.tenant.key, payload: JSON.stringify(payload) },
    headers: { authorization: app.tokenOf(hello.me.id) },
  });
  return { status: answer.statusCode, body: answer.json() };
}
