import { fdatasyncSync, openSync, readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

// Copies pages of the write-ahead log into the database when asked, and answers how many it holds copies of.
const NICE = 5;

giveWay();
const file = String(workerData);
const db = new DatabaseSync(file);
const copy = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
// It stays open as long as the process: closing any descriptor of the file would drop SQLite's POSIX locks on it.
const descriptor = openSync(file, 'r+');

parentPort?.on('message', () => {
  const { checkpointed } = copy.get() ?? {};
  try {
    // SQLite syncs only when a checkpoint reaches the end of the log: then all of this would wait for the writer.
    fdatasyncSync(descriptor);
  } catch (cause) {
    // The log counts as copied, and would begin anew over what the database may not have.
    parentPort?.postMessage(cause);
    return;
  }
  parentPort?.postMessage(Number(checkpointed ?? 0));
});

/**
 * Where this thread and the loop share a core, the loop comes first: it gets three times as much. Only Linux has priorities of
 * threads, and one that was started with a lower one keeps it.
 */
function giveWay(): void {
  const self = '/proc/thread-self';
  try {
    const thread = Number(readlinkSync(self).split('/').at(-1));
    if (getPriority(thread) < NICE) setPriority(thread, NICE);
  } catch {
    // A system that does not allow it has its reasons.
  }
}
