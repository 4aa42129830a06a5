/// <reference lib="esnext.disposable" preserve="true" />
import type { Chance } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { inputError, type RollcallError, rollcallErrorOf } from './error.ts';
import type { EventFor, EventType } from './event.ts';
import type { News } from './fold.ts';
import { Members } from './members.ts';
import { orderOf } from './order.ts';
import { Pace } from './pace.ts';
import { type FoundUsers, findUsers } from './pages.ts';
import { concerns, fieldsOf, namesOf } from './reach.ts';
import { Reader } from './reader.ts';
import { mayPass, pauseAfterFailure } from './retry.ts';
import { LOADING, type RosterState, type WatchOptions } from './roster-state.ts';
import type { AnyCustom, ConnectionState, Filter, QueryOptions, User, UserPage } from './types.ts';
import { pause } from './wait.ts';
import { type Holder, MOST_WATCHED, type Watches } from './watches.ts';

/** What a roster needs of its client. */
export interface RosterParts<Custom extends object> {
  readonly watches: Watches;
  readonly chance: Chance;
  readonly query: (page: QueryOptions, signal: AbortSignal) => Promise<UserPage<Custom>>;
  readonly on: <Type extends EventType>(type: Type, hear: (event: EventFor<Type, Custom>) => void) => () => void;
  readonly connection: () => ConnectionState;
  /** Whose client it is. */
  readonly userId: () => string | undefined;
}

/** Listeners hear of changes at most once in so many milliseconds: about a frame of a screen. */
const EVERY_MS = 16;
/** Clients that come back together, and clients that hear the same news, spread their reading over so many milliseconds. */
const SPREAD_MS = 1_000;
/** A query that took too long for the server. */
const TIMED_OUT = 23;
/** How often to try again what took too long: it will again. */
const TIMED_OUT_TRIES = 3;
/** Every list hangs on these: who is deactivated is not found. */
const ALWAYS = ['deactivated_at', 'deleted_at'];
/** Who may see whom hangs on these fields of one's own user. */
const RIGHTS: ReadonlySet<string> = new Set(['role', 'teams']);

/**
 * A list of users that keeps itself fresh: it reads whom a filter finds, hears what changes about them, and reads again after
 * every reconnect. Who is in it is as of the last reading. News changes fields and places; news that names a field
 * of the filter brings about another reading, a second or so later.
 */
export class Roster<Custom extends object = AnyCustom> {
  readonly #parts: RosterParts<Custom>;
  readonly #options: WatchOptions;
  readonly #limit: number;
  readonly #filterFields: ReadonlySet<string>;
  readonly #allFields: ReadonlySet<string>;
  readonly #members: Members<Custom>;
  readonly #reader = new Reader((signal) => this.#read(signal));
  readonly #pace = new Pace(() => this.#publish(), EVERY_MS);
  readonly #changes = new Emitter<{ readonly type: 'changed' }>();
  readonly #holder: Holder = { renew: () => this.#readSoon(1) }; // however many pages: it may hear nothing until then
  readonly #undo: readonly (() => void)[];
  #facts: Omit<RosterState, 'users'> = LOADING;
  #state: RosterState<Custom> = LOADING;
  #pages = 1;
  #closed = false;

