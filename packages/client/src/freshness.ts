import type { Frame } from './socket.ts';

/** Times to remember, two a user; the server watches at most 1,000 users for one connection. */
const REMEMBERED = 3_000;

/** Tells news from what is older than something already told: frames of several nodes may overtake each other. */
export class Freshness {
  readonly #newest = new Map<string, string>();

  /** Whether to tell this frame. Notes it. */
  isNews(frame: Frame): boolean {
    const user = frame.user;
    if (typeof user !== 'object' || user === null || !('id' in user)) return true;
    if (frame.type === 'user.presence.changed') return this.#isNewer(`presence ${user.id}`, frame.created_at);
    return frame.type === 'user.updated' && 'updated_at' in user ? this.note(user) : true;
  }

  /** Notes a user as told some other way. Says whether that was news. */
  note(user: { readonly id: unknown; readonly updated_at?: unknown }): boolean {
    return this.#isNewer(`user ${user.id}`, user.updated_at);
  }

  /** Times as the server writes them compare as text. */
  #isNewer(about: string, time: unknown): boolean {
    if (typeof time !== 'string') return true;
    const known = this.#newest.get(about);
    if (known !== undefined && time <= known) return false;
    this.#newest.delete(about);
    this.#newest.set(about, time);
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= REMEMBERED) break;
      this.#newest.delete(oldest);
    }
    return true;
  }
}
