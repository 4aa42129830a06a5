import { readdirSync, readFileSync } from 'node:fs';
import type { AppId } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import { openPostgres } from '@rollcall/server/store/postgres/postgres';
import { startPostgres, type TestPostgres } from '@rollcall/server/store/postgres/testing';
import type { Store } from '@rollcall/server/store/store';
import { type Cost, costOf, many, type Used } from './cost.ts';
import { userAt } from './users.ts';

const USERS = 50_000;
const BATCH = 100;
/** How long a tick of the system's clock for processes is, in microseconds. */
const TICK_US = 10_000;
const DATABASE = 'scale';

/** The CPU time of a server and of all its processes, from Linux; 0 elsewhere. */
function cpuOf(postmaster: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [, parent, , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) === postmaster || Number(pid) === postmaster) ticks += Number(user) + Number(system);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * TICK_US;
}

async function usedBy(postgres: TestPostgres): Promise<Used> {
  const [[log, child] = []] = await postgres.run(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'),
    (SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer')`);
  const [, parent] =
    readFileSync(`/proc/${Number(child)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  return { cpuUs: cpuOf(Number(parent)), bytes: Number(log) };
}

/** Writes users as they are. */
function write(store: Store, app: AppId, users: readonly User[]): Promise<unknown> {
  const decision = { write: users, takes: [], tell: [], reply: users };
  return store.change(app, users.map(({ id }) => id), () => decision); // biome-ignore format: one thought
}

/** What users cost in PostgreSQL and in a node, and how many bytes one fills. */
export async function postgresCosts(): Promise<readonly Cost[]> {
  if (process.platform !== 'linux') return [];
  await using postgres = await startPostgres({ settings: { shared_buffers: '512MB' } });
  await using store = await openPostgres(await postgres.url(DATABASE));
  const { id: app } = await store.createApp({ key: 'scale', secret: 'secret', name: 'Scale', createdAt: 1 });
  const used = (): Promise<Used> => usedBy(postgres);
  const batchAt = (first: number) => Array.from({ length: BATCH }, (_, at) => userAt(first + at));
  const costs = [
    await costOf('a new user, in a batch of 100', USERS, used, () =>
      many(USERS / BATCH, 8, (at) => write(store, app, batchAt(at * BATCH))),
    ),
  ];
  await postgres.run('ANALYZE', DATABASE);
  const [[bytes] = []] = await postgres.run("SELECT pg_total_relation_size('app_user')", DATABASE);
  const someone = (at: number): number => (at * 7919) % USERS;
  const each = async (work: string, count: number, one: (at: number) => Promise<unknown>): Promise<void> => {
    await many(count / 10, 64, one);
    costs.push(await costOf(work, count, used, () => many(count, 64, one)));
  };
  await each(`a read of one (a user fills ${Math.round(Number(bytes) / USERS)} bytes)`, 10_000, (at) =>
    store.find(app, [userAt(someone(at)).id]),
  );
  await each('a change of one', 4000, (at) => write(store, app, [userAt(someone(at), 100 + (at % 100), at)]));
  await each('a new user, alone', 4000, (at) => write(store, app, [userAt(USERS + at)]));
  return costs;
}
