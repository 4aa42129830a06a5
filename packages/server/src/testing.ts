import type { App as Tenant } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import { createSigner } from 'fast-jwt';
import pino from 'pino';
import { type App, buildApp } from './app.ts';
import { createMemoryBus } from './bus/memory.ts';
import { readConfig } from './config.ts';
import { openSqlite } from './store/sqlite.ts';
import type { Store } from './store/store.ts';
import { createMemoryTracker } from './tracker/memory.ts';

/** A whole server on a database in memory, for tests of what no call reaches from outside. */
export interface TestApp extends App, AsyncDisposable {
  readonly store: Store;
  readonly tenant: Tenant;
  tokenOf(userId?: string): string;
  /** Writes a user as it is given, whatever the rules say. */
  force(user: User): Promise<void>;
}

/** Builds a server with one app. It does not listen unless it is told to. */
export async function openTestApp(): Promise<TestApp> {
  const store = openSqlite(':memory:');
  const config = readConfig({ ROLLCALL_PORT: '0' });
  const tracker = createMemoryTracker({ leaseMs: config.ROLLCALL_LEASE_MS, graceMs: config.ROLLCALL_GRACE_MS });
  const app = await buildApp({ store, bus: createMemoryBus(), tracker, config, log: pino({ level: 'silent' }) });
  const tenant = await app.apps.create({ name: 'Test' });
  const sign = createSigner({ key: tenant.secret, algorithm: 'HS256' });
  return {
    ...app,
    store,
    tenant,
    tokenOf: (userId) => sign(userId === undefined ? { server: true } : { user_id: userId }),
    async force(user) {
      await store.change(tenant.id, [user.id], () => ({ write: [user], takes: [], tell: [], reply: [user] }));
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
