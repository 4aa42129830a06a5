import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { openSqlite } from '../store/sqlite/open.ts';
import { type Hear, move } from './move.ts';
import { everythingIn, furnish, userAt } from './testing.ts';
import { runMove } from './testing-command.ts';

const USERS = 4000;

let folder: string;
let from: string;
let held: readonly string[];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-move-'));
  from = join(folder, 'from.db');
  await using store = openSqlite(from);
  await furnish(store, USERS);
  held = await everythingIn(store);
});
after(() => rm(folder, { recursive: true, force: true }));

const inFile = async (file: string): Promise<readonly string[]> => {
  await using store = openSqlite(file);
  return await everythingIn(store);
};

const QUIET: Hear = { begin() {}, did() {}, say() {} };

/** Moves until so many users were written, and dies of an error. */
async function moveUntil(to: string, stopAt: number, source = from): Promise<void> {
  await using one = openSqlite(source);
  await using other = openSqlite(to);
  let written = 0;
  let writing = false;
  const hear: Hear = {
    ...QUIET,
    begin(what) {
      writing = what.startsWith('Moving');
    },
    did(users) {
      if (writing) written += users;
      if (written >= stopAt) throw new Error('the disk is full');
    },
  };
  await assert.rejects(move(one, other, hear), /the disk is full/);
}

/** Changes one user of the first app. */
async function changeOne(file: string): Promise<void> {
  await using store = openSqlite(file);
  const [app] = await store.readApps();
  assert.ok(app);
  const changed = { ...userAt(77), custom: '{"changed":true}' };
  await store.change(app.id, [changed.id], () => ({ write: [changed], takes: [], tell: [], reply: [] }));
}

/** Copies a database as the page on operations says. */
function backUp(file: string, to: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  db.exec(`VACUUM INTO '${to}'`);
  db.close();
}

const toward = (to: string, source = from): string[] => ['--from', `sqlite:${source}`, '--to', `sqlite:${to}`];

describe('an operator who moves a database', () => {
  it('finds everything in the new one: apps, settings, users of every state, times and order', async () => {
    const to = join(folder, 'whole.db');
    const { code, out, errors } = await runMove(toward(to));
    assert.equal(code, 0, errors);
    assert.match(out, /Première app ✨ \(first\): 4,000 users, checksum [\da-f]{16} on both sides/);
    assert.match(out, /Nobody here \(empty\): 0 users/);
    assert.match(out, /Done: 4,003 users written, and both sides are the same/);
    assert.doesNotMatch(out + errors, /sécret|secret-/);
    assert.equal(held.length, USERS + 6);
    assert.deepEqual(await inFile(to), held);
    assert.deepEqual(await inFile(from), held, 'the source is as it was');
  });

  it('reads that there is nothing to do when everything is there', async () => {
    const to = join(folder, 'twice.db');
    assert.equal((await runMove(toward(to))).code, 0);
    const { code, out } = await runMove(toward(to));
    assert.equal(code, 0);
    assert.match(out, /Everything was there already: nothing was written/);
    assert.deepEqual(await inFile(to), held);
  });

  it('goes on after kill -9 at any point, and ends with the same', async (test) => {
    const whole = join(folder, 'measured.db');
    assert.equal((await runMove(toward(whole))).code, 0);
    const { size } = statSync(whole);
    let kills = 0;
    for (let life = 0; life < 4; life += 1) {
      const to = join(folder, `killed-${life}.db`);
      // In the middle of the work, which the growing log tells; and then at any moment at all.
      const log = size * (0.1 + 0.8 * Math.random());
      const first = await runMove(toward(to), () => existsSync(`${to}-wal`) && statSync(`${to}-wal`).size > log);
      const endsAt = performance.now() + 200 + 400 * Math.random();
      const second = await runMove(toward(to), () => performance.now() > endsAt);
      kills += [first, second].filter(({ code }) => code === null).length;
      const { code, errors } = await runMove(toward(to));
      assert.equal(code, 0, errors);
      assert.deepEqual(await inFile(to), held);
    }
    test.diagnostic(`killed ${kills} times`);
    assert.ok(kills >= 4, 'it was killed on its way');
  });

  it('goes on from where it stopped, wherever that was', async () => {
    for (const stopAt of [1, 499, 2600, USERS + 1]) {
      const to = join(folder, `stopped-${stopAt}.db`);
      await moveUntil(to, stopAt);
      await using source = openSqlite(from);
      await using target = openSqlite(to);
      for (const { key, suspended } of await target.readApps())
        assert.ok(suspended, `nobody is served from ${key} yet`);
      const { equal } = await move(source, target, QUIET);
      assert.ok(equal);
      assert.deepEqual(await everythingIn(target), held);
    }
  });

  it('goes on when it died right after it made an app', async () => {
    const to = join(folder, 'half.db');
    {
      await using target = openSqlite(to);
      const { key, secret, name, createdAt } = {
        key: 'first',
        secret: 'sécret-1 "quoted"',
        name: 'Première app ✨',
        createdAt: 5,
      };
      await target.createApp({ key, secret, name, createdAt });
    }
    const { code, errors } = await runMove(toward(to));
    assert.equal(code, 0, errors);
    assert.deepEqual(await inFile(to), held);
  });

  it('is told so, and by which user, when the two sides differ in the end', async () => {
    const to = join(folder, 'differs.db');
    assert.equal((await runMove(toward(to))).code, 0);
    await changeOne(to);
    const { code, out } = await runMove(toward(to));
    assert.equal(code, 3);
    assert.match(out, /the first that differs is @User-77/);
    assert.match(
      out,
      /was not touched: it changed since, here or there\. To move it again, begin with an empty target/,
    );
  });

  it('begins anew when the source changed between two runs', async () => {
    const [source, to] = [join(folder, 'moving.db'), join(folder, 'moved.db')];
    assert.equal((await runMove(toward(source))).code, 0);
    await moveUntil(to, 2000, source);
    {
      await using store = openSqlite(source);
      const [app] = await store.readApps();
      assert.ok(app);
      const changed = { ...userAt(3), custom: '{"changed":true}', updatedAt: 99_999 };
      await store.change(app.id, [changed.id], () => ({ write: [changed], takes: [], tell: [], reply: [] }));
    }
    const { code, errors } = await runMove(toward(to, source));
    assert.equal(code, 0, errors);
    assert.deepEqual(await inFile(to), await inFile(source));
  });
});

