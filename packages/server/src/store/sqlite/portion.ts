const FIRST_SIZE = 200;
const LEAST_SIZE = 20;
const MOST_SIZE = 1000;
/** How many rows are done at once: about as many as may be done without holding up others. */
export class Portion {
  size = FIRST_SIZE;
  readonly #targetMs: number;
  #begun = process.threadCpuUsage();

  /**
   * `targetMs` is how much a part may take of the processor, its commit included. The disk is not counted: to wait for it costs
   * as much for few.
   */
  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** Takes note that so many are begun. */
  begin(): void {
    this.#begun = process.threadCpuUsage();
  }

  /** Takes note that they are done. */
  end(): void {
    const { user, system } = process.threadCpuUsage(this.#begun);
    const ms = (user + system) / 1000;
    const fitting = Math.floor(this.size * Math.min(2, this.#targetMs / ms));
    this.size = Math.min(MOST_SIZE, Math.max(LEAST_SIZE, fitting));
  }
}
