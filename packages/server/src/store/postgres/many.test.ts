import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import type { Decision } from '@rollcall/domain/change';
import { BLANK, type User, type Users } from '@rollcall/domain/user';
import { force, makeApp, readOne, refusedAs, unique, upsert } from '../contract-support.ts';
import type { Store } from '../store.ts';
import { openPostgres, openPostgresApps } from './postgres.ts';
import { startPostgres, type TestPostgres } from './testing.ts';

const ROUNDS = 20;
const NODES = 4;

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ fast: true });
});
after(() => postgres[Symbol.asyncDispose]());

/** Several nodes on one database, each with connections of its own. */
interface Nodes extends AsyncDisposable {
  readonly nodes: readonly Store[];
  readonly url: string;
}

async function openNodes(count: number): Promise<Nodes> {
  const url = await postgres.url();
  const nodes = await Promise.all(Array.from({ length: count }, () => openPostgres(url)));
  const close = async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
  };
  return { nodes, url, [Symbol.asyncDispose]: close };
}

/** Adds one field to each of some users, whether they exist or not. */
const addField =
  (ids: readonly string[], field: string) =>
  (current: Users): Decision => {
    const write = ids.map((id): User => {
      const user = current.get(id) ?? { ...BLANK, id, createdAt: 1000, updatedAt: 1000 };
      return {
        ...user,
        custom: JSON.stringify({ ...JSON.parse(user.custom), [field]: 1 }),
        updatedAt: user.updatedAt + 1,
      };
    });
    return { write, takes: [], tell: [], reply: write };
  };

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

/** How often transactions waited in a circle. Sessions tell so when they end. */
async function deadlocks({ url, [Symbol.asyncDispose]: close }: Nodes): Promise<number> {
  await close();
  const [[count] = []] = await postgres.run(
    `SELECT deadlocks::int FROM pg_stat_database WHERE datname = '${nameOf(url)}'`,
  );
  return Number(count);
}

