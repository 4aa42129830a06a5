import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Makes sure that one server at a time has a database file open: holds an exclusive transaction on `<file>.lock`, which the
 * system drops when the process dies, however it dies. Undefined when another process holds it.
 */
export function acquireLock(file: string): Disposable | undefined {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => lock.close() };
}
