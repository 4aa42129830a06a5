/** Counts the bytes that came in on many connections, and tells when so many have come. */
export class Tally {
  #bytes = 0;
  #goal = Number.POSITIVE_INFINITY;
  #reached: () => void = () => {};

  get bytes(): number {
    return this.#bytes;
  }

  add(count: number): void {
    this.#bytes += count;
    if (this.#bytes >= this.#goal) this.#reached();
  }

  /** Resolves when so many bytes have come in all. */
  reach(goal: number): Promise<void> {
    return new Promise((resolve) => {
      this.#goal = goal;
      this.#reached = resolve;
      this.add(0);
    });
  }
}
