import { closeSync, fdatasync, openSync } from 'node:fs';

/** Somebody who waits until what was committed is safe. */
export interface Waiter {
  safe(): void;
  failed(cause: unknown): void;
}

/** Lets committed transactions reach the disk, beside what the loop has to do meanwhile. */
export interface Sync extends Disposable {
  /** Tells a waiter once all that is committed at this moment is on the disk, or that it may never be. */
  wait(waiter: Waiter): void;
  /** Why nothing may be committed now: the disk does not answer, or has lost what was written before. */
  readonly trouble: unknown;
}

/** For a database that is in memory, or whose commits reach the disk by themselves. */
export const NO_SYNC: Sync = { wait: (waiter) => waiter.safe(), trouble: undefined, [Symbol.dispose]: () => {} };

/** Syncs a file; calls back with what went wrong. */
export type SyncFile = (done: (error: Error | null) => void) => void;

/** How long a sync may take before who waits is told so, in milliseconds: callers give up at six seconds. */
const OVERDUE_MS = 4500;

/** Syncs the write-ahead log of an open database. It has no locks of SQLite's, which closing a descriptor would drop. */
export function logSync(file: string): Sync {
  const descriptor = openSync(`${file}-wal`, 'r+');
  return createSync(
    (done) => fdatasync(descriptor, done),
    () => closeSync(descriptor),
  );
}

/**
 * One sync at a time: it serves all who came before it began, and those who come meanwhile are served by the next. After one that
 * failed none is tried again: the system may have dropped what it could not write, and the next would succeed without it. One that is
 * overdue fails those who wait, and others may write again once it is done after all.
 */
export function createSync(syncFile: SyncFile, close: () => void, overdueMs = OVERDUE_MS): Sync {
  let served: readonly Waiter[] = [];
  let waiting: Waiter[] = [];
  let running = false;
  let lost: unknown;
  let overdue: Error | undefined;

  function fail(cause: unknown): void {
    const told = [...served, ...waiting];
    served = [];
    waiting = [];
    for (const waiter of told) waiter.failed(cause);
  }

  function run(): void {
    served = waiting;
    waiting = [];
    running = true;
    const timer = setTimeout(() => {
      overdue = new Error(`the disk has not answered for ${overdueMs} ms`);
      fail(overdue);
    }, overdueMs);
    syncFile((error) => {
      clearTimeout(timer);
      running = false;
      overdue = undefined;
      lost ??= error ?? undefined;
      if (lost !== undefined) {
        fail(lost);
        return;
      }
      const safe = served;
      served = [];
      // Before anybody is told: the disk works while they are answered.
      if (waiting.length > 0) run();
      for (const waiter of safe) waiter.safe();
    });
  }

  return {
    get trouble() {
      return lost ?? overdue;
    },
    wait(waiter) {
      if (lost !== undefined) {
        waiter.failed(lost);
        return;
      }
      waiting.push(waiter);
      if (!running) run();
    },
    [Symbol.dispose]: close,
  };
}
