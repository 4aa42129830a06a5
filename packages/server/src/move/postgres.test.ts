import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openPostgres } from '../store/postgres/postgres.ts';
import { startPostgres, type TestPostgres } from '../store/postgres/testing.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { everythingIn, furnish } from './testing.ts';
import { runMove } from './testing-command.ts';

const USERS = 3000;

let folder: string;
let from: string;
let held: readonly string[];
let postgres: TestPostgres;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-move-'));
  from = join(folder, 'from.db');
  postgres = await startPostgres({ fast: true });
  await using store = openSqlite(from);
  await furnish(store, USERS);
  held = await everythingIn(store);
});
after(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const inPostgres = async (url: string): Promise<readonly string[]> => {
  await using store = await openPostgres(url, { poolSize: 3 });
  return await everythingIn(store);
};

describe('an operator for whom one machine is not enough', () => {
  it('moves from SQLite to PostgreSQL and back, and nothing is lost or changed', async () => {
    const url = await postgres.url();
    const there = await runMove(['--from', `sqlite:${from}`, '--to', url]);
    assert.equal(there.code, 0, there.errors);
    assert.match(there.out, /3,003 users written, and both sides are the same/);
    assert.doesNotMatch(there.out + there.errors, new RegExp(new URL(url).password));
    assert.deepEqual(await inPostgres(url), held);
    const [[known] = []] = await postgres.run("SELECT reltuples FROM pg_class WHERE relname = 'app_user'", nameOf(url));
    assert.equal(Number(known), USERS + 3, 'what plans queries knows how much there is');
    const back = join(folder, 'back.db');
    const again = await runMove(['--from', url, '--to', `sqlite:${back}`]);
    assert.equal(again.code, 0, again.errors);
    await using store = openSqlite(back);
    assert.deepEqual(await everythingIn(store), held);
  });

  it('goes on after kill -9 on the way', async (test) => {
    const url = await postgres.url();
    let kills = 0;
    for (let at = 1; at <= 4; at += 1) {
      const written = async () => Number((await postgres.run('SELECT count(*) FROM app_user', nameOf(url)))[0]?.[0]);
      const { code } = await runMove(['--from', `sqlite:${from}`, '--to', url], async () =>
        written().then(
          (users) => users >= at * 500,
          () => false,
        ),
      );
      if (code === null) kills += 1;
    }
    test.diagnostic(`killed ${kills} times`);
    assert.ok(kills >= 2);
    const { code, errors } = await runMove(['--from', `sqlite:${from}`, '--to', url]);
    assert.equal(code, 0, errors);
    assert.deepEqual(await inPostgres(url), held);
  });

  it('is refused while a server uses the database', async () => {
    const url = await postgres.url();
    await using _ = await openPostgres(url, { poolSize: 2 });
    const { code, errors } = await runMove(['--from', `sqlite:${from}`, '--to', url]);
    assert.equal(code, 1);
    assert.match(errors, /a server uses the PostgreSQL database .*: stop it first/);
  });

  it('reads why, without a password, when PostgreSQL is not there', async () => {
    const { code, errors } = await runMove([
      '--from',
      `sqlite:${from}`,
      '--to',
      'postgres://me:hunter2@127.0.0.1:9/none',
    ]);
    assert.equal(code, 1);
    assert.match(errors, /Could not move: .*ECONNREFUSED/);
    assert.doesNotMatch(errors, /hunter2/);
  });
});

const nameOf = (url: string): string => new URL(url).pathname.slice(1);
