import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { move } from '@rollcall/server/move/move';
import { openPostgres } from '@rollcall/server/store/postgres/postgres';
import { startPostgres, type TestPostgres } from '@rollcall/server/store/postgres/testing';
import { openSqlite } from '@rollcall/server/store/sqlite/open';
import { keptFolder, removeOutdated } from '../limit/cache.ts';
import { API_KEY, API_SECRET, type Rollcall } from '../process/rollcall.ts';
import type { Bench } from '../rows/bench.ts';
import { SETTINGS } from '../rows/postgres.ts';

const DATABASE = 'bench';
/** Says that the folder beside it was filled to the end. */
const WHOLE = '.whole';

/**
 * Starts Rollcall on a PostgreSQL that holds so many users, the same that the SQLite database of that size holds. It is filled
 * once, by a move from there, and kept for later runs.
 */
export async function rollcallOnCrowdedPostgres(bench: Bench, users: number): Promise<Rollcall> {
  const folder = keptFolder(users);
  await using owned = new AsyncDisposableStack();
  if (!existsSync(`${folder}${WHOLE}`)) {
    removeOutdated(users, folder);
    rmSync(folder, { recursive: true, force: true });
  }
  const postgres = owned.use(await startPostgres({ kept: folder, settings: SETTINGS }));
  if (!existsSync(`${folder}${WHOLE}`)) {
    await fill(bench, postgres, users);
    writeFileSync(`${folder}${WHOLE}`, '');
  }
  const database = await copyOf(postgres);
  owned.defer(async () => void (await postgres.run(`DROP DATABASE "${database}" WITH (FORCE)`)));
  const rollcall = owned.use(await bench.rollcall(bench.file(), { ROLLCALL_DATABASE: postgres.urlOf(database) }));
  const running = owned.move();
  return { child: rollcall.child, port: rollcall.port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function fill(bench: Bench, postgres: TestPostgres, users: number): Promise<void> {
  await using from = openSqlite(await bench.crowdedFile(users));
  await from.createApp({ key: API_KEY, secret: API_SECRET, name: 'Bench', createdAt: 1 });
  await using to = await openPostgres(await postgres.url(DATABASE));
  const { equal } = await move(from, to, { begin: () => {}, did: () => {}, say: () => {} });
  if (!equal) throw new Error('what was moved differs');
  await postgres.run('VACUUM ANALYZE', DATABASE);
  await postgres.run('CHECKPOINT');
}

/** A database of its own, so that what is measured changes nothing that is kept. */
async function copyOf(postgres: TestPostgres): Promise<string> {
  const database = 'measured';
  await postgres.run(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
  await postgres.run(`CREATE DATABASE "${database}" TEMPLATE "${DATABASE}" STRATEGY FILE_COPY`);
  return database;
}
