import { fold, type Known, type News, timeOf } from './fold.ts';
import type { Order } from './order.ts';
import type { User } from './types.ts';

const NOBODY: readonly never[] = Object.freeze([]);

/** The users of a list: what an answer told, with the news that came during and after the asking folded on top. */
export class Members<Custom extends object> {
  readonly #order: Order;
  #known = new Map<string, Known<Custom>>();
  /** The newest news of each user and kind since the asking began; undefined while nothing is asked. */
  #late: Map<string, News<Custom>> | undefined;
  #list: readonly User<Custom>[] | undefined = NOBODY;

  constructor(order: Order) {
    this.#order = order;
  }

  /** The list, in order: the same one until something changes, and then with the same users where they did not. */
  get list(): readonly User<Custom>[] {
    this.#list ??= Object.freeze([...this.#known.values()].map(({ user }) => user).sort(this.#order));
    return this.#list;
  }

  /** From now on an answer is awaited: news may be newer than what it will tell. */
  ask(): void {
    this.#late = new Map();
  }

  /** No answer will come. */
  giveUp(): void {
    this.#late = undefined;
  }

  /** Takes the answer: these are the members now. */
  answer(users: readonly User<Custom>[]): void {
    const before = this.#known;
    this.#known = new Map();
    for (const user of users) {
      const old = before.get(user.id);
      const told: Known<Custom> = { user, presenceAt: old?.presenceAt ?? '' };
      const known = this.#withLate(told);
      const same = old !== undefined && JSON.stringify(old.user) === JSON.stringify(known.user);
      this.#known.set(user.id, same ? { ...known, user: old.user } : known);
    }
    this.#late = undefined;
    this.#list = undefined;
  }

  /** Folds news. Says whether it changed the list. */
  hear(news: News<Custom>): boolean {
    this.#note(news);
    const known = this.#known.get(news.user.id);
    if (known === undefined) return false;
    const next = fold(known, news);
    if (next === known) return false;
    this.#known.set(news.user.id, next);
    this.#list = undefined;
    return true;
  }

  /** Forgets everybody. */
  clear(): void {
    this.#known.clear();
    this.#late = undefined;
    this.#list = NOBODY;
  }

  #note(news: News<Custom>): void {
    if (this.#late === undefined) return;
    const about = `${news.type} ${news.user.id}`;
    const noted = this.#late.get(about);
    if (noted === undefined || timeOf(news) > timeOf(noted)) this.#late.set(about, news);
  }

  /** News heard while the answer was awaited: of presence, an answer does not say how new it is, so the frame is believed. */
  #withLate(told: Known<Custom>): Known<Custom> {
    const updated = this.#late?.get(`user.updated ${told.user.id}`);
    const presence = this.#late?.get(`user.presence.changed ${told.user.id}`);
    const profile = updated ? fold(told, updated) : told;
    if (presence === undefined || presence.created_at < told.presenceAt) return profile;
    return fold({ ...profile, presenceAt: '' }, presence);
  }
}