  /** Begins to read as soon as there is a connection. Throws when the options are wrong. */
  constructor(filter: Filter<Custom>, options: WatchOptions, parts: RosterParts<Custom>) {
    this.#parts = parts;
    this.#options = options;
    this.#limit = checked('limit', options.limit ?? 30, 1, MOST_WATCHED);
    if (options.refreshMs !== undefined) checked('refreshMs', options.refreshMs, 1_000, 2 ** 30);
    this.#filterFields = new Set([...fieldsOf(filter), ...ALWAYS]);
    this.#allFields = new Set([...this.#filterFields, ...namesOf(options.sort)]);
    this.#members = new Members(orderOf(options.sort));
    this.#undo = [
      parts.on('user.updated', (news) => this.#hear(news)),
      parts.on('user.presence.changed', (news) => this.#hear(news)),
      parts.on('connection.changed', ({ connection }) => this.#move(connection)),
    ];
    this.#move(parts.connection());
  }

  /** What the list shows; a new object whenever that changes. */
  get state(): RosterState<Custom> {
    return this.#state;
  }

  /** Who is in the list, in order. */
  get users(): readonly User<Custom>[] {
    return this.#state.users;
  }

  /** How fresh the list is. */
  get status(): RosterState['status'] {
    return this.#state.status;
  }

  /** Calls `listener` whenever `state` changes. Returns the undo. For `useSyncExternalStore(roster.subscribe, () => roster.state)`. */
  readonly subscribe = (listener: () => void): (() => void) => this.#changes.on('changed', listener);

  /**
   * Reads again. Resolves when that is done, or failed, which `state` tells. Without a connection it does nothing: it reads
   * when there is one. A closed list reads nothing more.
   */
  async refresh(): Promise<void> {
    if (this.#closed || this.#parts.connection().status !== 'connected') return;
    await this.#reader.now();
    this.#publish();
  }

  /** Ends it: it hears nothing more, and the server is told whom nobody watches any more. What it shows stays. */
  close(): void {
    this.#closed = true;
    for (const undo of this.#undo) undo();
    this.#reader.stop();
    this.#pace.stop();
    this.#parts.watches.release(this.#holder);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #move({ status, error }: ConnectionState): void {
    const why = error && rollcallErrorOf(error, 'not connected');
    if (status === 'connected') {
      if (this.#facts.status === 'loading') void this.#reader.now();
      else this.#readSoon();
      return;
    }
    this.#reader.stop();
    this.#members.giveUp();
    if (status === 'reconnecting') this.#show(this.#facts.status === 'live' ? 'stale' : this.#facts.status, why);
    else if (status === 'disconnected' && why) this.#show('failed', why);
    else {
      this.#members.clear(); // what one user saw is not for the next
      this.#facts = LOADING;
      this.#show('loading', why);
    }
  }

  #hear(news: News<Custom>): void {
    if (this.#members.hear(news)) this.#pace.ask();
    const own = news.user.id === this.#parts.userId() && news.type === 'user.updated';
    const fields = this.#facts.more ? this.#allFields : this.#filterFields;
    if (concerns(news, fields) || (own && concerns(news, RIGHTS))) this.#readSoon();
  }

  /** Reads in a second or so; a list of many pages takes more time, since what it asks for costs more. */
  #readSoon(seconds: number = this.#pages): void {
    if (this.#parts.connection().status !== 'connected') return;
    this.#reader.soon((0.5 + this.#parts.chance()) * SPREAD_MS * seconds);
  }

  async #read(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        this.#members.ask();
        await this.#parts.watches.during(() => this.#find(signal), signal);
        if (signal.aborted) return;
        break;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = rollcallErrorOf(thrown, 'could not read users');
        const again = mayPass(error) && (error.code !== TIMED_OUT || attempt + 1 < TIMED_OUT_TRIES);
        this.#show(again ? this.#facts.status : 'failed', error);
        if (!again) break;
        await pause(pauseAfterFailure(error, attempt, this.#parts.chance), signal);
        if (signal.aborted) return;
      }
    }
    this.#members.giveUp();
    const { refreshMs } = this.#options;
    if (refreshMs !== undefined) this.#reader.soon(refreshMs * (0.75 + this.#parts.chance() / 2));
  }

  async #find(signal: AbortSignal): Promise<void> {
    const { query } = this.#parts;
    const { include_deactivated_users } = this.#options;
    const flag = include_deactivated_users === undefined ? {} : { include_deactivated_users };
    const found = await findUsers(this.#limit, (page) => query({ ...page, ...flag }, signal));
    if (!signal.aborted) this.#take(found);
  }

  #take({ users, more, pages }: FoundUsers<Custom>): void {
    if (!this.#parts.watches.hold(this.#holder, new Set(users.map(({ id }) => id)))) {
      throw inputError(
        `a connection watches at most ${MOST_WATCHED} users: close lists that are not shown, or limit them`,
      );
    }
    this.#members.answer(users);
    this.#pages = pages;
    this.#facts = { status: 'live', more };
    this.#show('live');
  }

  #show(status: RosterState['status'], error?: RollcallError): void {
    this.#facts = { status, more: this.#facts.more, ...(error && { error }) };
    this.#pace.ask();
  }

  #publish(): void {
    const { status, more, error } = this.#facts;
    const users = this.#members.list;
    const old = this.#state;
    if (old.status === status && old.more === more && old.error === error && old.users === users) return;
    this.#state = Object.freeze({ status, users, more, ...(error && { error }) });
    this.#changes.emit({ type: 'changed' });
  }
}

function checked(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw inputError(`${name} must be a whole number from ${least} to ${most.toLocaleString('en')}`);
}