describe('an operator who asks whether a backup is whole', () => {
  const compare = (to: string) => runMove([...toward(to), '--compare']);
  const contents = (file: string) => [readFileSync(file), statSync(file).mode];

  it('reads that it is, and no byte of it is changed', async () => {
    const to = join(folder, 'backup.db');
    backUp(from, to);
    chmodSync(to, 0o400);
    const before = contents(to);
    const { code, out, errors } = await compare(to);
    assert.equal(code, 0, errors);
    assert.match(out, /\(first\): 4,000 users, checksum [\da-f]{16} on both sides\n.*Both sides are the same\.\n$/s);
    assert.deepEqual(contents(to), before);
    assert.ok(!existsSync(`${to}.lock`));
  });

  it('reads what it lacks, and nothing is filled in', async () => {
    const to = join(folder, 'old-backup.db');
    const newer = join(folder, 'newer.db');
    backUp(from, to);
    backUp(from, newer);
    await changeOne(newer);
    {
      await using store = openSqlite(newer);
      await store.createApp({ key: 'new', secret: 's', name: 'Newcomer', createdAt: 10 });
    }
    const before = contents(to);
    const { code, out } = await runMove([...toward(to, newer), '--compare']);
    assert.equal(code, 3);
    assert.match(out, /\(first\): 4,000 users, and 4,000 in the target; the first that differs is @User-77/);
    assert.match(out, /\(second\): 3 users, checksum/);
    assert.match(out, /Newcomer \(new\): 0 users, and the target has no such app/);
    assert.match(out, /The two sides are not the same\. Nothing was written\./);
    assert.deepEqual(contents(to), before);
    const other = await runMove([...toward(newer, to), '--compare']);
    assert.match(other.out, /Newcomer \(new\): 0 users, which are in the target only/);
  });

  it('is told when it is not there, or nothing', async () => {
    const missing = await compare(join(folder, 'bakcup.db'));
    assert.equal(missing.code, 1);
    assert.match(missing.errors, /there is no file .*bakcup\.db/);
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    const { code, errors } = await compare(empty);
    assert.equal(code, 1);
    assert.match(errors, /empty\.db: another release of Rollcall wrote it, or nobody/);
    assert.equal(readFileSync(empty).length, 0);
  });
});

describe('an operator who made a mistake', () => {
  it('is refused a target that holds something else, and nothing of it is touched', async () => {
    const to = join(folder, 'other.db');
    {
      await using store = openSqlite(to);
      await store.createApp({ key: 'other', secret: 's', name: 'Somebody else', createdAt: 1 });
    }
    const before = await inFile(to);
    const { code, errors } = await runMove(toward(to));
    assert.equal(code, 1);
    assert.match(errors, /the target holds the app "Somebody else" \(other\), which the source has not/);
    assert.deepEqual(await inFile(to), before);
  });

  it('is refused an app of the same key that no move made', async () => {
    const to = join(folder, 'same-key.db');
    {
      await using store = openSqlite(to);
      await store.createApp({ key: 'first', secret: 'another', name: 'Mine', createdAt: 1 });
    }
    const { code, errors } = await runMove(toward(to));
    assert.equal(code, 1);
    assert.match(errors, /already, and not as this move left it: nothing was changed/);
  });

  it('is refused a source that is not there, one that a server has, and one that is the target', async () => {
    const missing = await runMove(toward(join(folder, 'x.db'), join(folder, 'missing.db')));
    assert.equal(missing.code, 1);
    assert.match(missing.errors, /there is no file/);
    assert.match((await runMove(toward(from))).errors, /are the same database/);
    const served = openSqlite(from);
    try {
      const { code, errors } = await runMove(toward(join(folder, 'y.db')));
      assert.equal(code, 1);
      assert.match(errors, /in use by another Rollcall server/);
    } finally {
      await served[Symbol.asyncDispose]();
    }
  });

  it('reads how it is used', async () => {
    for (const flags of [[], ['--from', 'sqlite:a'], ['--what']]) {
      const { code, errors } = await runMove(flags);
      assert.equal(code, 2);
      assert.match(errors, /Usage: npm run move/);
    }
    const { code, errors } = await runMove(['--from', 'mysql://root:hunter2@host/db', '--to', 'sqlite:b.db']);
    assert.equal(code, 1);
    assert.match(errors, /expects sqlite:FILE or postgres/);
    assert.doesNotMatch(errors, /hunter2/);
    assert.equal((await runMove(['--help'])).code, 0);
  });
});
