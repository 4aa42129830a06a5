import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { App, AppId } from '@rollcall/domain/app';
import type { Decision } from '@rollcall/domain/change';
import { refusal } from '@rollcall/domain/error';
import type { Query } from '@rollcall/domain/filter';
import { refuseTakenNames } from '@rollcall/domain/name';
import type { Instant, User, Users } from '@rollcall/domain/user';
import { Checkpointer } from './checkpoint.ts';
import { Group, unavailable } from './group.ts';
import { acquireLock } from './lock.ts';
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts';
import { Reads } from './reads.ts';
import { SqliteApps } from './sqlite-apps.ts';
import { SqliteUsers } from './sqlite-users.ts';
import type { Decide, NewApp, Store } from './store.ts';

const MEMORY = ':memory:';
const CACHE_KIB = 65_536;
/** How long the server waits for a lock: nothing else runs meanwhile, and only an operator's command ever has one. */
const SERVER_BUSY_MS = 250;
const OPERATOR_BUSY_MS = 5000;

function openDatabase(file: string, busyMs: number): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyMs });
  // It holds the secrets of apps.
  if (file !== MEMORY) chmodSync(file, 0o600);
  // FULL: a write that was acknowledged survives the loss of power. Checkpoints are the checkpointer's.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF`);
  return db;
}

const makeFolder = (file: string) => mkdirSync(dirname(file), { recursive: true, mode: 0o700 });

/** The file that a database setting names: what follows `sqlite:`. */
export function sqliteFile(setting: string): string {
  return setting.slice('sqlite:'.length);
}

/**
 * Opens a database file for the one server that may have it, or `:memory:`, and brings its schema up to date. Throws a
 * plain error, for the operator to read, when another process has it or a newer version wrote it.
 */
export function openSqlite(file: string): Store {
  if (file === MEMORY) return openStore(MEMORY, undefined);
  makeFolder(file);
  const lock = acquireLock(file);
  if (!lock)
    throw new Error(`the database ${file} is in use by another Rollcall server: one process at a time may have it`);
  try {
    return openStore(file, lock);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function openStore(file: string, lock: Disposable | undefined): Store {
  const db = openDatabase(file, SERVER_BUSY_MS);
  migrate(db);
  return new SqliteStore(db, file, lock);
}

/**
 * Opens the apps of a database for an operator's command, beside a server that may be running. Only when none is running
 * is the schema brought up to date; a running server is told of changes by the database itself.
 */
export function openSqliteApps(file: string): Store {
  makeFolder(file);
  const lock = acquireLock(file);
  if (lock) return openStore(file, lock);
  const db = openDatabase(file, OPERATOR_BUSY_MS);
  if (schemaVersion(db) !== SCHEMA_VERSION) {
    throw new Error(`a running server of another version has the database ${file}: stop it first`);
  }
  return new SqliteStore(db, file, undefined);
}

class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #lock: Disposable | undefined;
  readonly #group: Group;
  readonly #reads: Reads;
  readonly #checkpointer: Checkpointer | undefined;
  readonly #users: SqliteUsers;
  readonly #apps: SqliteApps;

  constructor(db: DatabaseSync, file: string, lock: Disposable | undefined) {
    this.#db = db;
    this.#lock = lock;
    this.#users = new SqliteUsers(db);
    this.#apps = new SqliteApps(db);
    // An operator's command beside a running server leaves the log to the server.
    this.#checkpointer = lock ? new Checkpointer(db, file, SERVER_BUSY_MS) : undefined;
    const beginRead = db.prepare('BEGIN');
    const begin = db.prepare('BEGIN IMMEDIATE');
    const commit = db.prepare('COMMIT');
    this.#reads = new Reads({ begin: () => beginRead.run(), end: () => commit.run() });
    this.#group = new Group(
      {
        begin: () => begin.run(),
        commit: () => {
          this.#users.writeClock();
          commit.run();
        },
        rollback: () => {
          if (db.isTransaction) db.exec('ROLLBACK');
          this.#apps.forget();
        },
      },
      () => this.#checkpointer?.afterGroup(),
    );
  }

  change(app: AppId, ids: readonly string[], decide: Decide): Promise<Decision> {
    return this.#group.run(ids.length, () => {
      const rows = this.#users.read(app, ids);
      const current = new Map<string, User>();
      for (const [id, { user }] of rows) current.set(id, user);
      const decision = decide(current, this.#apps.read(app).settings);
      if (decision.takes.length > 0) refuseTakenNames(this.#users.heldNames(app, decision.takes, ids));
      this.#users.write(app, decision.write, rows);
      return decision;
    });
  }

  find(app: AppId, ids: readonly string[]): Promise<Users> {
    return this.#reads.run(() => new Map([...this.#users.read(app, ids)].map(([id, { user }]) => [id, user])));
  }

  query(app: AppId, query: Query): Promise<readonly User[]> {
    return this.#reads.run(() => this.#users.query(app, query));
  }

  saveActivity(app: AppId, seen: ReadonlyMap<string, Instant>): Promise<void> {
    return this.#group.run(seen.size, () => this.#users.writeActivity(app, seen));
  }

  async readApps(): Promise<readonly App[]> {
    return guarded(() => this.#apps.readAll());
  }

  async appsVersion(): Promise<string> {
    return guarded(() => this.#apps.version());
  }

  createApp(app: NewApp): Promise<App> {
    return this.#group.run(1, () => this.#apps.create(app));
  }

  changeApp(id: AppId, decide: (app: App) => App, freedRole?: string): Promise<App> {
    return this.#group.run(1, () => {
      // An operator's command may have written it since: inside the transaction it is read as it is.
      this.#apps.forget();
      if (freedRole !== undefined && this.#users.someoneHasRole(id, freedRole)) {
        throw refusal('not_allowed', `the role "${freedRole}" cannot be deleted while a user has it`);
      }
      return this.#apps.write(decide(this.#apps.read(id)));
    });
  }

  async newest(): Promise<Instant> {
    return guarded(() => this.#users.newest());
  }

  async ready(): Promise<void> {
    await guarded(() => this.#users.newest());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#db.isOpen) return;
    await this.#group.drained();
    await this.#checkpointer?.close();
    this.#db.close();
    this.#lock?.[Symbol.dispose]();
  }
}

/** Reads, and turns a fault of the machine into the refusal it is. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unavailable(error);
  }
}
