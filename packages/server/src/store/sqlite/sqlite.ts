import type { DatabaseSync } from 'node:sqlite';
import type { App, AppId } from '@rollcall/domain/app';
import type { Decision } from '@rollcall/domain/change';
import { refusal } from '@rollcall/domain/error';
import type { Query } from '@rollcall/domain/filter';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';
import { refuseTakenNames } from '@rollcall/domain/name';
import type { Instant, User, Users } from '@rollcall/domain/user';
import { Pace } from '../pace.ts';
import { FEW_IDS, fewIdsOf } from '../plan.ts';
import type { Decide, FieldIndex, Found, NewApp, ScanPlace, Store } from '../store.ts';
import { SqliteApps } from './apps.ts';
import { Background } from './background.ts';
import { Checkpointer } from './checkpoint.ts';
import { chooseWalk, weightOf } from './choose.ts';
import { type Begun, findUsers, type Windows } from './finder.ts';
import { away, Group, unavailable } from './group.ts';
import { Indexes } from './indexes.ts';
import { SqliteLeases } from './leases.ts';
import { Reads } from './reads.ts';
import { Statements } from './sql.ts';
import { logSync, NO_SYNC, type Sync } from './sync.ts';
import { SqliteUsers } from './users.ts';
import type { WordsTiming } from './words-index.ts';

/** How long the server waits for a lock: nothing else runs meanwhile, and only an operator's command ever has one. */
export const SERVER_BUSY_MS = 250;

/** When and how long things are done. */
export interface Timing {
  readonly windows: Windows;
  readonly words: WordsTiming;
}

