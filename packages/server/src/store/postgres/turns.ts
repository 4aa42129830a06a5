import type { AppId } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import { away } from './faults.ts';

/** How many may wait for others at once. */
const WAITING = 1000;
/** How many users may be on their way at once, waiting or not: each may be a few KiB, and calls bring up to a hundred. */
const USERS = 10_000;

/**
 * Lets changes of one user on this node come one after another, in the order of their arrival, before they have a connection:
 * many changes of one user would otherwise hold all connections, each waiting for the same lock, and keep everybody else out.
 * Between nodes it is the locks of the database that count.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  #waiting = 0;
  #users = 0;

  /** Does work once all that came before it for the same app and users is done, or refuses when that takes until then. */
  async change<T>(app: AppId, ids: readonly string[], until: number, work: () => Promise<T>): Promise<T> {
    if (this.#users > 0 && this.#users + ids.length > USERS) throw tooMany();
    this.#users += ids.length;
    const users = ids.map((id) => `${app} ${id}`);
    try {
      return await this.#take(users, [...users, appOf(app)], until, work);
    } finally {
      this.#users -= ids.length;
    }
  }

  /** The same for a change of the app itself: whatever of its users comes later waits for it. */
  changeApp<T>(app: AppId, until: number, work: () => Promise<T>): Promise<T> {
    return this.#take([appOf(app)], [appOf(app)], until, work);
  }

  async #take<T>(
    mine: readonly string[],
    others: readonly string[],
    until: number,
    work: () => Promise<T>,
  ): Promise<T> {
    const before = [...new Set(others.flatMap((key) => this.#last.get(key) ?? []))];
    if (before.length > 0 && this.#waiting >= WAITING) throw tooMany();
    const { promise: done, resolve } = Promise.withResolvers<void>();
    for (const key of mine) this.#last.set(key, done);
    const free = Promise.all(before);
    try {
      if (before.length > 0) await this.#wait(free, until);
      return await work();
    } finally {
      // Whoever gave up waiting holds its place, so that those behind do not come before those ahead.
      void free.then(() => {
        for (const key of mine) if (this.#last.get(key) === done) this.#last.delete(key);
        resolve();
      });
    }
  }

  async #wait(free: Promise<unknown>, until: number): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(away(new Error('others took too long with the same user'))),
      until - performance.now(),
    );
    this.#waiting += 1;
    try {
      await Promise.race([free, late]);
    } finally {
      this.#waiting -= 1;
      clearTimeout(timer);
    }
  }
}

const tooMany = () => refusal('unavailable', 'too many calls are waiting for the database, please try again');
const appOf = (app: AppId): string => `${app}`;
