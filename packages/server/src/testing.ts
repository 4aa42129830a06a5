import type { App as Tenant } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import { createSigner } from 'fast-jwt';
import pino from 'pino';
import { type App, buildApp } from './app.ts';
import { createMemoryBus } from './bus/memory.ts';
import { readConfig } from './config.ts';
import { WINDOWS, type Windows } from './store/sqlite/finder.ts';
import { openSqlite } from './store/sqlite/open.ts';
import type { Store } from './store/store.ts';
import { createMemoryTracker } from './tracker/memory.ts';

/** A whole server on a database in memory, for tests of what no call reaches from outside. */
export interface TestApp extends App, AsyncDisposable {
  readonly store: Store;
  readonly tenant: Tenant;
  tokenOf(userId?: string): string;
  /** Listens on a free port, and answers where. */
  address(): Promise<string>;
  /** A call of the backend. */
  call(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object): Promise<{ status: number; body: Answer }>;
  /** Writes a user as it is given, whatever the rules say. */
  force(user: User): Promise<void>;
}

/** An answer, as a test reads it: whatever it asks for. */
// biome-ignore lint/suspicious/noExplicitAny: a test asserts what it reads
type Answer = any;

/** Builds a server with one app, and with settings other than the usual. It does not listen unless it is told to. */
export async function openTestApp(
  settings: Readonly<Record<string, string>> = {},
  file = ':memory:',
  windows: Windows = WINDOWS,
): Promise<TestApp> {
  const store = openSqlite(file, windows);
  const config = readConfig({ ROLLCALL_PORT: '0', ...settings });
  const tracker = createMemoryTracker({ leaseMs: config.ROLLCALL_LEASE_MS, graceMs: config.ROLLCALL_GRACE_MS });
  const app = await buildApp({ store, bus: createMemoryBus(), tracker, config, log: pino({ level: 'silent' }) });
  const tenant = await app.apps.create({ name: 'Test' });
  const sign = createSigner({ key: tenant.secret, algorithm: 'HS256' });
  return {
    ...app,
    store,
    tenant,
    tokenOf: (userId) => sign(userId === undefined ? { server: true } : { user_id: userId }),
    async address() {
      const { port } = await app.listen('127.0.0.1', 0);
      return `127.0.0.1:${port}`;
    },
    async call(method, path, payload) {
      const query = { api_key: tenant.key };
      const headers = { authorization: sign({ server: true }) };
      const answer = await app.http.inject({ method, url: path, query, headers, ...(payload ? { payload } : {}) });
      return { status: answer.statusCode, body: answer.json() };
    },
    async force(user) {
      await store.change(tenant.id, [user.id], () => ({ write: [user], takes: [], tell: [], reply: [user] }));
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
