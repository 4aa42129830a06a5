import type { App } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import type { Instant, User } from '@rollcall/domain/user';
import type { Bus } from '../bus/bus.ts';
import type { Connection } from './connection.ts';
import { Following } from './following.ts';
import { Watches } from './watches.ts';

/** The connections of one app on this node: each user's own, and who watches whom. */
export class Audience {
  /** As it is now: a connection remembers how it was when it came. */
  app: App;
  readonly watches: Watches<Connection>;
  readonly #own = new Map<string, readonly Connection[]>();
  readonly #following: Following;

  constructor(app: App, bus: Pick<Bus, 'follow' | 'unfollow'>) {
    this.app = app;
    this.#following = new Following(app.id, bus);
    this.watches = new Watches(() => this.app.settings, {
      began: (userId) => {
        if (!this.#own.has(userId)) this.#following.begin(userId);
      },
      ended: (userId) => {
        if (!this.#own.has(userId)) this.#following.end(userId);
      },
    });
  }

  add(connection: Connection): void {
    const { userId } = connection;
    const own = this.#own.get(userId);
    this.#own.set(userId, own ? [...own, connection] : [connection]);
    if (!own && !this.watches.of(userId)) this.#following.begin(userId);
  }

  remove(connection: Connection): void {
    const { userId } = connection;
    this.watches.end(connection);
    const own = this.of(userId);
    const rest = own.filter((other) => other !== connection);
    if (rest.length > 0) this.#own.set(userId, rest);
    else {
      this.#own.delete(userId);
      if (own.length > 0 && !this.watches.of(userId)) this.#following.end(userId);
    }
  }

  /** From now on a connection hears of these users, as far as it may see them. */
  watch(connection: Connection, users: readonly User[]): void {
    for (const user of users) this.watches.watch(connection, user);
  }

  /** Resolves when news of these users reaches this node from all others; undefined when it does already. */
  followed(userIds: readonly string[]): Promise<unknown> | undefined {
    return this.#following.settled(userIds);
  }

  /** A user's own connections. */
  of(userId: string): readonly Connection[] {
    return this.#own.get(userId) ?? NOBODY;
  }

  /** A user's own connections that know an older state of it. */
  behind(userId: string, updatedAt: Instant): readonly Connection[] {
    const own = this.of(userId);
    return own.every(({ hiding }) => hiding.asOf < updatedAt) ? own : own.filter((one) => one.hiding.asOf < updatedAt);
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

  /** The ids of all whose news matters here. */
  concerned(): readonly string[] {
    return [...new Set([...this.#own.keys(), ...this.watches.ids()])];
  }
}

const NOBODY: readonly Connection[] = [];
