import type { App } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import { matches } from '@rollcall/domain/filter';
import { type Actor, visibleTo } from '@rollcall/domain/permission';
import type { User } from '@rollcall/domain/user';
import type { Store } from '../store/store.ts';

/** An open connection, as far as watching is concerned. */
export interface Live {
  readonly id: string;
  readonly userId: string;
}

/** The connections that can watch. */
export interface LiveConnections {
  /** An open connection of the app, by its id. */
  find(app: App, id: string): Live | undefined;
  /** From now on the connection hears of those of the users whom it may see. */
  watch(connection: Live, users: readonly User[]): void;
}

/** Lets connections hear of the users a query found. */
export interface WatchService {
  /**
   * The connection for which an actor asks to watch: its own, or for the app's server any of the app. Undefined when the
   * server names none: it has no connection, and nothing is to be watched.
   */
  watcher(app: App, actor: Actor, connectionId: string | undefined): Live | undefined;
  /**
   * Watches users that were found, and answers how each of them stands now: nothing that happens later is missed. Those who
   * are gone meanwhile, or out of sight, are left out.
   */
  watch(
    app: App,
    actor: Actor,
    connection: Live,
    found: readonly User[],
    includeDeactivated: boolean,
  ): Promise<readonly User[]>;
}

/** What the service works with. */
export interface WatchParts {
  readonly store: Store;
  readonly connections: LiveConnections;
}

const NO_CONNECTION =
  'Watch or Presence requires an active websocket connection, please make sure to include your websocket connection_id';

export function createWatching({ store, connections }: WatchParts): WatchService {
  return {
    watcher(app, actor, connectionId) {
      if (connectionId === undefined) {
        if (actor.kind === 'server') return undefined;
        throw refusal('input_error', NO_CONNECTION);
      }
      const connection = connections.find(app, connectionId);
      if (!connection || (actor.kind === 'user' && actor.id !== connection.userId)) {
        throw refusal('input_error', 'connection_id is not that of an open connection of yours', 'connection_id');
      }
      return connection;
    },
    async watch(app, actor, connection, found, includeDeactivated) {
      connections.watch(connection, found);
      const ids = found.map(({ id }) => id);
      const stored = await store.find(app.id, ids);
      const sight = visibleTo(actor, app.settings);
      return ids.flatMap((id) => {
        const user = stored.get(id);
        if (user === undefined || user.deletedAt !== undefined) return [];
        if (user.deactivatedAt !== undefined && !includeDeactivated) return [];
        return matches(sight, user) ? [user] : [];
      });
    },
  };
}
