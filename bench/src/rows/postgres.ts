import { openPostgres } from '@rollcall/server/store/postgres/postgres';
import { startPostgres, type TestPostgres } from '@rollcall/server/store/postgres/testing';
import { scattered } from '../data/order.ts';
import { distinctPeople } from '../data/people.ts';
import { Child } from '../process/child.ts';
import { API_KEY, API_SECRET, type Rollcall } from '../process/rollcall.ts';
import { alternate } from '../report/compare.ts';
import { rateLine } from '../report/line.ts';
import { enforceUniqueUsernames, range, upsertAll } from './batches.ts';
import type { Bench, Row } from './bench.ts';

const LOOP = new URL('../limit/postgres-process.ts', import.meta.url);
const USERS = 10_000;
const BASE_USERS = 50_000;
const ROUNDS = 5;

/** Large enough that no checkpoint falls into one side's round, and not into the other's. */
export const SETTINGS = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '1h' };

/** Makes a database with Rollcall's tables and the benchmark's app, which has the number 1. */
async function freshDatabase(postgres: TestPostgres, template?: string): Promise<string> {
  const url = await postgres.url(undefined, template);
  if (template !== undefined) return url;
  await using store = await openPostgres(url);
  await store.createApp({ key: API_KEY, secret: API_SECRET, name: 'Bench', createdAt: 1 });
  return url;
}

/** Makes a database that holds the users 0 to `BASE_USERS`, to be copied. */
async function seededDatabase(bench: Bench, postgres: TestPostgres): Promise<string> {
  const url = await freshDatabase(postgres);
  const name = new URL(url).pathname.slice(1);
  {
    await using loop = loopOn(bench, url);
    await loop.ask('insert', 0, BASE_USERS);
  }
  await postgres.run('VACUUM ANALYZE', name);
  await postgres.run('CHECKPOINT');
  return name;
}

const loopOn = (bench: Bench, url: string): Child => new Child({ cores: bench.cores, script: LOOP, arguments: [url] });

const rollcallOn = (bench: Bench, url: string): Promise<Rollcall> =>
  bench.rollcall(bench.file(), { ROLLCALL_DATABASE: url });

/** Row 9: rows 1 and 2 on PostgreSQL. */
export const onPostgres: Row = async (bench) => {
  // On the load's core, as this process is: it leaves the measured process its own, as a machine of its own would.
  await using postgres = await startPostgres({ settings: SETTINGS });
  const seeded = await seededDatabase(bench, postgres);
  const added = await newOnPostgres(bench, postgres);
  await using rollcall = await rollcallOn(bench, await freshDatabase(postgres, seeded));
  await using loop = loopOn(bench, await freshDatabase(postgres, seeded));
  const changed = await alternate(
    (round) => upsertAll(rollcall, scattered(BASE_USERS, round * USERS, USERS), 100 + round),
    async (round) => ({ perSecond: await loop.ask('update', BASE_USERS, round * USERS, USERS, 100 + round) }),
    { measured: ROUNDS },
  );
  const work = 'row 2 on PostgreSQL (limit: one upsert of 100 rows)';
  return [added, rateLine({ row: '9', work, must: 0.5, strive: 0.8 }, 'users', changed)];
};

async function newOnPostgres(bench: Bench, postgres: TestPostgres) {
  await using rollcall = await rollcallOn(bench, await freshDatabase(postgres));
  await using loop = loopOn(bench, await freshDatabase(postgres));
  const compared = await alternate(
    (round) => upsertAll(rollcall, range(round * USERS, USERS)),
    async (round) => ({ perSecond: await loop.ask('insert', round * USERS, USERS) }),
    { measured: ROUNDS },
  );
  const work = 'row 1 on PostgreSQL (limit: one upsert of 100 rows)';
  return rateLine({ row: '9', work, must: 0.5, strive: 0.8 }, 'users', compared);
}

/** Row 10 on PostgreSQL: new users with unique usernames beside new users without. */
export const uniqueOnPostgres: Row = async (bench) => {
  // On the load's core, as this process is: it leaves the measured process its own, as a machine of its own would.
  await using postgres = await startPostgres({ settings: SETTINGS });
  await using unique = await rollcallOn(bench, await freshDatabase(postgres));
  await using plain = await rollcallOn(bench, await freshDatabase(postgres));
  await enforceUniqueUsernames(unique);
  const people = distinctPeople(0, (ROUNDS + 1) * USERS);
  const slice = (round: number): number[] => people.slice(round * USERS, (round + 1) * USERS);
  const compared = await alternate(
    (round) => upsertAll(unique, slice(round)),
    (round) => upsertAll(plain, slice(round)),
    { measured: ROUNDS },
  );
  const work = 'row 10 on PostgreSQL (limit: without)';
  return [rateLine({ row: '10p', work, must: 0.75, strive: 0.9 }, 'users', compared)];
};
