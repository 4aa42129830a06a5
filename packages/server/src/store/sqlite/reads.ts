import { gatherer } from './gather.ts';
import { unavailable } from './group.ts';

const FULL = 100;
const GATHER_MS = 1;
/** How long reads may keep the loop from turning. */
const FLUSH_MS = 8;

interface Read {
  run(): unknown;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** A transaction that only reads. */
export interface ReadTransactions {
  begin(): void;
  end(): void;
  /** Ends it when it could not be ended. */
  rollback(): void;
}

/**
 * Reads that arrive together share a transaction: it locks once for all of them, and their answers leave together, so that a
 * client that waits for many is woken once. Each sees every write that was acknowledged before it.
 */
export class Reads {
  readonly #transactions: ReadTransactions;
  readonly #arrived: () => void;
  #queue: Read[] = [];

  constructor(transactions: ReadTransactions) {
    this.#transactions = transactions;
    this.#arrived = gatherer({
      count: () => this.#queue.length,
      full: FULL,
      ms: GATHER_MS,
      patienceMs: () => 0,
      flush: () => this.#flush(),
    });
  }

  /** Runs `read` with the others that wait, and answers what it gives. */
  run<T>(read: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // The read is settled with what its own `run` returned.
    this.#queue.push({ run: read, resolve: resolve as (value: unknown) => void, reject });
    this.#arrived();
    return promise;
  }

  #flush(): void {
    const deadline = performance.now() + FLUSH_MS;
    let done = 0;
    try {
      this.#transactions.begin();
      do {
        const read = this.#queue[done];
        if (!read) break;
        done += 1;
        try {
          read.resolve(read.run());
        } catch (error) {
          read.reject(unavailable(error));
        }
      } while (performance.now() < deadline);
      this.#transactions.end();
    } catch (error) {
      // Were it left open, every later one would fail to begin.
      this.#transactions.rollback();
      for (const read of this.#queue) read.reject(unavailable(error));
      done = this.#queue.length;
    }
    this.#queue = this.#queue.slice(done);
  }
}
