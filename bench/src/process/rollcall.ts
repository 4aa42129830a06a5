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

/** Starts Rollcall on a database file. With `profile` it leaves a CPU profile in that folder when it stops. */
export async function startRollcall(cores: Cores | undefined, file: string, profile?: string): Promise<Rollcall> {
  const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = new Child({ cores, script: LAUNCHER, env: settingsFor(file), nodeOptions });
  const { port } = new URL(JSON.parse(await child.firstLine()).url);
  return { child, port: Number(port), [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

/** The lines every request to Rollcall carries. */
export const headers = (): string =>
  `Host: 127.0.0.1\r\nAuthorization: ${serverToken(API_SECRET)}\r\nStream-Auth-Type: jwt\r\n`;
