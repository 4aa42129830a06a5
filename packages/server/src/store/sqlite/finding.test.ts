import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { type AppId, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { compareUsers, type Filter, placeInOrder, type Query, totalOrder } from '@rollcall/domain/filter';
import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { declare, EVERYBODY, force, indexed, makeApp, readOne, upsert } from '../contract-support.ts';
import type { Store } from '../store.ts';
import { WINDOWS } from './finder.ts';
import { openSqlite } from './open.ts';
import { INSERT_COLUMNS, insertValues } from './rows.ts';
import { WORDS_TIMING } from './words-index.ts';

/** Windows so small that whatever no index serves takes many. */
const SMALL = { ...WINDOWS, mostSize: 4, ms: 0, queryMs: 60_000 };

/** Words that nobody takes in. */
const WAITING = { ...WORDS_TIMING, most: 100_000, afterMs: Number.POSITIVE_INFINITY };

const aged = (value: number): Filter => ({ op: '$eq', field: { path: ['age'] }, value });
const named = (word: string): Filter => ({ op: '$autocomplete', field: 'name', words: [word] });

async function idsOf(store: Store, app: AppId, filter: Filter): Promise<readonly string[]> {
  const { users } = await store.query(app, { ...EVERYBODY, filter });
  return users.map(({ id }) => id);
}

for (const held of [20_000, 100])
  it(`a database from before there was an index of words (held: ${held}) is found through at once, and its words are taken in`, async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rollcall.db');
    await makeOldDatabase(file, 700);
    const app = 1 as AppId; // the only one
    await using store = openSqlite(file, WINDOWS, { ...WORDS_TIMING, held });
    assert.equal((await idsOf(store, app, named('ann'))).length, 350);
    await upsert(store, app, [{ id: 'u699', name: 'Zed' }], 5000);
    await upsert(store, app, [{ id: 'new', name: 'Ann' }], 6000);
    while (!isFilled(file)) {
      assert.equal((await idsOf(store, app, named('ann'))).length, 351);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await idsOf(store, app, named('ann'))).length, 351);
    assert.deepEqual(await idsOf(store, app, named('zed')), ['u699']);
  });

it('words that were waiting when the server stopped are found by the next one at once, and taken in', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'rollcall.db');
  const app = await (async () => {
    await using store = openSqlite(file, WINDOWS, { ...WAITING, most: 100 });
    const { id } = await makeApp(store);
    for (let at = 0; at < 400; at += 50) {
      await upsert(store, id, peopleFrom(at, 50), 1000 + at);
    }
    // Of these some are in the index, and some are not.
    assert.ok(position(file) > 0 && position(file) < 400);
    await upsert(
      store,
      id,
      [0, 1, 399].map((at) => ({ id: `u${at}`, name: 'Zoe Quick' })),
      5000,
    );
    await force(store, id, [{ ...(await readOne(store, id, 'u2')), deletedAt: 6000 }]);
    await force(store, id, [{ ...(await readOne(store, id, 'u3')), deactivatedAt: 6000 }]);
    return id;
  })();
  assert.ok(!isFilled(file));
  await using store = openSqlite(file);
  const asExpected = async () => {
    assert.deepEqual(await idsOf(store, app, named('quick')), ['u399', 'u1', 'u0']);
    assert.equal((await idsOf(store, app, named('ann'))).length, 395);
    const { users } = await store.query(app, { ...EVERYBODY, filter: named('ann'), includeDeactivated: true });
    assert.equal(users.length, 396);
  };
  await asExpected();
  while (!isFilled(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  await asExpected();
  assert.equal(count(file, 'words_waiting'), 0);
});

it('a hundred users who change their names at once are found by the new ones, and by no old one', async () => {
  await using store = openSqlite(
    ':memory:',
    { ...WINDOWS, queryMs: 60_000 },
    { ...WORDS_TIMING, most: 40, afterMs: 1 },
  );
  const { id: app } = await makeApp(store);
  for (let at = 0; at < 1000; at += 100) await upsert(store, app, peopleFrom(at, 100), 1000 + at);
  const one = async (at: number) => {
    const id = `u${at * 7}`;
    for (const name of ['Bea', 'Cyd', 'Dora']) {
      await upsert(store, app, [{ id, name: `${name} ${at}x` }], 5000);
      assert.deepEqual(await idsOf(store, app, named(`${at}x`)), [id]);
      assert.ok((await idsOf(store, app, named(name.toLowerCase()))).includes(id));
      assert.ok(!(await idsOf(store, app, named('ann'))).includes(id));
    }
  };
  await Promise.all(Array.from({ length: 100 }, (_, at) => one(at)));
  assert.deepEqual(await idsOf(store, app, named('bea')), []);
  assert.equal((await idsOf(store, app, named('dora'))).length, 100);
  assert.equal((await idsOf(store, app, named('ann'))).length, 900);
});

