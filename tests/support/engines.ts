import { startPostgres, type TestPostgres } from '@rollcall/server/store/postgres/testing';
import { NO_REDIS, type RedisServer, startRedis } from '@rollcall/server/testing-redis';
import { type Link, openLink } from './proxy.ts';

/** A real PostgreSQL and a real Redis, for servers that share them. */
export interface Engines extends AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly redis: RedisServer;
  /** How to reach a fresh database, and the Redis, by links of one server's own. */
  link(database: string): Promise<Links>;
}

/** How one server reaches what it shares with others; each link can be spoilt. */
export interface Links extends AsyncDisposable {
  readonly postgres: Link;
  readonly redis: Link;
  /** The settings that name both by way of these links. */
  readonly env: { readonly ROLLCALL_DATABASE: string; readonly ROLLCALL_REDIS: string };
}

/** Why tests are skipped that need both; false when they can run. */
export type Skip = string | false;

/** Starts both; a PostgreSQL that is not to be killed may be fast. Without a Redis of our own there is a reason to skip instead. */
export async function startEngines({ fast = true } = {}): Promise<{ engines: Engines | undefined; skip: Skip }> {
  const redis = await startRedis();
  if (!redis?.ours) return { engines: undefined, skip: NO_REDIS };
  const postgres = await startPostgres({ fast });
  const engines: Engines = {
    postgres,
    redis,
    link: (database) => link(postgres, redis, database),
    async [Symbol.asyncDispose]() {
      await postgres[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
  return { engines, skip: false };
}

async function link(postgres: TestPostgres, redis: RedisServer, database: string): Promise<Links> {
  const toPostgres = await openLink(postgres.port);
  const toRedis = await openLink(Number(new URL(redis.url).port));
  return {
    postgres: toPostgres,
    redis: toRedis,
    env: { ROLLCALL_DATABASE: toPostgres.through(database), ROLLCALL_REDIS: toRedis.through(redis.url) },
    async [Symbol.asyncDispose]() {
      await toPostgres[Symbol.asyncDispose]();
      await toRedis[Symbol.asyncDispose]();
    },
  };
}
