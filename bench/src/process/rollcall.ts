import { readFileSync } from 'node:fs';
import { serverToken } from '../load/token.ts';
import { Child } from './child.ts';
import type { Cores } from './cores.ts';

/** The app of every measured server. */
export const API_KEY = 'bench';
/** Its secret. */
export const API_SECRET = 'a-secret-for-benchmarks-only';

const LAUNCHER = new URL('./rollcall-process.ts', import.meta.url);

/** A running Rollcall. */
export interface Rollcall extends AsyncDisposable {
  readonly child: Child;
  readonly port: number;
}

/** The settings of a measured server: those of a fresh install, on a database and without limits a minute. */
export function settingsFor(file: string): Record<string, string> {
  return {
    ROLLCALL_HOST: '127.0.0.1',
    ROLLCALL_PORT: '0',
    ROLLCALL_DATABASE: `sqlite:${file}`,
    ROLLCALL_API_KEY: API_KEY,
    ROLLCALL_API_SECRET: API_SECRET,
    ROLLCALL_CONNECTS_PER_MINUTE: '0',
    ROLLCALL_LOG_LEVEL: 'warn',
  };
}

/** How a measured server is started. */
export interface RollcallStart {
  readonly cores: Cores | undefined;
  readonly file: string;
  /** A folder in which it leaves a CPU profile when it stops. */
  readonly profile: string | undefined;
  readonly settings: Readonly<Record<string, string>> | undefined;
}

/** What `npm start` gives to Node, so that the two cannot come to differ. */
export function startArguments(): string[] {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { scripts } = JSON.parse(manifest) as { scripts: { start: string } }; // ours
  const [exec, node, ...args] = scripts.start.split(' ');
  if (exec !== 'exec' || node !== 'node') throw new Error('npm start does not become Node');
  return args;
}

/** Starts Rollcall on a database file. */
export async function startRollcall({ cores, file, profile, settings }: RollcallStart): Promise<Rollcall> {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const nodeOptions = [...startArguments().slice(0, -1), ...profiling];
  const child = new Child({ cores, script: LAUNCHER, env: { ...settingsFor(file), ...settings }, nodeOptions });
  const { port } = new URL(JSON.parse(await child.firstLine()).url);
  return { child, port: Number(port), [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

/** The lines every request to Rollcall carries: the app's backend asks, or whoever has the token. */
export const headers = (token = serverToken(API_SECRET)): string =>
  `Host: 127.0.0.1\r\nAuthorization: ${token}\r\nStream-Auth-Type: jwt\r\n`;
