import type { AppId } from '@rollcall/domain/app';
import type { Instant, User } from '@rollcall/domain/user';
import type { Store } from '../store/store.ts';
import type { UserRef } from '../tracker/tracker.ts';

/** How many users' times are written in one go, so that writes of users need not wait long. */
const SAVED_TOGETHER = 500;

/** When users were last there, as far as it is not written down yet. */
export class Sightings {
  readonly #store: Store;
  readonly #apps = new Map<AppId, Map<string, Instant>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A user was there. An earlier time than the one known changes nothing. */
  note({ app, userId }: UserRef, at: Instant): void {
    const seen = this.#apps.get(app) ?? new Map<string, Instant>();
    this.#apps.set(app, seen);
    seen.set(userId, Math.max(at, seen.get(userId) ?? at));
  }

  /** When a user was last there, by what is written and what is not yet. */
  lastOf(app: AppId, user: User): Instant | undefined {
    const noted = this.#apps.get(app)?.get(user.id);
    if (noted === undefined || user.lastActive === undefined) return noted ?? user.lastActive;
    return Math.max(noted, user.lastActive);
  }

  /** Writes down some; says whether more is left. What could not be written is tried again. */
  async save(): Promise<boolean> {
    for (const [app, seen] of this.#apps) {
      const batch = new Map(seen.entries().take(SAVED_TOGETHER));
      if (batch.size === 0) continue;
      await this.#store.saveActivity(app, batch);
      for (const [id, at] of batch) if (seen.get(id) === at) seen.delete(id);
      if (seen.size > 0) return true;
    }
    return false;
  }
}