/** The users, apps and leases of one SQLite file, all on the thread that asks. */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #lock: Disposable | undefined;
  readonly #group: Group;
  readonly #reads: Reads;
  readonly #checkpointer: Checkpointer | undefined;
  readonly #sync: Sync;
  readonly #users: SqliteUsers;
  readonly #apps: SqliteApps;
  #works = false;
  /** How many transactions there were. */
  #commits = 0;
  /** How many calls for users there were: whether there are others, queries see by it. */
  #calls = 0;
  readonly #leases: SqliteLeases;
  readonly #indexes: Indexes;
  readonly #statements: Statements;
  readonly #pace = new Pace();
  readonly #timing: Timing;
  readonly #background: Background;

  constructor(db: DatabaseSync, file: string, lock: Disposable | undefined, timing: Timing) {
    this.#db = db;
    this.#lock = lock;
    this.#timing = timing;
    this.#indexes = new Indexes(db, timing.words);
    this.#statements = new Statements(db);
    this.#users = new SqliteUsers(db, this.#indexes);
    this.#apps = new SqliteApps(db);
    this.#leases = new SqliteLeases(db);
    // An operator's command beside a running server leaves the log to the server.
    const sync = lock ? logSync(file) : NO_SYNC;
    this.#sync = sync;
    this.#checkpointer = lock ? new Checkpointer(db, file, SERVER_BUSY_MS, (cause) => sync.lose(cause)) : undefined;
    const beginRead = db.prepare('BEGIN');
    const begin = db.prepare('BEGIN IMMEDIATE');
    const commit = db.prepare('COMMIT');
    const rollback = () => {
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
    };
    this.#reads = new Reads({ begin: () => beginRead.run(), end: () => commit.run(), rollback });
    this.#group = new Group(
      {
        sync: this.#sync,
        begin: () => {
          this.#refuseInTrouble();
          begin.run();
        },
        commit: () => {
          this.#users.writeClock();
          commit.run();
          this.#commits += 1;
        },
        rollback: () => {
          rollback();
          this.#users.forget();
          this.#apps.forget();
          this.#indexes.forget();
        },
      },
      () => this.#committed(),
      { due: () => this.#indexes.words.pressing, run: (size) => this.#indexes.words.step(size) },
    );
    this.#background = new Background(this.#group, this.#pace, (size, busy) => this.#indexes.work(size, busy));
  }

  /** Takes up what is left to be done in the background. Only the one server of a database does. */
  startWork(): void {
    this.#works = true;
    const { fields } = this.#indexes;
    const late = this.#apps.readAll().filter(({ id, settings }) => fields.differs(id, settings.indexedFields));
    const declared = late.map(({ id, settings }) =>
      this.#group.run(1, () => fields.declare(id, settings.indexedFields)),
    );
    void Promise.allSettled(declared).then(() => this.#background.start());
  }

  /** Called between groups. */
  #committed(): void {
    this.#checkpointer?.afterGroup();
    if (this.#works && this.#indexes.words.waits) this.#background.soon(this.#timing.words.afterMs);
  }

  change(app: AppId, ids: readonly string[], decide: Decide): Promise<Decision> {
    this.#calls += 1;
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
    this.#calls += 1;
    const [only] = ids;
    if (ids.length === 1 && only !== undefined) {
      return this.#reads.run(() => asUsers(this.#users.find(app, only)));
    }
    return this.#reads.run(() => new Map([...this.#users.read(app, ids)].map(([id, { user }]) => [id, user])));
  }

  query(app: AppId, query: Query): Promise<Found> {
    this.#calls += 1;
    const few = fewIdsOf(query.filter);
    // Of more than are wanted, some need not be read; and what is dear to look at is looked at in windows.
    if (few && few.length <= query.offset + query.limit && few.length * weightOf(query.filter) <= FEW_IDS) {
      return this.#reads.run(() => ({
        users: this.#users.lookUp(app, few, query),
        walked: undefined,
        isCurrent: this.#unchanged(),
      }));
    }
    return findUsers(
      {
        reads: this.#reads,
        pace: this.#pace,
        windows: this.#timing.windows,
        begin: () => this.#begin(app, query),
        calls: () => this.#calls,
      },
      query,
    );
  }

  /** Tells of later moments whether nothing was written since this one: no other process writes users. */
  #unchanged(): () => boolean {
    const commits = this.#commits;
    return () => this.#commits === commits;
  }

  #begin(app: AppId, query: Query): Begun {
    return {
      isCurrent: this.#unchanged(),
      walk: chooseWalk(this.#statements, app, query, this.#indexes.known(app)),
      declared: new Set(this.#indexes.fields.states(app).map(({ path }) => path)),
      weight: weightOf(query.filter),
    };
  }

  async fieldIndexes(app: AppId): Promise<readonly FieldIndex[]> {
    return guarded(() => this.#indexes.fields.states(app));
  }

  scan(app: AppId, after: ScanPlace | undefined, limit: number): Promise<readonly User[]> {
    return this.#reads.run(() => this.#users.scan(app, after, limit));
  }

  saveActivity(app: AppId, seen: ReadonlyMap<string, Instant>): Promise<void> {
    return this.#group.run(seen.size, () => this.#users.writeActivity(app, seen));
  }

  saveLeases(connections: readonly LeftConnection[]): Promise<void> {
    return this.#group.run(connections.length, () => this.#leases.save(connections));
  }

  takeLeases(): Promise<readonly TakenConnection[]> {
    return this.#group.run(1, () => this.#leases.take());
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

  async changeApp(id: AppId, decide: (app: App) => App, freedRole?: string): Promise<App> {
    const app = await this.#group.run(1, () => {
      // An operator's command may have written it a moment ago: inside the transaction it is read as it is.
      this.#apps.forget();
      if (freedRole !== undefined && this.#users.someoneHasRole(id, freedRole)) {
        throw refusal('not_allowed', `the role "${freedRole}" cannot be deleted while a user has it`);
      }
      const changed = this.#apps.write(decide(this.#apps.read(id)));
      this.#indexes.fields.declare(id, changed.settings.indexedFields);
      return changed;
    });
    // An operator's command beside a running server changes no declared fields: it leaves the indexes to the server.
    if (this.#works) this.#background.start();
    return app;
  }

  async newest(): Promise<Instant> {
    return guarded(() => this.#users.newest());
  }

  async ready(): Promise<void> {
    this.#refuseInTrouble();
    await guarded(() => this.#users.newest());
  }

  /** While the disk does not answer nothing is written, and after a sync that failed not until a start reads what there is. */
  #refuseInTrouble(): void {
    if (this.#sync.trouble !== undefined) throw away(this.#sync.trouble);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#db.isOpen) return;
    await this.#background[Symbol.asyncDispose]();
    await this.#group.drained();
    await this.#checkpointer?.close();
    this.#sync[Symbol.dispose]();
    this.#db.close();
    this.#lock?.[Symbol.dispose]();
  }
}

const asUsers = (user: User | undefined): Users => new Map(user && [[user.id, user]]);

/** Reads, and turns a fault of the machine into the refusal it is. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unavailable(error);
  }
}
