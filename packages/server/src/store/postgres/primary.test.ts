import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeApp, readOne, refusedAs, upsert } from '../contract-support.ts';
import { openPostgres } from './postgres.ts';
import { startPostgres, type TestPostgres } from './testing.ts';

const away = refusedAs('unavailable');
const OTHERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ fast: true });
});
after(() => postgres[Symbol.asyncDispose]());

/** Does something until it is not refused any more, for a while. */
async function inTheEnd(work: () => Promise<unknown>): Promise<void> {
  for (let left = 100; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      assert.ok(away(error) && left > 0, String(error));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('a database that takes no writes for a while', () => {
  it('is written to again once it takes writes, without a restart', async () => {
    const url = await postgres.url('closed');
    await using store = await openPostgres(url, { poolSize: 4 });
    const { id: app } = await makeApp(store);
    const write = (id: string) => upsert(store, app, [{ id }]);
    await write('before');
    await postgres.run('ALTER DATABASE closed SET default_transaction_read_only = on');
    await postgres.run(OTHERS, 'closed');
    for (let at = 0; at < 6; at += 1) await assert.rejects(write('meanwhile'), away);
    await readOne(store, app, 'before');
    await postgres.run('ALTER DATABASE closed SET default_transaction_read_only = off');
    await inTheEnd(() => write('after'));
    assert.deepEqual([...(await store.find(app, ['meanwhile', 'after'])).keys()], ['after']);
  });

  it('is not asked while it is a standby, whose answers may be old, and is used once it is the primary', async () => {
    await using moved = await startPostgres({ fast: true });
    const url = await moved.url();
    await using store = await openPostgres(url);
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }]);
    const [[folder] = []] = await moved.run('SHOW data_directory');
    await moved.stop();
    await writeFile(join(String(folder), 'standby.signal'), '');
    const promoted = moved.start(); // which answers once it takes writes
    while (!(await moved.run('SELECT 1').catch(() => undefined))) await new Promise((go) => setTimeout(go, 50));
    await assert.rejects(store.find(app, ['ada']), away);
    await assert.rejects(store.ready(), away);
    await assert.rejects(upsert(store, app, [{ id: 'bob' }]), away);
    await assert.rejects(openPostgres(url), /takes no writes: name the primary, not a standby/);
    await moved.run('SELECT pg_promote()');
    await promoted;
    await inTheEnd(() => upsert(store, app, [{ id: 'bob' }]));
    await readOne(store, app, 'ada');
  });
});

describe('large batches', () => {
  it('are refused beyond what memory should hold, and all others are served', async () => {
    await using store = await openPostgres(await postgres.url());
    const { id: app } = await makeApp(store);
    const batches = Array.from({ length: 150 }, (_, batch) =>
      upsert(
        store,
        app,
        Array.from({ length: 100 }, (__, at) => ({ id: `${batch}-${at}` })),
      ),
    );
    const results = await Promise.allSettled(batches);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    assert.equal(refused.length, 50);
    assert.ok(refused.every(away));
    await upsert(store, app, [{ id: 'after' }]);
  });
});
