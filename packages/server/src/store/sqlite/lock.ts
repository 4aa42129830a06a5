import { chmodSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Makes sure that one server at a time has a database file open: holds an exclusive transaction on `<file>.lock`, which the
 * system drops when the process dies, however it dies. Undefined when another process holds it.
 */
export function acquireLock(file: string): Disposable | undefined {
  const name = `${file}.lock`;
  const lock = new DatabaseSync(name, { timeout: 0 });
  // Whoever could read it could hold it.
  chmodSync(name, 0o600);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/** Where a file lies, or would: links are followed, also those that lead to what is not there yet. Its folder must be there. */
export function realFile(file: string): string {
  const here = join(realpathSync(dirname(file)), basename(file));
  const link = lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink();
  return link ? realFile(resolve(dirname(here), readlinkSync(here))) : here;
}
