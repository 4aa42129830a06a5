import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../store.ts';
import { WINDOWS } from './finder.ts';
import { acquireLock, realFile } from './lock.ts';
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts';
import { SERVER_BUSY_MS, SqliteStore, type Timing } from './sqlite.ts';
import { WORDS_TIMING } from './words-index.ts';

const MEMORY = ':memory:';
const CACHE_KIB = 262_144;
const OPERATOR_BUSY_MS = 5000;

const USUAL: Timing = { windows: WINDOWS, words: WORDS_TIMING };

type Synchronous = 'NORMAL' | 'FULL';

function openDatabase(file: string, busyMs: number, synchronous: Synchronous): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyMs });
  // It holds the secrets of apps.
  if (file !== MEMORY) chmodSync(file, 0o600);
  // Checkpoints are the checkpointer's.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF`);
  return db;
}

/** Makes the folder of a database file, and answers where that is: links lead to the one file that a lock beside it is about. */
function locate(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return realFile(file);
}

/** The file that a database setting names: what follows `sqlite:`. */
export function sqliteFile(setting: string): string {
  return setting.slice('sqlite:'.length);
}

/**
 * Opens a database file for the one server that may have it, or `:memory:`, and brings its schema up to date. Throws a
 * plain error, for the operator to read, when another process has it or a newer version wrote it.
 */
export function openSqlite(name: string, windows = WINDOWS, words = WORDS_TIMING): Store {
  const timing: Timing = { windows, words };
  if (name === MEMORY) return openStore(MEMORY, undefined, timing);
  return naming(name, () => openOne(locate(name), timing));
}

function openOne(file: string, timing: Timing): Store {
  const lock = acquireLock(file);
  if (!lock) throw new Error('it is in use by another Rollcall server: one process at a time may have it');
  try {
    return openStore(file, lock, timing);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function openStore(file: string, lock: Disposable | undefined, timing: Timing): SqliteStore {
  // A write that was acknowledged survives the loss of power: commits are synced by `logSync`, beside the loop.
  const db = openDatabase(file, SERVER_BUSY_MS, 'NORMAL');
  migrate(db);
  // What a process left in the log that ended without a goodbye may be in the system's memory only, and is built upon from now on.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const store = new SqliteStore(db, file, lock, timing);
  store.startWork();
  return store;
}

/**
 * Opens the apps of a database for an operator's command, beside a server that may be running. Only when none is running
 * is the schema brought up to date; a running server is told of changes by the database itself.
 */
export function openSqliteApps(name: string): Store {
  return naming(name, () => {
    if (!existsSync(name)) throw new Error('there is no such file: is ROLLCALL_DATABASE set as the server has it?');
    const file = realFile(name);
    const lock = acquireLock(file);
    if (lock) return openStore(file, lock, USUAL);
    const db = openDatabase(file, OPERATOR_BUSY_MS, 'FULL');
    if (schemaVersion(db) !== SCHEMA_VERSION)
      throw new Error('a running server of another version has it: stop it first');
    return new SqliteStore(db, file, undefined, USUAL);
  });
}

/** Opens a file only to read it: nothing of it is changed, and no lock is taken. */
export function openSqliteToRead(name: string): Store {
  return naming(name, () => {
    const db = new DatabaseSync(name, { readOnly: true });
    if (schemaVersion(db) !== SCHEMA_VERSION) throw new Error('another release of Rollcall wrote it, or nobody');
    return new SqliteStore(db, name, undefined, USUAL);
  });
}

/** What goes wrong in opening a file says which one. */
function naming<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new Error(`the database ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
