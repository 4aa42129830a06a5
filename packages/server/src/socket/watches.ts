import type { AppSettings } from '@rollcall/domain/app';
import { ANYBODY, type Filter, matches } from '@rollcall/domain/filter';
import { visibleTo } from '@rollcall/domain/permission';
import { BLANK, equalTeams, type Instant, type User } from '@rollcall/domain/user';
import { LIMITS } from '@rollcall/protocol/limits';

/** A user who is watched: who watches, the teams that decide who may, and what was told last. */
export interface Watched<W> {
  readonly id: string;
  teams: readonly string[];
  asOf: Instant;
  /** The state that its watchers were told of last: news may come from many nodes, and the older late. */
  told: Instant;
  /** Whether they see it as there, and since when; undefined while that is not known. */
  online: boolean | undefined;
  flippedAt: Instant;
  readonly by: Set<W>;
}

/** A connection that may watch. */
export interface Watcher<W> {
  readonly userId: string;
  /** The teams of its own user, by the latest news. */
  readonly teams: readonly string[];
  /** Whom it watches, the oldest first; undefined for the many that watch nobody. */
  watched: Set<Watched<W>> | undefined;
}

/** Hears of users who are watched from now on, and of those who no longer are. */
export interface WatchListener {
  began(userId: string): void;
  ended(userId: string): void;
}

const NOBODY_LISTENS: WatchListener = { began: () => {}, ended: () => {} };

/** Who watches whom, among the connections of one app on this node. A watcher only ever watches whom it may see. */
export class Watches<W extends Watcher<W>> {
  readonly #users = new Map<string, Watched<W>>();
  readonly #settings: () => AppSettings;
  readonly #listener: WatchListener;

  constructor(settings: () => AppSettings, listener = NOBODY_LISTENS) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** How many users are watched. */
  get size(): number {
    return this.#users.size;
  }

  /** From now on a watcher hears of a user, if it may see it. Past the limit its oldest watch ends. */
  watch(watcher: W, user: User): void {
    const known = this.#users.get(user.id);
    const watched = known ?? watchedOf<W>(user);
    if (user.updatedAt > watched.asOf) this.#learn(watched, user);
    if (!this.maySee(watcher, watched.teams)) return;
    // Those who may no longer see it may have been all who watched.
    if (watched.by.size === 0) {
      this.#users.set(user.id, watched);
      this.#listener.began(user.id);
    }
    watched.by.add(watcher);
    watcher.watched ??= new Set();
    // Asked for again, it is the newest.
    watcher.watched.delete(watched);
    watcher.watched.add(watched);
    if (watcher.watched.size <= LIMITS.watches) return;
    const [oldest] = watcher.watched;
    if (oldest) this.#part(watcher, oldest);
  }

  unwatch(watcher: W, userId: string): void {
    const watched = this.#users.get(userId);
    if (watched) this.#part(watcher, watched);
  }

  /** A watcher is gone. */
  end(watcher: W): void {
    for (const watched of watcher.watched ?? []) this.#part(watcher, watched);
  }

  /** Those who watch a user. */
  of(userId: string): ReadonlySet<W> | undefined {
    return this.#users.get(userId)?.by;
  }

  /** A user who is watched. */
  find(userId: string): Watched<W> | undefined {
    return this.#users.get(userId);
  }

  /** The ids of those who are watched. */
  ids(): Iterable<string> {
    return this.#users.keys();
  }

  /** A user is now as given: those who may no longer see it stop watching. */
  see(user: User): void {
    const watched = this.#users.get(user.id);
    if (!watched) return;
    if (user.deletedAt !== undefined) for (const watcher of watched.by) this.#part(watcher, watched);
    else if (user.updatedAt > watched.asOf) this.#learn(watched, user);
  }

  /** The teams of a watcher changed, or the app's settings: it stops watching whom it may no longer see. */
  recheck(watcher: W): void {
    const sight = this.#sightOf(watcher);
    if (sight === ANYBODY) return;
    for (const watched of watcher.watched ?? []) {
      if (!isInSight(sight, watched.teams)) this.#part(watcher, watched);
    }
  }

  /** Says whether a watcher may see somebody with these teams. */
  maySee(watcher: W, teams: readonly string[]): boolean {
    return isInSight(this.#sightOf(watcher), teams);
  }

  #sightOf({ userId, teams }: W): Filter {
    return visibleTo({ kind: 'user', id: userId, role: BLANK.role, teams }, this.#settings());
  }

  #learn(watched: Watched<W>, user: User): void {
    const same = equalTeams(watched.teams, user.teams);
    watched.asOf = user.updatedAt;
    if (same) return;
    watched.teams = user.teams;
    this.#drop(watched);
  }

  /** Ends the watches of those who may not see a user. */
  #drop(watched: Watched<W>): void {
    for (const watcher of watched.by) if (!this.maySee(watcher, watched.teams)) this.#part(watcher, watched);
  }

  #part(watcher: W, watched: Watched<W>): void {
    watcher.watched?.delete(watched);
    if (watcher.watched?.size === 0) watcher.watched = undefined;
    if (!watched.by.delete(watcher) || watched.by.size > 0) return;
    this.#users.delete(watched.id);
    this.#listener.ended(watched.id);
  }
}

const isInSight = (sight: Filter, teams: readonly string[]): boolean =>
  sight === ANYBODY || matches(sight, { ...SOMEBODY, teams });

const SOMEBODY: User = { id: '', ...BLANK, createdAt: 0, updatedAt: 0 };

function watchedOf<W>({ id, teams, updatedAt }: User): Watched<W> {
  return {
    id,
    teams: teams.length === 0 ? BLANK.teams : teams,
    asOf: updatedAt,
    told: updatedAt,
    online: undefined,
    flippedAt: -1,
    by: new Set(),
  };
}
