import { closeSync, fdatasync, openSync } from 'node:fs';

/** Somebody who waits until what was committed is safe. */
export interface Waiter {
  safe(): void;
  failed(cause: unknown): void;
}

/** Lets committed transactions reach the disk, beside what the loop has to do meanwhile. */
export interface Sync extends Disposable {
  /** Tells a waiter once all that is committed at this moment is on the disk, or that it never may be. */
  wait(waiter: Waiter): void;
  /** Why nothing more may be committed: what was written before may be lost. */
  readonly broken: unknown;
}

/** For a database that is in memory, or whose commits reach the disk by themselves. */
export const NO_SYNC: Sync = { wait: (waiter) => waiter.safe(), broken: undefined, [Symbol.dispose]: () => {} };

/** Syncs a file; calls back with what went wrong. */
export type SyncFile = (done: (error: Error | null) => void) => void;

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
export function createSync(syncFile: SyncFile, close: () => void): Sync {
  let waiting: Waiter[] = [];
  let running = false;
  let broken: unknown;

  function settle(waiters: readonly Waiter[]): void {
    for (const waiter of waiters) {
      if (broken === undefined) waiter.safe();
      else waiter.failed(broken);
    }
  }

  function run(): void {
    const served = waiting;
    waiting = [];
    running = true;
    syncFile((error) => {
      running = false;
      broken ??= error ?? undefined;
      // Before anybody is told: the disk works while they are answered.
      if (waiting.length > 0 && broken === undefined) run();
      settle(served);
      if (broken !== undefined) settle(waiting.splice(0));
    });
  }

  return {
    get broken() {
      return broken;
    },
    wait(waiter) {
      if (broken !== undefined) {
        waiter.failed(broken);
        return;
      }
      waiting.push(waiter);
      if (!running) run();
    },
    [Symbol.dispose]: close,
  };
}
