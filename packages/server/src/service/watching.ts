import type { App, AppId } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import { matches } from '@rollcall/domain/filter';
import type { JsonValue } from '@rollcall/domain/json';
import { type Actor, visibleTo } from '@rollcall/domain/permission';
import type { Instant, User, Users } from '@rollcall/domain/user';
import type { Bus } from '../bus/bus.ts';
import type { Found, Store } from '../store/store.ts';
import { nodeOf } from './connection-id.ts';
import { parseQuestion, type WatchQuestion, watchQuestion } from './node-question.ts';
import type { PresenceService } from './presence.ts';

/** An open connection, as far as watching is concerned. */
export interface Live {
  readonly id: string;
  readonly userId: string;
}

/** A user, and whether others see it as there. */
export interface Shown {
  readonly user: User;
  readonly online: boolean;
}

/** The connections of this node that can watch. */
export interface LiveConnections {
  /** An open connection of the app, by its id. */
  find(app: AppId, id: string): Live | undefined;
  /** From now on the connection hears of those of the users whom it may see; once this answers, also of what other nodes tell. */
  watch(connection: Live, users: readonly User[]): Promise<void>;
  /** Users who may be watched are now as given. */
  learn(app: AppId, users: readonly Shown[]): void;
  /** When a connection last gave a sign of life. */
  lastHeard(id: string): Instant | undefined;
}

/** A connection to watch with: one of this node, or the name of the other node that has it. */
export type Watcher = { readonly id: string } & ({ readonly here: Live } | { readonly node: string });

/** What a query found, and whether it meant deactivated users too. */
export interface Sighted extends Pick<Found, 'users' | 'isCurrent'> {
  readonly includeDeactivated: boolean;
}

/** Lets connections hear of the users a query found. */
export interface WatchService {
  /**
   * The connection for which an actor asks to watch: its own, or for the app's server any of the app. Undefined when the
   * server names none: it has no connection, and nothing is to be watched.
   */
  watcher(app: App, actor: Actor, connectionId: string | undefined): Watcher | undefined;
  /**
   * Watches users that were found, and answers how each of them stands now: nothing that happens later is missed. Those who
   * are gone meanwhile, or out of sight, are left out.
   */
  watch(app: App, actor: Actor, watcher: Watcher, found: Sighted): Promise<readonly User[]>;
}

/** What the service works with. */
export interface WatchParts {
  readonly store: Pick<Store, 'find'>;
  readonly connections: LiveConnections;
  readonly presence: Pick<PresenceService, 'look'>;
  readonly bus: Pick<Bus, 'ask' | 'answer' | 'connected'>;
  /** The name of this node. */
  readonly node: string;
}

const NO_CONNECTION =
  'Watch or Presence requires an active websocket connection, please make sure to include your websocket connection_id';
const notYours = () =>
  refusal('input_error', 'connection_id is not that of an open connection of yours', 'connection_id');

const outOfReach = () =>
  refusal('unavailable', 'the node that has this connection cannot be reached, please try again', 'connection_id');

export function createWatching(parts: WatchParts): WatchService {
  const { store, connections, bus, node } = parts;
  bus.answer((asked) => answerNode(asked, parts));

  async function watchThere(app: AppId, there: string, question: WatchQuestion): Promise<readonly User[]> {
    if ((await bus.ask(there, question)) !== true) {
      throw bus.connected ? notYours() : outOfReach();
    }
    return inOrder(question.users, await store.find(app, question.users));
  }

  return {
    watcher(app, actor, id) {
      if (id === undefined) {
        if (actor.kind === 'server') return undefined;
        throw refusal('input_error', NO_CONNECTION);
      }
      const there = nodeOf(id);
      if (there !== undefined && there !== node) return { id, node: there };
      const here = connections.find(app.id, id);
      if (!here || (actor.kind === 'user' && actor.id !== here.userId)) throw notYours();
      return { id, here };
    },
    async watch(app, actor, watcher, found) {
      const ids = found.users.map(({ id }) => id);
      const users = await ('here' in watcher
        ? watchHere(app.id, watcher.here, found, parts)
        : watchThere(app.id, watcher.node, watchQuestion(app.id, actor, watcher.id, ids)));
      const sight = visibleTo(actor, app.settings);
      return users.filter((user) => {
        if (user.deletedAt !== undefined) return false;
        if (user.deactivatedAt !== undefined && !found.includeDeactivated) return false;
        return matches(sight, user);
      });
    },
  };
}

/** Those who exist, in the order of some ids. */
const inOrder = (ids: readonly string[], users: Users): readonly User[] =>
  ids.map((id) => users.get(id)).filter((user) => user !== undefined);

/** Watches with a connection of this node, and answers how those users stand after that. */
async function watchHere(
  app: AppId,
  connection: Live,
  found: Pick<Found, 'users' | 'isCurrent'>,
  { connections, store, presence }: WatchParts,
): Promise<readonly User[]> {
  await connections.watch(connection, found.users);
  const ids = found.users.map(({ id }) => id);
  const users = found.isCurrent?.() ? found.users : inOrder(ids, await store.find(app, ids));
  const look = await presence.look(app, users);
  connections.learn(
    app,
    users.map((user) => ({ user, online: look(user, 'other').online && !user.invisible })),
  );
  return users;
}

/** Answers what another node asks of this one. */
async function answerNode(asked: JsonValue, parts: WatchParts): Promise<JsonValue> {
  const { connections, store } = parts;
  const question = parseQuestion(asked);
  if (question?.do === 'heard') return question.connections.map((id) => connections.lastHeard(id) ?? null);
  if (question?.do !== 'watch') return null;
  const { app, connection, actor, users } = question;
  const live = connections.find(app, connection);
  if (!live || (actor !== null && actor !== live.userId)) return false;
  await watchHere(app, live, { users: [...(await store.find(app, users)).values()] }, parts);
  return connections.find(app, connection) !== undefined;
}
