import type { AppId } from '@rollcall/domain/app';
import { ABSENT, isForgettable, nextExpiry, type Presence } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';
import { DueQueue } from './due.ts';
import type { UserRef } from './tracker.ts';

interface Entry {
  presence: Presence;
  /** When the queue will name this user next. What the queue says of other times is out of date. */
  dueAt: Instant;
}

const NEVER = Number.POSITIVE_INFINITY;

/** The presences of this process, each kept as long as it is worth it and named when something of it is due. */
export class PresenceBook {
  readonly #apps = new Map<AppId, Map<string, Entry>>();
  readonly #queue = new DueQueue<UserRef>();

  #entryOf({ app, userId }: UserRef): Entry | undefined {
    return this.#apps.get(app)?.get(userId);
  }

  presenceOf(user: UserRef): Presence {
    return this.#entryOf(user)?.presence ?? ABSENT;
  }

  knows(user: UserRef): boolean {
    return this.#entryOf(user) !== undefined;
  }

  /** Everybody who is known. */
  *all(): Generator<readonly [UserRef, Presence]> {
    for (const [app, users] of this.#apps) {
      for (const [userId, { presence }] of users) yield [{ app, userId }, presence];
    }
  }

  keep(user: UserRef, presence: Presence, now: Instant): void {
    if (isForgettable(presence, now)) {
      this.#apps.get(user.app)?.delete(user.userId);
      return;
    }
    const entry = this.#entryOf(user) ?? this.#open(user, presence);
    entry.presence = presence;
    const next = nextExpiry(presence) ?? presence.flippedAt + 1;
    if (next >= entry.dueAt) return;
    entry.dueAt = next;
    this.#queue.push(next, user);
  }

  #open({ app, userId }: UserRef, presence: Presence): Entry {
    const entry: Entry = { presence, dueAt: NEVER };
    const users = this.#apps.get(app);
    if (users) users.set(userId, entry);
    else this.#apps.set(app, new Map([[userId, entry]]));
    return entry;
  }

  /** Names the users of whom something is due, at most so many and each once. Whoever is named must be kept anew. */
  *due(now: Instant, most: number): Generator<UserRef> {
    for (let looked = 0; looked < most; looked += 1) {
      const due = this.#queue.pop(now);
      if (due === undefined) return;
      const entry = this.#entryOf(due.item);
      if (entry?.dueAt !== due.at) continue;
      entry.dueAt = NEVER;
      yield due.item;
    }
  }

  /** Says whether the queue names somebody. */
  hasDue(now: Instant): boolean {
    return this.#queue.isDue(now);
  }
}
