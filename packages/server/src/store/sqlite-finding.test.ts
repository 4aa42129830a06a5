import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { type AppId, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { type Filter, totalOrder } from '@rollcall/domain/filter';
import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { declare, EVERYBODY, force, indexed, makeApp, upsert } from './contract-support.ts';
import { WINDOWS } from './finder.ts';
import { INSERT_COLUMNS, insertValues } from './rows.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

/** Windows so small that whatever no index serves takes many. */
const SMALL = { ...WINDOWS, mostSize: 4, ms: 0, queryMs: 60_000 };

const aged = (value: number): Filter => ({ op: '$eq', field: { path: ['age'] }, value });
const named = (word: string): Filter => ({ op: '$autocomplete', field: 'name', words: [word] });

async function idsOf(store: Store, app: AppId, filter: Filter): Promise<readonly string[]> {
  const { users } = await store.query(app, { ...EVERYBODY, filter });
  return users.map(({ id }) => id);
}

it('a database from before there was an index of words is found through at once, and its words are taken in', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'rollcall.db');
  await makeOldDatabase(file, 700);
  const app = 1 as AppId; // the only one
  await using store = openSqlite(file);
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
  const { left } = db.prepare('SELECT until - position AS left FROM words_filling').get() ?? {};
  db.close();
  return left === 0;
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
