import type { Reply } from '../support/http.ts';
import { at, type Fields } from '../support/json.ts';
import type { Socket } from '../support/socket.ts';
import { suffix } from '../support/wait.ts';
import { type ConnectAs, enter, freshId } from './door.ts';
import { playStep } from './run.ts';
import { as, patch, query } from './steps.ts';
import type { Target } from './target.ts';

/** A user who is connected and watches others. */
export interface Watcher extends AsyncDisposable {
  readonly id: string;
  readonly socket: Socket;
  readonly connectionId: string;
  /** Asks for these users and to hear of them from now on. */
  watch(...ids: readonly string[]): Promise<Reply>;
  /** What it has heard of a user, oldest first. */
  heard(id: string): readonly Fields[];
  /** The first frame about a user that says so, already here or still to come. */
  hears(id: string, fits: (frame: Fields) => boolean): Promise<Fields>;
  /** The first news that a user is online, or offline. */
  sees(id: string, online: boolean): Promise<Fields>;
  /** Returns when everything told so far has arrived: news comes in order, and this is one piece more, about itself. */
  caughtUp(): Promise<void>;
}

/** How long a test waits for news; a server with the usual times takes a few seconds to see that somebody left. */
const DEADLINE_MS = 15_000;

/** Connects somebody who will watch. */
export async function openWatcher(target: Target, how: Partial<ConnectAs> = {}): Promise<Watcher> {
  const id = how.userId ?? freshId('watcher');
  const { socket, connectionId } = await enter(target, { ...how, userId: id });
  const app = how.app ?? 'own';
  const heard = (userId: string) => socket.frames.filter((frame) => at(frame, 'user', 'id') === userId);
  const hears: Watcher['hears'] = (userId, fits) =>
    socket.frame((frame) => at(frame, 'user', 'id') === userId && fits(frame), DEADLINE_MS);
  return {
    id,
    socket,
    connectionId,
    heard,
    hears,
    watch(...ids) {
      const payload = { filter_conditions: { id: { $in: ids } }, presence: true, limit: 100 };
      const step = query(payload, { query: { connection_id: connectionId, user_id: id }, actor: as(id), app });
      return playStep(target, { ...step, expect: { status: 200 } });
    },
    sees: (userId, online) =>
      hears(userId, (frame) => frame.type === 'user.presence.changed' && at(frame, 'user', 'online') === online),
    async caughtUp() {
      const mark = suffix();
      await playStep(target, { ...patch([{ id, set: { mark } }]), app });
      await hears(id, (frame) => at(frame, 'user', 'mark') === mark);
    },
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  };
}

/** The flips of a user that a watcher heard of, as they were told. */
export function flips(watcher: Watcher, id: string): readonly unknown[] {
  return watcher
    .heard(id)
    .filter((frame) => frame.type === 'user.presence.changed')
    .map((frame) => at(frame, 'user', 'online'));
}

/** The changes of a user that a watcher heard of. */
export function updates(watcher: Watcher, id: string): readonly Fields[] {
  return watcher.heard(id).filter((frame) => frame.type === 'user.updated');
}
