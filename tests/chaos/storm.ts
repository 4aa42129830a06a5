import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { accepted, patch, type Target } from '../concurrency/backend.ts';
import { call, queryString } from '../support/http.ts';
import { at, type Fields } from '../support/json.ts';
import { userToken } from '../support/token.ts';
import { until, within } from '../support/wait.ts';

/** One client of a storm: a connection that hears of its own user and of those it watches. */
export interface Listener {
  readonly id: string;
  readonly watched: readonly string[];
  /** Everything it was told but signs of life, oldest first. */
  readonly frames: readonly Fields[];
  /** From the stamp of each change to the moment it was read, in milliseconds. */
  readonly lateMs: readonly number[];
  /** Connects, again when it was dropped, and watches. */
  come(): Promise<void>;
  /** Cuts the connection. */
  drop(): void;
}

/** Makes a client for each id; everybody watches those who come next in the circle, and none is connected yet. */
export function makeListeners(target: Target, ids: readonly string[], watchedEach: number): readonly Listener[] {
  return ids.map((id, index) => {
    const watched = Array.from({ length: watchedEach }, (_, n) => ids[(index + 1 + n) % ids.length] ?? '');
    return makeListener(target, id, watched);
  });
}

/** Makes one client, which is not connected yet. */
export function makeListener(target: Target, id: string, watched: readonly string[]): Listener {
  const frames: Fields[] = [];
  const lateMs: number[] = [];
  let socket: WebSocket | undefined;
  function hear(frame: Fields): void {
    if (frame.type === 'health.check') return;
    frames.push(frame);
    if (frame.type === 'user.updated') lateMs.push(Date.now() - Date.parse(String(frame.created_at)));
  }
  return {
    id,
    watched,
    frames,
    lateMs,
    async come() {
      const connected = await connect(target, id, hear);
      socket = connected.socket;
      if (watched.length > 0) accepted(await watch(target, id, watched, connected.connectionId));
    },
    drop: () => socket?.terminate(),
  };
}

/** Connects; resolves at the hello, and passes on every frame that follows it. */
async function connect(target: Target, id: string, hear: (frame: Fields) => void) {
  const json = JSON.stringify({ user_id: id, user_details: { id } });
  const query = queryString({ api_key: target.apiKey, authorization: userToken(id, target.secret), json });
  const socket = new WebSocket(`${target.url.replace(/^http/, 'ws')}/connect${query}`);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let greeted = false;
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the connection ended before the hello')));
  socket.on('message', (data) => {
    const frame: Fields = JSON.parse(String(data));
    if (greeted) hear(frame);
    else if (frame.type === 'health.check') resolve(String(frame.connection_id));
    else reject(new Error(`not a hello: ${data}`));
    greeted = true;
  });
  return { socket, connectionId: await within('the hello', promise, 20_000) };
}

function watch(target: Target, id: string, watched: readonly string[], connectionId: string) {
  const payload = { filter_conditions: { id: { $in: watched } }, presence: true, limit: 100 };
  return call({
    url: target.url,
    method: 'GET',
    path: '/users',
    query: { api_key: target.apiKey, payload: JSON.stringify(payload), connection_id: connectionId },
    headers: { authorization: userToken(id, target.secret) },
  });
}

/** Changes users in turn at a pace, each time to the next number, which `set` names; resolves when all are answered. */
export async function changeInTurn(
  target: Target,
  ids: readonly string[],
  numbers: { readonly first: number; readonly count: number; readonly perSecond: number },
): Promise<void> {
  const { first, count, perSecond } = numbers;
  const began = performance.now();
  const answers: Promise<unknown>[] = [];
  while (answers.length < count) {
    const due = Math.min(count, ((performance.now() - began) * perSecond) / 1000);
    while (answers.length < due) {
      const number = first + answers.length;
      answers.push(patch(target, [{ id: ids[number % ids.length], set: { number } }]).then(accepted));
    }
    await pause(2);
  }
  await Promise.all(answers);
}

/** The numbers a client heard of a user, in the order in which they came. */
export function numbersOf(listener: Listener, id: string): readonly unknown[] {
  return listener.frames
    .filter((frame) => frame.type === 'user.updated' && at(frame, 'user', 'id') === id)
    .map((frame) => at(frame, 'user', 'number'));
}

/** Waits until all together heard so many changes; says how many they did hear when that takes too long. */
export function heardChanges(listeners: readonly Listener[], count: number): Promise<number> {
  const heard = () => listeners.reduce((sum, { lateMs }) => sum + lateMs.length, 0);
  return until('everybody is told', heard, (seen) => seen >= count, 15_000);
}
