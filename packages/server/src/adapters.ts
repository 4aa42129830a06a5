import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import { createMemoryBus } from './bus/memory.ts';
import { createClock } from './clock.ts';
import { type Config, isShared } from './config.ts';
import { openSqlite, openSqliteApps, sqliteFile } from './store/sqlite/open.ts';
import type { Store } from './store/store.ts';
import { createMemoryTracker } from './tracker/memory.ts';
import type { Tracker } from './tracker/tracker.ts';

/** Opens the database that the settings name. The driver of another one is not even loaded. */
export async function openStore(config: Config): Promise<Store> {
  if (!isShared(config)) return openSqlite(sqliteFile(config.ROLLCALL_DATABASE));
  const { openPostgres } = await import('./store/postgres/postgres.ts');
  return openPostgres(config.ROLLCALL_DATABASE, { poolSize: config.ROLLCALL_POSTGRES_POOL });
}

/** Opens its apps for an operator's command, beside servers that may be running. */
export async function openAppStore(config: Config): Promise<Store> {
  if (!isShared(config)) return openSqliteApps(sqliteFile(config.ROLLCALL_DATABASE));
  const { openPostgresApps } = await import('./store/postgres/postgres.ts');
  return openPostgresApps(config.ROLLCALL_DATABASE);
}

/** What nodes share besides the database. */
export interface Shared extends AsyncDisposable {
  readonly bus: Bus;
  readonly tracker: Tracker;
}

/** Opens what carries news and presence between nodes; without it both are those of this node alone. */
export async function openShared(config: Config, node: string, log: Logger): Promise<Shared> {
  const times = { leaseMs: config.ROLLCALL_LEASE_MS, graceMs: config.ROLLCALL_GRACE_MS };
  const url = config.ROLLCALL_REDIS;
  if (url === undefined) {
    const bus = createMemoryBus();
    return { bus, tracker: createMemoryTracker(times), [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
  }
  const { openRedis } = await import('./redis/open.ts');
  try {
    return await openRedis(url, { node, times, clock: createClock(0), log, prefix: config.ROLLCALL_REDIS_PREFIX });
  } catch (error) {
    throw new Error(`ROLLCALL_REDIS: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
