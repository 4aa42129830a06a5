import type { Engines, Links } from './engines.ts';
import { type App, type RunningServer, startServer } from './server.ts';
import { suffix } from './wait.ts';

/** One of several servers that share a database and a Redis. */
export interface Node extends RunningServer {
  readonly links: Links;
  /** Lets the process stand still. */
  pause(): void;
  resume(): void;
}

/** Several servers that share a database and a Redis of a test's own. */
export interface Nodes extends AsyncDisposable, App {
  readonly database: string;
  readonly all: readonly Node[];
  /** One more, with settings of its own beside those of all. */
  add(env?: Env): Promise<Node>;
}

type Env = { readonly [name: string]: string };

/** Everything takes a tenth of its usual time, or as long as it does in earnest. */
export const IN_EARNEST = process.env.FULL_LENGTH === '1';
const TENTH = IN_EARNEST ? 1 : 0.1;
export const TIMES = {
  leaseMs: 60_000 * TENTH,
  renewMs: 20_000 * TENTH,
  graceMs: 3000 * TENTH,
};
/** For accidents in which all that counts is that leases would have run out. */
export const SHORT_LEASES = IN_EARNEST
  ? { leaseMs: TIMES.leaseMs, renewMs: TIMES.renewMs, env: {} }
  : { leaseMs: 3000, renewMs: 1000, env: { ROLLCALL_LEASE_MS: '3000', ROLLCALL_RENEW_MS: '1000' } };
const SETTINGS: Env = {
  ROLLCALL_LEASE_MS: String(TIMES.leaseMs),
  ROLLCALL_RENEW_MS: String(TIMES.renewMs),
  ROLLCALL_GRACE_MS: String(TIMES.graceMs),
  ROLLCALL_WRITES_PER_MINUTE: '0',
  ROLLCALL_QUERIES_PER_MINUTE: '0',
  ROLLCALL_CONNECTS_PER_MINUTE: '0',
};

/** Starts servers on a fresh database, all at once, which have the Redis as if to themselves. */
export async function startNodes(engines: Engines, count: number, env: Env = {}): Promise<Nodes> {
  const database = await engines.postgres.url();
  const app = { apiKey: `key${suffix()}`, secret: `secret-${suffix()}-${suffix()}` };
  const shared = { ...SETTINGS, ROLLCALL_REDIS_PREFIX: `${suffix()}:` };
  const stack = new AsyncDisposableStack();
  const all: Node[] = [];
  const add = async (more: Env = {}): Promise<Node> => {
    const links = await engines.link(database);
    stack.use(links);
    const server = await startServer({ ...app, env: { ...shared, ...env, ...links.env, ...more } });
    stack.use(server);
    const node = {
      ...server,
      links,
      pause: () => void process.kill(server.pid, 'SIGSTOP'),
      resume: () => void process.kill(server.pid, 'SIGCONT'),
    };
    all.push(node);
    return node;
  };
  try {
    await Promise.all(Array.from({ length: count }, () => add()));
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
  return { ...app, database, all, add, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
