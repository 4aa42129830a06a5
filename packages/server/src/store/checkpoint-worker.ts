import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

// Copies pages of the write-ahead log into the database when asked, and answers how many it holds copies of.
const db = new DatabaseSync(String(workerData));
const copy = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort?.on('message', () => {
  const { checkpointed } = copy.get() ?? {};
  parentPort?.postMessage(Number(checkpointed ?? 0));
});
