/** Redis counts as away when something waits that long and nothing at all is answered, in milliseconds. */
const SILENT_MS = 300;
/** However much else is answered, one that waits that long is not: a server of a cluster may be gone by itself. */
const LONG_MS = 1500;
/** The same while much news comes, behind which an answer may wait. */
const LONGEST_MS = 5000;

/** Who waits for an answer of Redis, and whether it is still to be hoped for. */
export class Waiting {
  readonly #since = new Set<{ readonly at: number }>();
  #answeredAt = 0;
  #heardAt = 0;

  /** Counts an answer as outstanding until it comes. */
  async for<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const waiting = { at: performance.now() };
    this.#since.add(waiting);
    try {
      return await answer;
    } finally {
      this.#since.delete(waiting);
      this.#answeredAt = performance.now();
    }
  }

  /** News came, which says that Redis is there. */
  hear(): void {
    this.#heardAt = performance.now();
  }

  /** Says whether answers are overdue. */
  overdue(now = performance.now()): boolean {
    const [oldest] = this.#since;
    if (oldest === undefined) return false;
    const waited = now - oldest.at;
    if (waited > LONGEST_MS) return true;
    if (now - this.#heardAt <= SILENT_MS) return false;
    return waited > LONG_MS || (waited > SILENT_MS && now - this.#answeredAt > SILENT_MS);
  }
}
