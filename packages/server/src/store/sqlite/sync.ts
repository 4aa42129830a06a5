import { closeSync, fdatasync, openSync } from 'node:fs';

/** Somebody who waits until what was committed is safe. */
export interface Waiter {
  safe(): void;
  failed(cause: unknown): void;
}

/** Lets committed transactions reach the disk, beside what the loop has to do meanwhile. */
export interface Sync extends Disposable {
  /** Tells a waiter once all that is committed at this moment is on the disk, however long that takes, or that it may never be. */
  wait(waiter: Waiter): void;
  /** Why nothing more may be written now: the disk does not answer, or has lost what was written before. */
  readonly trouble: unknown;
  /** Something that was written is lost: nothing more may be written. */
  lose(cause: unknown): void;
}

/** For a database that is in memory, or whose commits reach the disk by themselves. */
export const NO_SYNC: Sync = {
  wait: (waiter) => waiter.safe(),
  trouble: undefined,
  lose: () => {},
  [Symbol.dispose]: () => {},
};

/** Syncs a file; calls back with what went wrong. */
export type SyncFile = (done: (error: Error | null) => void) => void;

/** A sync that takes longer keeps others from writing, in milliseconds: they would wait for it, and for their own after it. */
const OVERDUE_MS = 2000;

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
 * failed none is tried again: the system may have dropped what it could not write, and the next would succeed without it.
 */
export function createSync(syncFile: SyncFile, close: () => void, overdueMs = OVERDUE_MS): Sync {
  let waiting: Waiter[] = [];
  let begunAt: number | undefined;
  let lost: unknown;

  function run(): void {
    const served = waiting;
    waiting = [];
    begunAt = performance.now();
    syncFile((error) => {
      begunAt = undefined;
      lost ??= error ?? undefined;
      if (lost !== undefined) {
        for (const waiter of [...served, ...waiting.splice(0)]) waiter.failed(lost);
        return;
      }
      // Before anybody is told: the disk works while they are answered.
      if (waiting.length > 0) run();
      for (const waiter of served) waiter.safe();
    });
  }

  return {
    get trouble() {
      const overdue = begunAt !== undefined && performance.now() - begunAt > overdueMs;
      return lost ?? (overdue ? new Error(`the disk has not answered for ${overdueMs} ms`) : undefined);
    },
    wait(waiter) {
      if (lost !== undefined) {
        waiter.failed(lost);
        return;
      }
      waiting.push(waiter);
      if (begunAt === undefined) run();
    },
    lose(cause) {
      lost ??= cause;
    },
    [Symbol.dispose]: close,
  };
}
