import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { at } from './json.ts';
import { suffix, within } from './wait.ts';

const SOURCE = fileURLToPath(new URL('../../packages/server/src/', import.meta.url));

export interface ServerOptions {
  /** More ROLLCALL_* settings, or others in place of the usual ones. */
  readonly env?: { readonly [name: string]: string };
  /** A database to open instead of a fresh one, so that a server can be started again on it. */
  readonly database?: string;
  readonly apiKey?: string;
  readonly secret?: string;
}

export interface App {
  readonly apiKey: string;
  readonly secret: string;
}

/** A Rollcall server in a process of its own; it goes away with the `await using` that holds it. */
export interface RunningServer extends AsyncDisposable, App {
  readonly url: string;
  readonly database: string;
  readonly pid: number;
  /** What it has written to stderr so far. */
  errors(): string;
  /** Asks it to stop and resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Kills it without a word. */
  kill(): Promise<void>;
  /** Runs the operator's app command (`create`, `suspend`, `resume`, `list`) on its database and returns its output. */
  appCommand(...args: readonly string[]): Promise<string>;
  createApp(name: string): Promise<App>;
}

/** Starts a server on a free port and a fresh database, and waits until it says that it is ready. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  const database = options.database ?? `sqlite:${join(folder, 'rollcall.db')}`;
  const app = {
    apiKey: options.apiKey ?? `key${suffix()}`,
    secret: options.secret ?? `secret-${suffix()}-${suffix()}`,
  };
  const env = { ...settings(database, app), ...options.env };
  const child = spawn(process.execPath, ['--conditions=source', join(SOURCE, 'main.js')], { cwd: folder, env });
  child.stdin.end();
  const errors = collect(child);
  const gone = exit(child);
  let url: string;
  try {
    url = await ready(child, gone, errors);
  } catch (error) {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return within(`the server stops; it said: ${errors()}`, gone, 12_000);
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  const appCommand = (...args: readonly string[]): Promise<string> => runAppCommand(args, { cwd: folder, env });
  return {
    ...app,
    url,
    database,
    pid: child.pid ?? 0,
    errors,
    stop,
    kill,
    appCommand,
    createApp: async (name) => parseApp(await appCommand('create', name, '--json')),
    async [Symbol.asyncDispose]() {
      await stop().catch(kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function settings(database: string, app: App): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ROLLCALL_|NODE_)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    ROLLCALL_PORT: '0',
    ROLLCALL_DATABASE: database,
    ROLLCALL_API_KEY: app.apiKey,
    ROLLCALL_API_SECRET: app.secret,
    ROLLCALL_LOG_LEVEL: 'error',
  };
}

/** Keeps what the process writes to stderr, and makes sure that it does not outlive the test. */
function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  process.removeListener('exit', endAll);
  process.once('exit', endAll);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return () => text;
}

const running = new Set<ChildProcess>();

function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function exit(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : null;
}

async function ready(child: ChildProcess, gone: Promise<number | null>, errors: () => string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  if (child.stdout === null) throw new Error('the server has no stdout');
  createInterface(child.stdout).on('line', (line) => {
    const url = readyUrl(line);
    if (url !== undefined) resolve(url);
  });
  gone.then((code) => reject(new Error(`the server ended with ${code}: ${errors()}`)), reject);
  return within('the server is ready', promise, 40_000).catch((error) => {
    throw new Error(`${error instanceof Error ? error.message : error}; it said: ${errors()}`);
  });
}

function readyUrl(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const url = at(value, 'url');
    return at(value, 'ready') === true && typeof url === 'string' ? url : undefined;
  } catch {
    return undefined;
  }
}

async function runAppCommand(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const command = ['--conditions=source', join(SOURCE, 'app-command.ts'), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { ...options, timeout: 20_000 });
  return stdout;
}

function parseApp(line: string): App {
  const value: unknown = JSON.parse(line);
  const apiKey = at(value, 'api_key');
  const secret = at(value, 'secret');
  if (typeof apiKey !== 'string' || typeof secret !== 'string') throw new Error(`not an app: ${line}`);
  return { apiKey, secret };
}