describe('many nodes on one PostgreSQL', () => {
  it('lets ten nodes start at once on an empty database', async () => {
    await using many = await openNodes(10);
    const [first, last] = [many.nodes.at(0), many.nodes.at(-1)];
    assert.ok(first && last);
    const { id: app } = await makeApp(first);
    await upsert(first, app, [{ id: 'ada' }]);
    assert.equal((await readOne(last, app, 'ada')).id, 'ada');
  });

  it('loses no field of batches that overlap in any order, first writes included, and nobody waits in a circle', async () => {
    await using many = await openNodes(NODES);
    const [first] = many.nodes;
    assert.ok(first);
    const { id: app } = await makeApp(first);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = Array.from({ length: 30 }, (_, at) => `r${round}-${at}`);
      const fields = new Map(ids.map((id) => [id, [] as string[]]));
      const batches = many.nodes.flatMap((node, at) =>
        Array.from({ length: 10 }, async (_, batch) => {
          const some = shuffled(ids).slice(0, 20);
          for (const id of some) fields.get(id)?.push(`n${at}b${batch}`);
          await node.change(app, some, addField(some, `n${at}b${batch}`));
        }),
      );
      await Promise.all(batches);
      const found = await first.find(app, ids);
      for (const [id, expected] of fields) {
        const custom: object = JSON.parse(found.get(id)?.custom ?? '{}');
        assert.deepEqual(Object.keys(custom).sort(), expected.sort(), `${id} in round ${round}`);
      }
    }
    assert.equal(await deadlocks(many), 0);
  });

  for (const mode of ['app', 'team'] as const) {
    it(`gives each name to one of all who want it on all nodes at once, in batches of any order (${mode})`, async () => {
      await using many = await openNodes(NODES);
      const [first] = many.nodes;
      assert.ok(first);
      const { id: app } = await makeApp(first);
      await unique(first, app, mode);
      for (let round = 0; round < ROUNDS; round += 1) {
        const names = Array.from({ length: 6 }, (_, at) => `Name ${round} ${at}`);
        const batches = many.nodes.flatMap((node, at) =>
          Array.from({ length: 6 }, (_, batch) => {
            const wanted = shuffled(names).slice(0, 2);
            const stated = wanted.map((name, of) => ({ id: `${round}-${at}-${batch}-${of}`, name, teams: ['red'] }));
            return upsert(node, app, stated).then(
              () => wanted,
              (error: unknown) => {
                assert.ok(refusedAs('duplicate_username')(error), String(error));
                return [];
              },
            );
          }),
        );
        const won = (await Promise.all(batches)).flat();
        assert.equal(new Set(won).size, won.length, `no name was given twice in round ${round}`);
        assert.ok(won.length > 0);
      }
      assert.equal(await deadlocks(many), 0);
    });
  }

  it('holds uniqueness on every node from the moment one has answered, beside writers that never rest', async () => {
    await using many = await openNodes(2);
    const [one, two] = many.nodes;
    assert.ok(one && two);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id: app } = await makeApp(one);
      let done = false;
      let made = 0;
      const writer = async (node: Store, lane: number): Promise<void> => {
        while (!done) {
          made += 1;
          await upsert(node, app, [{ id: `${lane}-${made}`, name: `Ann ${made % 3}` }]).catch(passDuplicates);
        }
      };
      const writers = Array.from({ length: 6 }, (_, lane) => writer(lane % 2 === 0 ? one : two, lane));
      await unique(one, app, 'app');
      const holders = await holdersOf(two, app);
      done = true;
      await Promise.all(writers);
      assert.deepEqual(await holdersOf(two, app), raised(holders), `round ${round}`);
    }
  });

  it('hears of an app that another node or an operator changed', async () => {
    await using many = await openNodes(2);
    const [one, two] = many.nodes;
    assert.ok(one && two);
    const version = await two.appsVersion();
    assert.equal(await two.appsVersion(), version);
    const app = await makeApp(one);
    const added = await two.appsVersion();
    assert.notEqual(added, version);
    await using operator = await openPostgresApps(many.url);
    await operator.changeApp(app.id, (known) => ({ ...known, suspended: true, suspendedExplanation: 'ł' }));
    assert.notEqual(await two.appsVersion(), added);
    const [known] = await two.readApps();
    assert.deepEqual([known?.suspended, known?.suspendedExplanation], [true, 'ł']);
  });

  it('makes one app of two that come with one key at once', async () => {
    await using many = await openNodes(NODES);
    const app = { key: 'first', secret: 'secret', name: 'First', createdAt: 1 };
    const made = await Promise.allSettled(many.nodes.map((node) => node.createApp(app)));
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const one of made) if (one.status === 'rejected') assert.ok(refusedAs('input_error')(one.reason));
  });

  it('touches no index when only custom data changes', async () => {
    await using many = await openNodes(1);
    const [node] = many.nodes;
    assert.ok(node);
    const { id: app } = await makeApp(node);
    const ids = Array.from({ length: 500 }, (_, at) => `user-${at}`);
    for (let at = 0; at < 500; at += 100)
      await upsert(
        node,
        app,
        ids.slice(at, at + 100).map((id) => ({ id, name: id })),
      );
    for (let round = 1; round <= 4; round += 1) {
      const some = shuffled(ids).slice(0, 100);
      await upsert(
        node,
        app,
        some.map((id) => ({ id, name: id, custom: { round } })),
        1000 + round,
      );
    }
    await node[Symbol.asyncDispose](); // sessions count when they end
    const { updated, hot } = await updatesOf(many.url, 400);
    assert.ok(hot / updated > 0.9, `${hot} of ${updated} updates touched no index`);
  });

  it('looks users up by their ids from the first batch on, though statements were planned for an empty database', async () => {
    await using many = await openNodes(1);
    const [node] = many.nodes;
    assert.ok(node);
    const { id: app } = await makeApp(node);
    const batches = Array.from({ length: 20 }, (_, batch) =>
      upsert(
        node,
        app,
        Array.from({ length: 100 }, (_, at) => ({ id: `user-${batch}-${at}` })),
      ),
    );
    await Promise.all(batches);
    await node.find(app, ['user-7-7']);
    await node[Symbol.asyncDispose](); // sessions count when they end
    const read = await postgres.run(
      `SELECT indexrelname, idx_scan::int FROM pg_stat_user_indexes WHERE relname = 'app_user' AND idx_scan > 0`,
      nameOf(many.url),
    );
    assert.ok(!read.some(([index]) => index === 'app_user_created'), JSON.stringify(read));
    const [[whole] = []] = await postgres.run(
      `SELECT seq_scan::int FROM pg_stat_user_tables WHERE relname = 'app_user'`,
      nameOf(many.url),
    );
    // As many as there are indexes: each was made by reading the table, which was empty.
    assert.ok(Number(whole) <= 10, `the table was read through ${whole} times`);
  });

  it('knows a user who was written while it read on another connection', async () => {
    await using many = await openNodes(2);
    const [one, two] = many.nodes;
    assert.ok(one && two);
    const { id: app } = await makeApp(one);
    for (let at = 0; at < 200; at += 1) {
      await force(one, app, [{ ...BLANK, id: `user-${at}`, createdAt: 1, updatedAt: 1 }]);
      assert.equal((await two.find(app, [`user-${at}`])).size, 1);
    }
  });
});

function passDuplicates(error: unknown): void {
  if (!refusedAs('duplicate_username')(error)) throw error;
}

/** How many hold each name. */
async function holdersOf(node: Store, app: AppId): Promise<readonly number[]> {
  const count = [0, 0, 0];
  for (const { name } of await node.scan(app, undefined, 100_000)) {
    const at = Number(name?.slice(-1));
    count[at] = (count[at] ?? 0) + 1;
  }
  return count;
}

/** A name that nobody held when uniqueness came may have one holder since. */
const raised = (holders: readonly number[]): readonly number[] => holders.map((count) => Math.max(count, 1));

/** How often users were updated, and how often without an index; told once PostgreSQL has counted so many. */
async function updatesOf(url: string, expected: number): Promise<{ readonly updated: number; readonly hot: number }> {
  for (;;) {
    const [[updated, hot] = []] = await postgres.run(
      `SELECT n_tup_upd::int, n_tup_hot_upd::int FROM pg_stat_user_tables WHERE relname = 'app_user'`,
      nameOf(url),
    );
    if (Number(updated) >= expected) return { updated: Number(updated), hot: Number(hot) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