it('words of a change that was undone are not found, and those that waited before still are', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'rollcall.db');
  await using store = openSqlite(file, WINDOWS, WAITING);
  const { id: app } = await makeApp(store);
  await upsert(store, app, peopleFrom(0, 10));
  const lost = { ...userOf('lost', { name: 'Lost' }), role: undefined } as unknown as User; // which no database takes
  await assert.rejects(force(store, app, [userOf('half', { name: 'Half' }), lost]));
  assert.deepEqual(await idsOf(store, app, named('half')), []);
  await upsert(store, app, [{ id: 'next', name: 'Next Ann' }]);
  assert.equal((await idsOf(store, app, named('ann'))).length, 11);
  assert.equal(position(file), 0);
});

it('no more words wait than should, however fast users come', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'rollcall.db');
  await using store = openSqlite(file, WINDOWS, { ...WAITING, most: 200 });
  const { id: app } = await makeApp(store);
  const batches = Array.from({ length: 40 }, (_, at) => upsert(store, app, peopleFrom(at * 50, 50), 1000));
  await Promise.all(batches);
  assert.ok(position(file) >= 2000 - 300, `up to ${position(file)} were taken in`);
  assert.equal((await idsOf(store, app, named('ann'))).length, 1000);
});

it('users who tie in a declared field come in the order of their ids, page by page, few or many', async () => {
  await using store = openSqlite(':memory:');
  const { id: app } = await makeApp(store);
  await declare(store, app, ['day', 'odd']);
  const order = Array.from({ length: 3000 }, (_, at) => (at * 1777) % 3000);
  for (let at = 0; at < 3000; at += 100) {
    const people = order.slice(at, at + 100).map((number) => ({
      id: `u${String(number).padStart(4, '0')}`,
      custom: { day: `day ${Math.floor(number / 250)}`, odd: number % 2 === 1 },
    }));
    await upsert(store, app, people, 1000 + at);
  }
  for (const field of ['day', 'odd'])
    for (const direction of [1, -1] as const) {
      const sort = totalOrder([{ field: { path: [field] }, direction }]);
      const all = await pagesOf(store, app, { ...EVERYBODY, sort, limit: 70 });
      const expected = [
        ...(
          await store.find(
            app,
            all.map(({ id }) => id),
          )
        ).values(),
      ].sort((a, b) => compareUsers(sort, a, b));
      assert.equal(expected.length, 3000);
      assert.deepEqual(
        all.map(({ id }) => id),
        expected.map(({ id }) => id),
      );
    }
});

it('an index that was being made when the server stopped is made to its end by the next one', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'rollcall.db');
  const app = await (async () => {
    await using store = openSqlite(file);
    const { id } = await makeApp(store);
    for (let at = 0; at < 3000; at += 100) {
      const people = Array.from({ length: 100 }, (_, more) => ({ id: `u${at + more}`, custom: { age: more } }));
      await upsert(store, id, people, 1000 + at);
    }
    await indexed(store, id, ['age']);
    return id;
  })();
  await using store = openSqlite(file);
  await declare(store, app, ['age']);
  assert.equal((await idsOf(store, app, aged(7))).length, 30);
});

it('an index that is no longer declared leaves nothing behind', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'rollcall.db');
  await using store = openSqlite(file);
  const { id: app } = await makeApp(store);
  await upsert(
    store,
    app,
    Array.from({ length: 100 }, (_, at) => ({ id: `u${at}`, custom: { age: at, tags: ['a', 'b'] } })),
  );
  await declare(store, app, ['age', 'tags']);
  assert.equal(count(file, 'field_value'), 400);
  await indexed(store, app, []);
  while (count(file, 'field_index') > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(count(file, 'field_value'), 0);
});

it('a query that takes too long is refused, and says which field to declare', async () => {
  await using store = openSqlite(':memory:', { ...SMALL, quickMs: 0, queryMs: 0 });
  const { id: app } = await makeApp(store);
  await addMany(store, app);
  const tooSlow = (filter: Filter) => store.query(app, { ...EVERYBODY, filter }).catch((error: unknown) => error);
  assert.match(String(await tooSlow(aged(-1))), /longer than 0 s: declare "age" in indexed_fields/);
  const city: Filter = { op: '$eq', field: { path: ['address', 'city'] }, value: 'x' };
  const older: Filter = { op: '$gt', field: { path: ['age'] }, value: 1000 };
  assert.match(String(await tooSlow({ op: 'and', filters: [older, city] })), /declare "address.city"/);
  assert.match(String(await tooSlow({ op: '$eq', field: 'image', value: 'x' })), /: ask for fewer users, or sort by/);
  await declare(store, app, ['age']);
  assert.deepEqual(await idsOf(store, app, aged(-1)), []);
});

