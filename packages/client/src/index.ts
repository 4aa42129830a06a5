import { Emitter } from './emitter.ts';
import { inputError, rollcallErrorOf } from './error.ts';
import type { AnyEvent, EventFor, EventType } from './event.ts';
import type { RollcallOptions } from './options.ts';
import { type Call, type Endpoint, openEndpoint } from './request.ts';
import { Roster } from './roster.ts';
import type { WatchOptions } from './roster-state.ts';
import { Session } from './session.ts';
import { closeIdle } from './share.ts';
import type { Frame } from './socket.ts';
import type { TokenOrProvider } from './token.ts';
import type {
  AnyCustom,
  ConnectionState,
  Filter,
  Me,
  QueryOptions,
  Sort,
  User,
  UserInput,
  UserPage,
  UserPatch,
  UsersById,
} from './types.ts';
import { onlyUser, patchCall, queryCall, upsertCall } from './users.ts';
import { Watches } from './watches.ts';

export { RollcallError } from './error.ts';
export type * from './event.ts';
export type { RollcallOptions } from './options.ts';
export type { FetchLike } from './request.ts';
export type { Roster } from './roster.ts';
export type * from './roster-state.ts';
export type { SocketClass, SocketLike } from './socket.ts';
export type { TokenOrProvider } from './token.ts';
export type * from './types.ts';

const DISCONNECTED: ConnectionState = Object.freeze({ status: 'disconnected' });

/**
 * Rollcall as one user sees it: a connection that keeps itself alive, and that user's calls.
 * `Custom` is the app's own data: `new Rollcall<{ favorite_color: string }>(key, { url })` gives `user.favorite_color?: string`.
 * Every promise rejects with a `RollcallError`.
 */
export class Rollcall<Custom extends object = AnyCustom> {
  readonly #endpoint: Endpoint;
  readonly #options: RollcallOptions;
  readonly #events = new Emitter<Frame | AnyEvent<Custom>>();
  readonly #watches = new Watches({
    send: (frame) => this.#session?.send(frame),
    makeRoom: () => closeIdle(this),
  });
  #session: Session<Custom> | undefined;
  #state: ConnectionState = DISCONNECTED;

  /** Opens nothing yet. Throws a `RollcallError` when the key is missing or the url is none. */
  constructor(key: string, options: RollcallOptions) {
    this.#endpoint = openEndpoint(key, options);
    this.#options = options;
  }

  /** Where the connection stands; a new object whenever that changes. */
  get connection(): ConnectionState {
    return this.#state;
  }

  /** The connected user, as newly as it is known; undefined before the first hello. */
  get user(): Me<Custom> | undefined {
    return this.#session?.me;
  }

  /**
   * Connects as this user and stays connected until `disconnectUser`. The user is made when missing; fields given are written, others kept.
   * While the same user is connected or connecting, returns the same promise; another user is an error (code 4).
   * A connection that is lost comes back by itself. Rejects when the server refuses, when the token provider fails,
   * or when no hello came within about `connectTimeoutMs`; then nobody is connected, and it may be called again.
   */
  connectUser(user: UserInput<Custom>, token: TokenOrProvider): Promise<Me<Custom>> {
    const current = this.#session;
    if (current && current.userId === user?.id) return current.open();
    if (current) {
      return Promise.reject(
        inputError(`${current.userId} is connected; call disconnectUser before another user connects`),
      );
    }
    try {
      const session: Session<Custom> = new Session({
        endpoint: this.#endpoint,
        options: this.#options,
        user,
        token,
        onFrame: (frame) => this.#events.emit(frame),
        onState: (state) => this.#move(state),
      });
      this.#session = session;
      return session.open();
    } catch (error) {
      return Promise.reject(rollcallErrorOf(error, 'could not connect'));
    }
  }

  /**
   * Disconnects, whatever the connection is doing; resolves when the socket is gone, at the latest after a second.
   * A `connectUser` still under way rejects. Does nothing when nobody is connected.
   */
  async disconnectUser(): Promise<void> {
    await this.#session?.close();
  }

  /** States one's own user anew: custom data, name and image that are not given are removed. Returns it as it now is. */
  async updateUser(user: UserInput<Custom>): Promise<User<Custom>> {
    return this.#write(upsertCall([user]), user.id);
  }

  /** Changes only what `set` and `unset` name in one's own user. Returns it as it now is. */
  async partialUpdateUser(patch: UserPatch<Custom>): Promise<User<Custom>> {
    return this.#write(patchCall([patch]), patch.id);
  }

  /** Finds users: the newest 30, unless sort and options say otherwise. `next` of the answer, given as an option, goes on. */
  async queryUsers(filter: Filter<Custom> = {}, sort?: Sort, options?: QueryOptions): Promise<UserPage<Custom>> {
    const session = this.#open();
    const ask = async (): Promise<UserPage<Custom>> => {
      const { users, next } = await session.call<UserPage<Custom>>(queryCall(filter, sort, options));
      if (options?.presence) this.#watches.keep(users.map(({ id }) => id));
      return next === undefined ? { users } : { users, next };
    };
    return options?.presence ? this.#watches.during(ask) : ask();
  }

  /**
   * Keeps a live list of the users a filter finds: it reads them, hears every change of their profiles and presence, and
   * reads again after a reconnect. May be called before `connectUser`. Close it when it is not shown any more.
   * Throws when the options are wrong.
   */
  watch(filter: Filter<Custom> = {}, options: WatchOptions = {}): Roster<Custom> {
    return new Roster(filter, options, {
      watches: this.#watches,
      chance: this.#options.chance ?? Math.random,
      query: (page, signal) => this.#open().call({ ...queryCall(filter, options.sort, page), signal }),
      on: (type, hear) => this.on(type, hear),
      connection: () => this.#state,
      userId: () => this.#session?.userId,
    });
  }

  /** Keeps one user live: a list of one, or of none while there is no such user. */
  watchUser(id: string): Roster<Custom> {
    // A filter by id fits any custom data.
    return this.watch({ id } as Filter<Custom>, { limit: 1 });
  }

  /** Calls `handler` for each event of a type, or of all (`'*'`). Returns the undo. */
  on<Type extends EventType>(type: Type, handler: (event: EventFor<Type, Custom>) => void): () => void {
    // What comes under a type has that type's shape: the contract says so.
    return this.#events.on(type, handler as (event: Frame | AnyEvent<Custom>) => void);
  }

  /** Calls `listener` whenever `connection` changes. Returns the undo. For `useSyncExternalStore(client.subscribe, () => client.connection)`. */
  readonly subscribe = (listener: () => void): (() => void) => this.#events.on('connection.changed', () => listener());

  async #write(call: Call, id: string): Promise<User<Custom>> {
    const session = this.#open();
    return session.learn(onlyUser(await session.call<UsersById<Custom>>(call), id));
  }

  #open(): Session<Custom> {
    if (!this.#session) throw inputError('nobody is connected; call connectUser first');
    return this.#session;
  }

  #move(state: ConnectionState): void {
    this.#state = state;
    if (state.status === 'disconnected') this.#session = undefined;
    if (state.status !== 'connected') this.#watches.forget();
    this.#events.emit({ type: 'connection.changed', connection: state });
  }
}
