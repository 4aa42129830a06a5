import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

const START_PAGES = 32_000;
const CAUGHT_UP_PAGES = 1000;
/** Past this many pages the writer copies the rest however long it takes: disks are finite. */
const FORCE_PAGES = 128_000;
const LOOK_EVERY_MS = 20;
/** After a reader stood in the way. */
const BACK_OFF_MS = 2000;

/**
 * Keeps the write-ahead log short without stopping the writer: past 32,000 pages a worker copies them into the database on its
 * own connection, and once it has caught up the writer copies the rest between two groups, from where the log begins anew.
 * The file keeps its size: to cut it would only mean to grow it again.
 */
export class Checkpointer {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #busyMs: number;
  readonly #lost: (cause: unknown) => void;
  readonly #length: StatementSync;
  readonly #rest: StatementSync;
  #worker: Worker | undefined;
  #copying = false;
  #copiedPages = 0;
  #lookAt = 0;

  /** `busyMs` is how long the connection otherwise waits for a lock. `lost` is called when the disk did not take what was copied. */
  constructor(db: DatabaseSync, file: string, busyMs: number, lost: (cause: unknown) => void) {
    this.#db = db;
    this.#file = file;
    this.#busyMs = busyMs;
    this.#lost = lost;
    this.#length = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#rest = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Called between groups. It never throws: a log that stays long is no reason to fail a write. */
  afterGroup(): void {
    const now = performance.now();
    if (this.#copying || now < this.#lookAt) return;
    this.#lookAt = now + LOOK_EVERY_MS;
    const pages = Number(this.#length.get()?.log ?? 0);
    if (pages < START_PAGES) return;
    const caughtUp = this.#copiedPages > 0 && pages - this.#copiedPages < CAUGHT_UP_PAGES;
    if (!caughtUp && pages <= FORCE_PAGES) this.#copy();
    else if (!this.#finish()) this.#lookAt = now + BACK_OFF_MS;
  }

  /** Copies the rest, so that the log begins anew; says whether it could. It waits for nobody: a reader elsewhere may hold an old page for long. */
  #finish(): boolean {
    try {
      this.#db.exec('PRAGMA busy_timeout = 0');
      const { busy } = this.#rest.get() ?? {};
      if (busy !== 0) return false;
      this.#copiedPages = 0;
      return true;
    } catch {
      return false;
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${this.#busyMs}`);
    }
  }

  #copy(): void {
    this.#copying = true;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage('copy');
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: this.#file,
      trackUnmanagedFds: false,
    });
    worker.on('message', (copied: unknown) => {
      if (typeof copied !== 'number') {
        this.#lost(copied);
        return;
      }
      this.#copying = false;
      this.#copiedPages = copied;
      this.#lookAt = 0;
    });
    // Without the worker the log still ends, by force.
    worker.on('error', () => {});
    worker.on('exit', () => {
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
