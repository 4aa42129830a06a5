import type { App } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import type { Connection } from './connection.ts';
import { Watches } from './watches.ts';

/** The connections of one app on this node: each user's own, and who watches whom. */
export class Audience {
  /** As it is now: a connection remembers how it was when it came. */
  app: App;
  readonly watches: Watches<Connection>;
  readonly #own = new Map<string, readonly Connection[]>();

  constructor(app: App) {
    this.app = app;
    this.watches = new Watches(() => this.app.settings);
  }

  add(connection: Connection): void {
    const own = this.#own.get(connection.userId);
    this.#own.set(connection.userId, own ? [...own, connection] : [connection]);
  }

  remove(connection: Connection): void {
    this.watches.end(connection);
    const rest = this.of(connection.userId).filter((other) => other !== connection);
    if (rest.length > 0) this.#own.set(connection.userId, rest);
    else this.#own.delete(connection.userId);
  }

  /** A user's own connections. */
  of(userId: string): readonly Connection[] {
    return this.#own.get(userId) ?? NOBODY;
  }

  /** Says whether anybody here is to hear of an event. */
  hears(event: Event): boolean {
    if (event.type === 'user.presence.changed') return this.watches.of(event.userId) !== undefined;
    return this.#own.has(event.user.id) || this.watches.of(event.user.id) !== undefined;
  }

  get isEmpty(): boolean {
    return this.#own.size === 0;
  }

  *all(): Generator<Connection> {
    for (const connections of this.#own.values()) yield* connections;
  }
}

const NOBODY: readonly Connection[] = [];
