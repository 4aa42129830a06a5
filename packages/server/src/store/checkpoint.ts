import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

const PAGE_BYTES = 4096;
const START_PAGES = 4000;
const CAUGHT_UP_PAGES = 1000;
/** Past this many pages the log is cut however long it takes: disks are finite. */
const FORCE_PAGES = 64_000;
const LOOK_EVERY_MS = 20;

/**
 * Keeps the write-ahead log short without stopping the writer: past 4,000 pages a worker copies them into the database
 * (PASSIVE, on its own connection), and once it has caught up the writer cuts the log (TRUNCATE) between two groups.
 */
export class Checkpointer {
  readonly #db: DatabaseSync;
  readonly #file: string;
  #worker: Worker | undefined;
  #copying = false;
  #copiedPages = 0;
  #lookAt = 0;

  constructor(db: DatabaseSync, file: string) {
    this.#db = db;
    this.#file = file;
  }

  /** Called between groups. */
  afterGroup(): void {
    const now = performance.now();
    if (this.#copying || now < this.#lookAt) return;
    this.#lookAt = now + LOOK_EVERY_MS;
    const pages = (statSync(`${this.#file}-wal`, { throwIfNoEntry: false })?.size ?? 0) / PAGE_BYTES;
    if (pages < START_PAGES) return;
    const caughtUp = this.#copiedPages > 0 && pages - this.#copiedPages < CAUGHT_UP_PAGES;
    if (caughtUp || pages > FORCE_PAGES) this.#cut();
    else this.#copy();
  }

  #cut(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#copiedPages = 0;
  }

  #copy(): void {
    this.#copying = true;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage('copy');
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: this.#file });
    worker.on('message', (copied: number) => {
      this.#copying = false;
      this.#copiedPages = copied;
      this.#lookAt = 0;
    });
    // Without the worker the log is still cut, by force.
    worker.on('error', () => {
      this.#worker = undefined;
      this.#copying = false;
    });
    worker.unref();
    return worker;
  }

  /** Stops the worker. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
