import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { describeStore } from '../contract.ts';
import { makeApp, readOne, refusedAs, upsert } from '../contract-support.ts';
import { WINDOWS } from './finder.ts';
import { openSqlite, openSqliteApps } from './open.ts';
import { WORDS_TIMING } from './words-index.ts';

describeStore('sqlite', async () => openSqlite(':memory:'));
describeStore('sqlite in windows of three', async () =>
  openSqlite(':memory:', { ...WINDOWS, mostSize: 3, ms: 0, queryMs: 60_000 }),
);

describeStore('sqlite with words that wait for ever', async () =>
  openSqlite(':memory:', WINDOWS, { ...WORDS_TIMING, most: 100_000, afterMs: Number.POSITIVE_INFINITY }),
);
describeStore('sqlite with writers who take in the words of few at a time', async () =>
  openSqlite(':memory:', WINDOWS, { ...WORDS_TIMING, most: 3, afterMs: Number.POSITIVE_INFINITY }),
);

describe('sqlite files', () => {
  it('keeps users over a restart, and the folder is made when missing', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'new', 'rollcall.db');
    const app = await (async () => {
      await using store = openSqlite(file);
      const made = await makeApp(store);
      await upsert(store, made.id, [{ id: 'ada', name: 'Ada' }]);
      return made.id;
    })();
    await using store = openSqlite(file);
    assert.equal((await readOne(store, app, 'ada')).name, 'Ada');
  });

  it('may be a link to a file elsewhere', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'disk'));
    const file = join(folder.path, 'rollcall.db');
    await symlink(join(folder.path, 'disk', 'real.db'), file);
    for (const name of ['Ann', 'Ben']) {
      await using store = openSqlite(file);
      const app = (await store.readApps())[0] ?? (await makeApp(store));
      await upsert(store, app.id, [{ id: 'ann', name }], name === 'Ann' ? 1000 : 2000);
      assert.equal((await readOne(store, app.id, 'ann')).name, name);
    }
    assert.ok((await readdir(join(folder.path, 'disk'))).includes('real.db'));
  });

  it('belongs to one server at a time', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await using _first = openSqlite(file);
    assert.throws(() => openSqlite(file), /in use by another Rollcall server/);
  });

  it('belongs to one server at a time, whatever links lead to it', async () => {
    await using folder = await temporaryFolder();
    const [real, linked] = [join(folder.path, 'disk', 'real.db'), join(folder.path, 'linked.db')];
    await mkdir(join(folder.path, 'disk'));
    await symlink(join('disk', 'real.db'), linked);
    await symlink('disk', join(folder.path, 'other'));
    await using _first = openSqlite(linked);
    for (const file of [real, linked, join(folder.path, 'other', 'real.db')])
      assert.throws(() => openSqlite(file), /in use by another Rollcall server/);
  });

  it('is not made by an operator’s command, and what is wrong with a file says which', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'mistyped.db');
    assert.throws(() => openSqliteApps(file), /mistyped\.db: there is no such file: is ROLLCALL_DATABASE set/);
    assert.deepEqual(await readdir(folder.path), []);
    await writeFile(file, 'no database at all, and long enough to be read as none');
    for (const open of [openSqlite, openSqliteApps])
      assert.throws(() => open(file), /mistyped\.db: file is not a database/);
    assert.throws(() => openSqlite(folder.path), /: unable to open database file/);
  });

  it('lets an operator change apps beside a running server, which hears of it', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await using server = openSqlite(file);
    const app = await makeApp(server);
    const version = await server.appsVersion();
    await using operator = openSqliteApps(file);
    await operator.changeApp(app.id, (before) => ({ ...before, suspended: true }));
    assert.notEqual(await server.appsVersion(), version);
    assert.equal((await server.readApps())[0]?.suspended, true);
  });

  it('lets a change of settings undo nothing that an operator wrote meanwhile', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await using server = openSqlite(file);
    const app = await makeApp(server);
    await using operator = openSqliteApps(file);
    await operator.changeApp(app.id, (before) => ({ ...before, suspended: true }));
    const changed = await server.changeApp(app.id, (before) => ({ ...before, name: 'New' }));
    assert.deepEqual([changed.name, changed.suspended], ['New', true]);
  });

  it('answers that it cannot be reached while another process has it, soon and to everybody who waits', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await using store = openSqlite(file);
    const { id: app } = await makeApp(store);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const startedAt = performance.now();
    const results = await Promise.allSettled(['a', 'b', 'c'].map((id) => upsert(store, app, [{ id }])));
    for (const result of results) assert.ok(result.status === 'rejected' && refusedAs('unavailable')(result.reason));
    assert.ok(performance.now() - startedAt < 2000);
    other.exec('ROLLBACK');
    other.close();
    await upsert(store, app, [{ id: 'a' }]);
  });

  it('is for its owner’s eyes only', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'new', 'rollcall.db');
    await using store = openSqlite(file);
    await makeApp(store);
    for (const suffix of ['', '-wal', '.lock']) assert.equal((await stat(file + suffix)).mode & 0o077, 0);
  });

  it('is refused when a newer version wrote it', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await openSqlite(file)[Symbol.asyncDispose]();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 1000');
    db.close();
    assert.throws(() => openSqlite(file), /newer Rollcall/);
  });

  it('keeps the write-ahead log short while it is written to', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await using store = openSqlite(file);
    const { id: app } = await makeApp(store);
    const text = 'x'.repeat(4000);
    let longest = 0;
    for (let round = 0; round < 900; round++) {
      const users = Array.from({ length: 100 }, (_, at) => ({ id: `u${round}-${at}`, custom: { text } }));
      await upsert(store, app, users);
      longest = Math.max(longest, await sizeOf(`${file}-wal`));
    }
    // All in all 360 MB of custom data were written.
    assert.ok(longest < 280_000_000, `the log grew to ${longest} bytes`);
  });
});

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
