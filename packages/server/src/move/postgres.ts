import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { readAddress } from '../store/postgres/address.ts';
import { openPostgres } from '../store/postgres/postgres.ts';
import type { OpenSide } from './database.ts';
import { MoveRefused } from './move.ts';

/** Few connections: one writes, others read on meanwhile. */
const POOL = 3;
/** What a killed process left is noticed by PostgreSQL within a second or so. */
const GONE_MS = 5000;
const LOOK_EVERY_MS = 200;

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended('rollcall move', 0)) AS free`;
// The sessions of this process come later: whoever is there now is somebody else.
const OTHERS = `SELECT count(*)::int AS others FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`;

/**
 * Opens a PostgreSQL database for a move. No server may use it meanwhile: one that does is seen by the name of its sessions. A lock
 * that lasts as long as this process keeps a second move away.
 */
export async function openPostgresSide(url: string): Promise<OpenSide> {
  const { applicationName, ...address } = readAddress(url);
  const guard = new pg.Client({
    ...address,
    application_name: `${applicationName} move`,
    connectionTimeoutMillis: GONE_MS,
  });
  // A guard that is lost is told of by the store, which is lost with it.
  guard.on('error', () => {});
  await guard.connect();
  try {
    await alone(guard, applicationName);
    const store = await openPostgres(url, { poolSize: POOL });
    return {
      store,
      // Until it has looked at what is in its tables, PostgreSQL reads a hundred times what a query needs.
      settle: async () => void (await guard.query('ANALYZE')),
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await guard.end();
      },
    };
  } catch (error) {
    await guard.end();
    throw error;
  }
}

/** Waits until nobody else is there, for a while. */
async function alone(guard: pg.Client, applicationName: string): Promise<void> {
  for (const endsAt = performance.now() + GONE_MS; ; await pause(LOOK_EVERY_MS)) {
    const [lock] = (await guard.query<{ free: boolean }>(LOCK)).rows;
    const [seen] = (await guard.query<{ others: number }>(OTHERS, [applicationName])).rows;
    const others = seen?.others ?? 0;
    if (lock?.free && others === 0) return;
    if (performance.now() < endsAt) continue;
    if (!lock?.free) throw new MoveRefused('another move uses the PostgreSQL database');
    throw new MoveRefused(
      `a server uses the PostgreSQL database (${others} sessions named ${applicationName}): stop it first`,
    );
  }
}
