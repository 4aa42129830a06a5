import type { App, AppId } from '@rollcall/domain/app';
import type { Decision } from '@rollcall/domain/change';
import type { Query } from '@rollcall/domain/filter';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';
import type { Instant, User, Users } from '@rollcall/domain/user';
import type { Decide, FieldIndex, Found, NewApp, PoolState, ScanPlace, Store } from '../store.ts';
import { type Address, readAddress } from './address.ts';
import { type AppChange, attemptChangeApp, attemptCreate, READ_APPS, READ_VERSION } from './apps.ts';
import { attemptChange, BEGIN, COMMIT, KnownSettings, readUsers, rowsById } from './change.ts';
import { type Call, call } from './connection.ts';
import { unavailable } from './faults.ts';
import { FieldBuilder } from './field-builder.ts';
import { declareCalls, fieldStates, knownFields } from './field-index.ts';
import { checkFit } from './fit.ts';
import { activityCalls, leaseCalls, readTaken, TAKE_LEASES } from './leases.ts';
import { migratePostgres } from './migrate.ts';
import { Pool } from './pool.ts';
import { PostgresFinder, type PostgresWindows } from './query.ts';
import { type Progress, retried } from './retry.ts';
import { readApp, readRow, USER_COLUMNS } from './rows.ts';
import { Turns } from './turns.ts';

/** How a PostgreSQL is used. Times are in milliseconds. */
export interface PostgresOptions {
  /** How many connections this process may have. */
  readonly poolSize?: number;
  /** How long a call may take in all; callers give up at 6 s. */
  readonly callMs?: number;
  /** How long one lock is waited for. */
  readonly lockMs?: number;
  readonly connectMs?: number;
  /** How queries are walked. */
  readonly windows?: PostgresWindows;
}

const DEFAULTS = { poolSize: 10, callMs: 4700, lockMs: 4000, connectMs: 3000 };
const READY_MS = 2000;

const NEWEST = call({ name: 'newest', text: 'SELECT coalesce(max(newest), 0) FROM clock' });
const READY = call({ name: 'ready', text: 'SELECT 1' });
const SCAN = {
  name: 'scan_users',
  text: `SELECT ${USER_COLUMNS} FROM app_user u
    WHERE u.app = $1 AND (u.created_at, u.id) > ($2, $3) ORDER BY u.created_at, u.id LIMIT $4`,
};

/**
 * Opens a PostgreSQL database that many nodes may share, and brings its schema up to date. Throws a plain error, for the
 * operator to read, when it cannot serve: a standby, another encoding, too few locks, a newer version's schema.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const { poolSize, windows, ...times } = { ...DEFAULTS, ...options };
  const address = readAddress(url);
  const pool = new Pool(address, { size: poolSize, ...times });
  try {
    await prepare(address, pool, poolSize);
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
  const store = new PostgresStore(pool, windows);
  store.startWork();
  return store;
}

/** Opens the apps of a database for an operator's command, beside the nodes that may be running. */
export function openPostgresApps(url: string): Promise<Store> {
  return openPostgres(url, { poolSize: 2 });
}

async function prepare(address: Address, pool: Pool, poolSize: number): Promise<void> {
  await checkFit((asked) => pool.lend((connection) => connection.ask(asked, pool.deadline())), poolSize);
  await migratePostgres(address);
}

class PostgresStore implements Store {
  readonly #pool: Pool;
  readonly #known = new KnownSettings();
  readonly #turns = new Turns();
  readonly #finder: PostgresFinder;
  readonly #builder: FieldBuilder;

  constructor(pool: Pool, windows: PostgresWindows | undefined) {
    this.#pool = pool;
    this.#finder = new PostgresFinder(pool, (app) => knownFields(pool, app), windows);
    this.#builder = new FieldBuilder(pool);
  }

  /** Goes on with what another node, or an earlier run, left to do. */
  startWork(): void {
    this.#builder.start();
  }

  change(app: AppId, ids: readonly string[], decide: Decide): Promise<Decision> {
    const until = this.#pool.deadline();
    const attempt = (progress: Progress) =>
      this.#pool.lend(
        (connection) => attemptChange(connection, until, this.#known, { app, ids, decide }, progress),
        until,
      );
    return this.#turns.change(app, ids, until, () => retried(until, attempt));
  }

  async find(app: AppId, ids: readonly string[]): Promise<Users> {
    const rows = rowsById(await this.#pool.read(readUsers(app, ids)));
    return new Map([...rows].map(([id, { user }]) => [id, user]));
  }

  async query(app: AppId, query: Query): Promise<Found> {
    try {
      return await this.#finder.query(app, query);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async fieldIndexes(app: AppId): Promise<readonly FieldIndex[]> {
    try {
      return await fieldStates(this.#pool, app);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async scan(app: AppId, after: ScanPlace | undefined, limit: number): Promise<readonly User[]> {
    const { createdAt, id } = after ?? { createdAt: Number.MIN_SAFE_INTEGER, id: '' };
    return (await this.#pool.read(call(SCAN, app, createdAt, id, limit))).map((columns) => readRow(columns).user);
  }

  saveActivity(app: AppId, seen: ReadonlyMap<string, Instant>): Promise<void> {
    return this.#writeEach(activityCalls(app, seen));
  }

  saveLeases(connections: readonly LeftConnection[]): Promise<void> {
    return this.#writeEach(leaseCalls(connections));
  }

  /** Once only: what was taken and then lost on the way would be nobody's. */
  takeLeases(): Promise<readonly TakenConnection[]> {
    const until = this.#pool.deadline();
    return retried(until, (progress) =>
      this.#pool.lend(async (connection) => {
        const [, taken = []] = await connection.flight([BEGIN, TAKE_LEASES], until);
        progress.committing = true;
        await connection.flight([COMMIT], until);
        return readTaken(taken);
      }, until),
    );
  }

  async readApps(): Promise<readonly App[]> {
    return (await this.#pool.read(READ_APPS)).map(readApp);
  }

  async appsVersion(): Promise<string> {
    const [[version] = []] = await this.#pool.read(READ_VERSION);
    return String(version);
  }

  createApp(app: NewApp): Promise<App> {
    const until = this.#pool.deadline();
    return retried(until, (progress) =>
      this.#pool.lend((connection) => attemptCreate(connection, until, app, progress), until),
    );
  }

  async changeApp(id: AppId, decide: (app: App) => App, freedRole?: string): Promise<App> {
    const until = this.#pool.deadline();
    const change: AppChange = { id, decide, freedRole, also: declareCalls };
    const attempt = (progress: Progress) =>
      this.#pool.lend((connection) => attemptChangeApp(connection, until, change, progress), until);
    const app = await this.#turns.changeApp(id, until, () => retried(until, attempt));
    this.#builder.start();
    return app;
  }

  async newest(): Promise<Instant> {
    const [[newest] = []] = await this.#pool.read(NEWEST);
    return Number(newest);
  }

  async ready(): Promise<void> {
    await this.#pool.read(READY, performance.now() + READY_MS);
  }

  pool(): PoolState {
    return this.#pool.state;
  }

  /** Writes what may be written twice, each statement by itself. */
  async #writeEach(calls: readonly Call[]): Promise<void> {
    for (const asked of calls) {
      const until = this.#pool.deadline();
      await retried(until, () => this.#pool.lend((connection) => connection.ask(asked, until), until));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#builder[Symbol.asyncDispose]();
    await this.#pool[Symbol.asyncDispose]();
  }
}
