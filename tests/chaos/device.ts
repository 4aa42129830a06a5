import { accepted, connect, type Target } from '../concurrency/backend.ts';
import { call, type Reply } from '../support/http.ts';
import { at, type Fields, isFields } from '../support/json.ts';
import type { Socket } from '../support/socket.ts';
import { serverToken, userToken } from '../support/token.ts';
import { until } from '../support/wait.ts';

/** A device of a user that a node let in. */
export interface Device {
  readonly socket: Socket;
  readonly userId: string;
  readonly connectionId: string;
  readonly me: Fields;
}

/** Connects a device, and waits for its hello. */
export async function come(target: Target, userId: string, details: Fields = {}): Promise<Device> {
  const { socket, first } = await connect(target, userId, details);
  if (first?.type !== 'health.check') throw new Error(`no hello but ${JSON.stringify(first)}`);
  return { socket, userId, connectionId: String(first.connection_id), me: isFields(first.me) ? first.me : {} };
}

/** Asks a node, not always that of the connection, to watch users; answers the reply as it is. */
export function askToWatch(target: Target, device: Device, ids: readonly string[], asServer = false): Promise<Reply> {
  const payload = { filter_conditions: { id: { $in: ids } }, presence: true, connection_id: device.connectionId };
  return call({
    url: target.url,
    method: 'GET',
    path: '/users',
    query: { api_key: target.apiKey, payload: JSON.stringify({ ...payload, limit: 100 }) },
    headers: { authorization: asServer ? serverToken(target.secret) : userToken(device.userId, target.secret) },
  });
}

/** Watches users, and says who of them is online. */
export async function watch(target: Target, device: Device, ids: readonly string[]): Promise<Fields> {
  const { body } = accepted(await askToWatch(target, device, ids));
  const users = Array.isArray(body.users) ? body.users.filter(isFields) : [];
  return Object.fromEntries(users.map((user) => [user.id, user.online]));
}

/** Whether a device was told that a user came or went, in order. */
export const flipsOf = ({ socket }: Device, id: string): readonly unknown[] =>
  socket.frames
    .filter((frame) => frame.type === 'user.presence.changed' && at(frame, 'user', 'id') === id)
    .map((frame) => at(frame, 'user', 'online'));

/** Waits until a device was told so many comings and goings of a user; says after how many milliseconds. */
export async function tells(device: Device, id: string, flips: readonly boolean[], deadlineMs = 5000): Promise<number> {
  const began = performance.now();
  await until(
    `${device.userId} sees of ${id}: ${flips}`,
    () => flipsOf(device, id),
    (seen) => JSON.stringify(seen) === JSON.stringify(flips),
    deadlineMs,
  );
  return Math.round(performance.now() - began);
}

/** Waits until a device heard that a field of a user has a value; says after how many milliseconds. */
export async function hears({ socket }: Device, id: string, field: string, value: unknown, deadlineMs = 5000) {
  const began = performance.now();
  await socket.frame(
    (frame) => frame.type === 'user.updated' && at(frame, 'user', 'id') === id && at(frame, 'user', field) === value,
    deadlineMs,
  );
  return Math.round(performance.now() - began);
}

/** Why a user is shown as it is, as a node sees it. */
export async function presenceOf({ url, apiKey, secret }: Target, id: string): Promise<Fields> {
  const headers = { authorization: serverToken(secret) };
  const { body } = accepted(
    await call({ url, method: 'GET', path: `/users/${id}/presence`, query: { api_key: apiKey }, headers }),
  );
  return isFields(body.presence) ? body.presence : {};
}

/** What `/ready` says. */
export const readyOf = ({ url }: Target): Promise<Reply> => call({ url, method: 'GET', path: '/ready' });