it('an answer that was long in coming names the field whose index would have helped', async () => {
  await using store = openSqlite(':memory:', { ...SMALL, slowMs: 0 });
  const { id: app } = await makeApp(store);
  await addMany(store, app);
  assert.equal((await store.query(app, { ...EVERYBODY, filter: aged(-1) })).walked, 'age');
  const sort = totalOrder([{ field: { path: ['age'] }, direction: 1 }]);
  assert.equal((await store.query(app, { ...EVERYBODY, sort, limit: 1 })).walked, 'age');
  assert.equal((await store.query(app, { ...EVERYBODY, limit: 1 })).walked, undefined);
  await declare(store, app, ['age']);
  assert.equal((await store.query(app, { ...EVERYBODY, filter: aged(-1) })).walked, undefined);
});

it('others are served while a query is on its long way', async () => {
  await using store = openSqlite(':memory:', SMALL);
  const { id: app } = await makeApp(store);
  await addMany(store, app);
  let walking = true;
  const walk = Promise.all([-1, -2, -3].map((age) => idsOf(store, app, aged(age)))).finally(() => {
    walking = false;
  });
  let served = 0;
  while (walking) {
    await idsOf(store, app, { op: '$eq', field: 'id', value: 'u7' });
    served += 1;
  }
  assert.deepEqual(await walk, [[], [], []]);
  assert.ok(served > 100, `${served} were served`);
});

it('users that came with times of their own are found in the order of these', async () => {
  await using store = openSqlite(':memory:');
  const { id: app } = await makeApp(store);
  await force(
    store,
    app,
    [5, 3, 9, 1].map((createdAt) => userOf(`u${createdAt}`, { name: 'Ann', createdAt, teams: ['red'] })),
  );
  for (const filter of [named('a'), { op: '$in', field: 'teams', values: ['red'] } as const]) {
    assert.deepEqual(await idsOf(store, app, filter), ['u9', 'u5', 'u3', 'u1']);
  }
});

const peopleFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `u${first + at}`, name: `Ann ${first + at}` }));

/** All users of a query, by its cursors. */
async function pagesOf(store: Store, app: AppId, query: Query): Promise<readonly User[]> {
  const all: User[] = [];
  for (;;) {
    const last = all.at(-1);
    const { users } = await store.query(app, { ...query, after: last && placeInOrder(query.sort, last) });
    all.push(...users);
    if (users.length < query.limit) return all;
  }
}

async function addMany(store: Store, app: AppId): Promise<void> {
  for (let at = 0; at < 4000; at += 100) {
    const people = Array.from({ length: 100 }, (_, more) => ({ id: `u${at + more}`, custom: { age: more } }));
    await upsert(store, app, people, 1000 + at);
  }
}

const userOf = (id: string, said: Partial<User>): User => ({
  ...BLANK,
  id,
  createdAt: 1000,
  updatedAt: 1000,
  nameKey: nameKey(said.name ?? ''),
  ...said,
});

/** A database as the first version left it. */
async function makeOldDatabase(file: string, users: number): Promise<void> {
  const db = new DatabaseSync(file);
  db.exec(await readFile(new URL('./migrations/0001-users.sql', import.meta.url), 'utf8'));
  db.exec('PRAGMA user_version = 1');
  const marks = INSERT_COLUMNS.split(',').fill('?').join(', ');
  const settings = JSON.stringify({ ...DEFAULT_SETTINGS, indexedFields: ['age'] });
  db.prepare(`INSERT INTO app (key, secret, name, created_at, settings) VALUES ('k', 's', 'Old', 1, ?)`).run(settings);
  const insert = db.prepare(`INSERT INTO user (${INSERT_COLUMNS}) VALUES (${marks})`);
  for (let at = 0; at < users; at++) {
    const user = userOf(`u${at}`, { name: at % 2 === 0 ? 'Ann' : 'Ben', createdAt: 1000 + at });
    insert.run(...insertValues(1 as AppId, user)); // the only app
  }
  db.close();
}

function isFilled(file: string): boolean {
  const db = new DatabaseSync(file, { readOnly: true });
  const { left } = db.prepare('SELECT (SELECT max(seq) FROM user) - position AS left FROM words_position').get() ?? {};
  const { waiting } = db.prepare('SELECT count(*) AS waiting FROM words_waiting').get() ?? {};
  db.close();
  return left === 0 && waiting === 0;
}

/** Up to which user the words are in their index. */
function position(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('SELECT position FROM words_position').get();
  db.close();
  return Number(row?.position);
}

function count(file: string, table: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const { rows } = db.prepare(`SELECT count(*) AS rows FROM ${table}`).get() ?? {};
  db.close();
  return Number(rows);
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
