/** How far ahead of the server's clock a token may say it was made, in seconds. */
const LEEWAY = 5;

/** What stands for all users. */
const EVERYBODY = '';

/**
 * Remembers revocations that lie ahead. Tokens tell whole seconds, so a revocation is rounded up to the next one,
 * and for the rest of this second a new token must say that it was made then, or it would be refused for ever.
 * The next revocation has to be later still. Times are in seconds.
 */
export class Revocations {
  readonly #ahead = new Map<string, number>();

  /** The instant to revoke at: `at` rounded up, and past every token that `iatFor` gave out ahead of time. */
  note(at: number, now: number, userId = EVERYBODY): number {
    for (const [id, seconds] of this.#ahead) if (seconds <= now) this.#ahead.delete(id);
    const rounded = Math.ceil(at);
    if (rounded <= now) return rounded;
    const others = userId === EVERYBODY ? [...this.#ahead.values()] : [this.#aheadFor(userId)];
    const instant = Math.max(rounded, ...others.map((seconds) => seconds + 1));
    this.#ahead.set(userId, instant);
    return instant;
  }

  /** Forgets what was undone. */
  undo(userId = EVERYBODY): void {
    this.#ahead.delete(userId);
  }

  /** When a token made now says it was made. */
  iatFor(userId: string, now: number): number {
    const second = Math.floor(now);
    return Math.max(second, Math.min(this.#aheadFor(userId), second + LEEWAY));
  }

  #aheadFor(userId: string): number {
    return Math.max(this.#ahead.get(userId) ?? 0, this.#ahead.get(EVERYBODY) ?? 0);
  }
}
