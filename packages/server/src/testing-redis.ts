import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';

/** A Redis for tests. One that `REDIS_URL` names is not ours to stop: then all but `url` throws. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly ours: boolean;
  /** Ends it: with SIGKILL, unless another signal is named. It keeps nothing. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, empty, where it was. */
  start(): Promise<void>;
  /** Lets it stand still: connections stay, nothing is answered. */
  pause(): void;
  resume(): void;
}

/** Why a test that needs Redis is skipped. */
export const NO_REDIS = 'SKIPPED: no valkey-server or redis-server (7 or later) on the PATH, and no REDIS_URL';

const LEAST_VERSION = 7;
const START_MS = 10_000;
const APT_MS = 120_000;
const run = promisify(execFile);
let program: Promise<string | undefined> | undefined;

/**
 * A Redis of its own for whoever asks, on a port of loopback, that keeps nothing; undefined when there is none to be
 * had.
 */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer | undefined> {
  program ??= findProgram();
  const file = await program;
  const { REDIS_URL } = process.env;
  if (file === undefined) return REDIS_URL === undefined ? undefined : foreign(REDIS_URL);
  const server = new OwnRedis(file, await freePort(), args);
  await server.start();
  return server;
}

async function findProgram(): Promise<string | undefined> {
  const found = await onPath();
  if (found !== undefined || process.env.REDIS_URL !== undefined) return found;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  const options = { timeout: APT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['install', '--yes', '--no-install-recommends', 'redis-server'], options).catch(() => {});
  return onPath();
}

async function onPath(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const file of ['valkey-server', 'redis-server'].flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (!existsSync(file)) continue;
    const { stdout } = await run(file, ['--version']);
    if (Number(/v=(\d+)/.exec(stdout)?.[1] ?? 0) >= LEAST_VERSION) return file;
  }
  return undefined;
}

function foreign(url: string): RedisServer {
  const refuse = (): never => {
    throw new Error('this Redis is not ours to stop');
  };
  return {
    url,
    ours: false,
    stop: refuse,
    start: refuse,
    pause: refuse,
    resume: refuse,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whatever a test forgets ends with it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

class OwnRedis implements RedisServer {
  readonly url: string;
  readonly ours = true;
  readonly #file: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  constructor(file: string, port: number, args: readonly string[]) {
    this.#file = file;
    this.url = `redis://127.0.0.1:${port}`;
    this.#args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...args];
  }

  async start(): Promise<void> {
    const child = spawn(this.#file, this.#args, { stdio: 'ignore' });
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    await until(() => answers(this.url), `${this.#file} to start`);
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Waits for something to be so, for a while. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = START_MS,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(20);
  }
}

/** Asks a Redis something; rejects when it does not answer. */
export async function askRedis(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({ url, socket: { reconnectStrategy: false }, maintNotifications: 'disabled' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

const answers = (url: string): Promise<boolean> =>
  askRedis(url, 'PING').then(
    () => true,
    () => false,
  );

/** A Redis Cluster for tests. */
export interface RedisCluster extends AsyncDisposable {
  /** As `openRedis` takes it. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
}

const SLOTS = 16_384;

/**
 * A cluster of so many servers, each with its part of the slots; undefined when there is no Redis of our own to be had.
 */
export async function startRedisCluster(size: number): Promise<RedisCluster | undefined> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-redis-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const servers: RedisServer[] = [];
  for (let at = 0; at < size; at++) {
    const bus = ['--cluster-port', `${await freePort()}`, '--cluster-node-timeout', '2000'];
    const files = ['--dir', folder, '--cluster-config-file', `nodes-${at}.conf`];
    const server = await startRedis(['--cluster-enabled', 'yes', ...bus, ...files]);
    if (server === undefined || !server.ours) return undefined;
    servers.push(opened.use(server));
  }
  await joinCluster(servers);
  const kept = opened.move();
  const hosts = servers.map(({ url }) => url.slice('redis://'.length));
  return { url: `redis+cluster://${hosts.join(',')}`, servers, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function joinCluster(servers: readonly RedisServer[]): Promise<void> {
  const share = Math.ceil(SLOTS / servers.length);
  for (const [at, { url }] of servers.entries()) {
    const last = Math.min(SLOTS, (at + 1) * share) - 1;
    await askRedis(url, 'CLUSTER', 'ADDSLOTSRANGE', `${at * share}`, `${last}`);
  }
  const [first, ...others] = servers;
  for (const { url } of others) {
    const { hostname, port } = new URL(first?.url ?? '');
    const own = await askRedis(first?.url ?? '', 'CONFIG', 'GET', 'cluster-port');
    await askRedis(url, 'CLUSTER', 'MEET', hostname, port, String(Object.values(Object(own)).at(-1)));
  }
  for (const { url } of servers) {
    const isWhole = async (): Promise<boolean> => {
      const info = String(await askRedis(url, 'CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${servers.length}`);
    };
    await until(isWhole, 'the cluster to be whole');
  }
}
