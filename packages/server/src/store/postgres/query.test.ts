import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import {
  compareUsers,
  DEFAULT_SORT,
  type Filter,
  matches,
  placeInOrder,
  type Query,
  type Scalar,
  type Sort,
  totalOrder,
} from '@rollcall/domain/filter';
import type { JsonValue } from '@rollcall/domain/json';
import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { needleWords } from '@rollcall/domain/words';
import fc from 'fast-check';
import { declare, EVERYBODY, force, indexed, makeApp, refusedAs, upsert } from '../contract-support.ts';
import type { Store } from '../store.ts';
import { openPostgres } from './postgres.ts';
import { POSTGRES_WINDOWS, type PostgresWindows } from './query.ts';
import { startPostgres, type TestPostgres } from './testing.ts';
import { BUCKET_BITS } from './words.ts';

/** How many crowds are asked about in each of three ways. */
const CROWDS = process.env.FULL_LENGTH === '1' ? 200 : 50;

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ fast: true });
});
after(() => postgres[Symbol.asyncDispose]());

/** Windows so small that every walk takes many. */
const SMALL: PostgresWindows = { ...POSTGRES_WINDOWS, mostSize: 3, quickMs: 60_000, queryMs: 60_000 };

let databases = 0;

async function openFresh(windows: PostgresWindows = POSTGRES_WINDOWS): Promise<{ store: Store; database: string }> {
  databases += 1;
  const database = `finding_${databases}`;
  return { store: await openPostgres(await postgres.url(database), { windows, poolSize: 4 }), database };
}

const TEXTS = [
  '',
  'a',
  'A',
  'ab',
  '\u{1f600}',
  '\ue000',
  '\u{10ffff}',
  'e\u0301',
  'é',
  'ก้าวไกล',
  'שלום עולם',
  'مرحبا',
  "it's",
  '"q"',
  '\\',
  '\\u0041',
  '$$',
  '$1',
  '?',
  '%',
  "'; DROP TABLE app_user; --",
  '{}',
  '[',
  'null',
  '1',
  '\u0001',
  `${'x'.repeat(64)}a`,
  `${'x'.repeat(64)}b`,
];
const NUMBERS = [
  0,
  1,
  -1,
  10,
  1e21,
  1e-7,
  0.1 + 0.2,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  2.2250738585072014e-308,
  1e300,
];
// Not a lone `"` beside a lone backslash: Node 26.10's own JSON.parse takes the one for the other.
const KEYS = ['a', 'é', '10', "'", '\\', '$$', '?', '%', "x'); --", '\u{1f600}', 'toString', 'na"me'];

const text = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((drawn) => drawn.replaceAll('\u0000', '')),
);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  text,
  fc.constantFrom(...NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((drawn) => drawn + 0),
  fc.constantFrom(true, false, null),
);
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
}));
const field = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 4 }).map((path) => ({ path }));
const operand = fc.oneof(text, fc.constantFrom(...NUMBERS));

const condition: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constantFrom('$eq' as const, '$ne' as const), field, value: scalar }),
  fc.record({
    op: fc.constantFrom('$gt' as const, '$gte' as const, '$lt' as const, '$lte' as const),
    field,
    value: operand,
  }),
  fc.record({
    op: fc.constantFrom('$in' as const, '$nin' as const),
    field,
    values: fc.array(scalar, { maxLength: 5 }),
  }),
  fc.record({ op: fc.constant('$contains' as const), field, value: scalar }),
  fc.record({ op: fc.constant('same_set' as const), field, values: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ op: fc.constant('$exists' as const), field, value: fc.boolean() }),
  fc.record({ op: fc.constant('$contains' as const), field: fc.constant('teams' as const), value: text }),
  fc.record({ op: fc.constantFrom('$eq' as const, '$ne' as const), field: fc.constant('name' as const), value: text }),
  fc.record({
    op: fc.constantFrom('$gt' as const, '$lte' as const),
    field: fc.constantFrom('name' as const, 'id' as const),
    value: text,
  }),
  fc.record({
    op: fc.constant('$autocomplete' as const),
    field: fc.constant('name' as const),
    words: text.map(needleWords),
  }),
);
/** Two ends of one field. */
const between: fc.Arbitrary<Filter> = fc
  .record({
    path: fc.constantFrom(['a'], ['é'], ['$$'], ['a', 'a']),
    low: operand,
    high: operand,
  })
  .map(({ path, low, high }) => ({
    op: 'and',
    filters: [
      { op: '$gte', field: { path }, value: low },
      { op: '$lt', field: { path: [...path] }, value: high },
    ],
  }));
const filter: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 2, arbitrary: condition },
  between,
  fc.record({
    op: fc.constantFrom('and' as const, 'or' as const, 'nor' as const),
    filters: fc.array(condition, { maxLength: 3 }),
  }),
);
const sort: fc.Arbitrary<readonly Sort[]> = fc.oneof(
  fc.constant(DEFAULT_SORT),
  fc
    .array(
      fc.record({
        field: fc.oneof(fc.constantFrom('name' as const, 'id' as const, 'last_active' as const), field),
        direction: fc.constantFrom(1 as const, -1 as const),
      }),
      { maxLength: 2 },
    )
    .map(totalOrder),
);

const person = (id: string): fc.Arbitrary<User> =>
  fc
    .record({
      name: fc.option(text, { nil: undefined }),
      teams: fc.uniqueArray(
        text.filter((team) => team !== ''),
        { maxLength: 2 },
      ),
      createdAt: fc.integer({ min: 1000, max: 1005 }),
      custom: fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 4, noNullPrototype: true }),
    })
    .map(({ custom, ...said }) => ({
      ...BLANK,
      id,
      ...said,
      nameKey: nameKey(said.name ?? ''),
      updatedAt: 2000,
      custom: JSON.stringify(custom),
    }));
const crowd = fc.tuple(...['b', 'a', 'C', 'z-1', 'z-10', '@x'].map(person));

for (const [named, windows, fields] of [
  ['in one stretch', POSTGRES_WINDOWS, []],
  ['in windows of three', SMALL, []],
  ['in windows of three by declared fields', SMALL, KEYS.filter((key) => !key.includes('.')).slice(0, 10)],
] as const) {
  it(`finds whom a filter means whatever is in texts, numbers and paths, ${named}`, async () => {
    const { store } = await openFresh(windows);
    await using _ = store;
    const questions = fc.array(fc.record({ filter, sort, limit: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 12,
      maxLength: 12,
    });
    const property = fc.asyncProperty(crowd, questions, async (users, asked) => {
      const { id: app } = await makeApp(store);
      if (fields.length > 0) await declare(store, app, fields);
      await force(store, app, users);
      for (const one of asked) await agrees(store, app, users, { ...EVERYBODY, ...one });
    });
    await fc.assert(property, { numRuns: CROWDS });
  });
}

it('finds by words newest first, over the borders of what the index holds together', async () => {
  const { store, database } = await openFresh();
  await using _ = store;
  const { id: app } = await makeApp(store);
  // Each hundred begins a new part of the index; that of the middle was created last.
  const times = [1000, 3000, 5000, 4000, 2000];
  const users: User[] = [];
  for (const [at, time] of times.entries()) {
    const some = Array.from({ length: 100 }, (_, more) => {
      const name = more === 50 ? 'Rare Bird' : more % 2 === 0 ? 'Ann Lee' : 'Bo Long-Word';
      return someone(`u${at}-${more}`, { name, createdAt: time + more });
    });
    users.push(...some);
    await force(store, app, some);
    await postgres.run(`SELECT setval('app_user_seq_seq', ${(at + 1) * 2 ** BUCKET_BITS})`, database);
  }
  for (const closed of [false, true]) {
    if (closed) {
      await indexed(store, app, ['x']);
      await until(async () => (await postgres.run('SELECT count(*) FROM word_bucket', database))[0]?.[0] === '4');
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    for (const needle of [
      'rare',
      'rare b',
      'a',
      'ann lee',
      'b',
      'lo wo',
      'long',
      'u3',
      'nobody',
      'rare ann',
      'rare bir',
    ]) {
      const words: Filter = { op: '$autocomplete', field: needle === 'u3' ? 'id' : 'name', words: needleWords(needle) };
      await agrees(store, app, users, { ...EVERYBODY, filter: words, limit: 3 }, 5);
      await agrees(
        store,
        app,
        users,
        { ...EVERYBODY, filter: words, limit: 60, sort: totalOrder([{ field: 'name', direction: 1 }]) },
        5,
      );
    }
  }
});

it('refuses what takes too long, and says which field to declare', async () => {
  const { store } = await openFresh({ ...POSTGRES_WINDOWS, mostSize: 3, quickMs: 0, queryMs: 100 });
  await using _ = store;
  const { id: app } = await makeApp(store);
  await addAged(store, app, 2000);
  const asked = store.query(app, { ...EVERYBODY, filter: aged(-1) });
  await assert.rejects(asked, (error) => refusedAs('request_timeout')(error) && /declare "age"/.test(String(error)));
  await declare(store, app, ['age']);
  assert.deepEqual((await store.query(app, { ...EVERYBODY, filter: aged(-1) })).users, []);
});

it('builds the index of a field on one node while others go on with it when that one is gone', async () => {
  const { store: first, database } = await openFresh();
  const { id: app } = await makeApp(first);
  await addAged(first, app, 3000);
  await indexed(first, app, ['age', 'city']);
  await first[Symbol.asyncDispose]();
  const [[taken] = []] = await postgres.run('SELECT min(users) FROM field_index', database);
  assert.ok(Number(taken) < 3000, 'it was stopped on its way');
  await using second = await openPostgres(await urlOf(database), { poolSize: 4 });
  await using _third = await openPostgres(await urlOf(database), { poolSize: 4 });
  await until(async () => (await second.fieldIndexes(app)).every(({ ready }) => ready));
  assert.deepEqual(
    (await second.fieldIndexes(app)).map(({ users }) => users),
    [3000, 3000],
  );
  const { users } = await second.query(app, { ...EVERYBODY, filter: aged(7) });
  assert.equal(users.length, 300);
});

it('leaves nothing behind of an index that is no longer declared', async () => {
  const { store, database } = await openFresh();
  await using _ = store;
  const { id: app } = await makeApp(store);
  await addAged(store, app, 300);
  await declare(store, app, ['age']);
  await indexed(store, app, []);
  await postgres.run(`UPDATE field_index SET dropped_at = now() - interval '1 minute'`, database);
  await indexed(store, app, []);
  await until(async () => (await postgres.run('SELECT count(*) FROM field_index', database))[0]?.[0] === '0');
  assert.deepEqual(await postgres.run('SELECT count(*) FROM field_value', database), [['0']]);
});

it('serves others while queries are on their long way', async () => {
  const { store } = await openFresh({ ...POSTGRES_WINDOWS, mostSize: 256, quickMs: 0, queryMs: 60_000 });
  await using _ = store;
  const { id: app } = await makeApp(store);
  await addAged(store, app, 4000);
  let walking = true;
  const walks = Promise.all([-1, -2, -3].map((age) => store.query(app, { ...EVERYBODY, filter: aged(age) }))).finally(
    () => {
      walking = false;
    },
  );
  let served = 0;
  while (walking) {
    await store.query(app, { ...EVERYBODY, filter: { op: '$eq', field: 'id', value: 'u7' } });
    served += 1;
  }
  for (const { users } of await walks) assert.deepEqual(users, []);
  assert.ok(served > 50, `${served} were served`);
});

const urlOf = async (database: string): Promise<string> => {
  const [[port] = []] = await postgres.run('SHOW port');
  const url = new URL(await postgres.url());
  assert.equal(url.port, String(port));
  url.pathname = `/${database}`;
  return url.href;
};

const aged = (age: number): Filter => ({ op: '$eq', field: { path: ['age'] }, value: age });

async function addAged(store: Store, app: AppId, count: number): Promise<void> {
  for (let at = 0; at < count; at += 100) {
    const some = Array.from({ length: 100 }, (_, more) => ({ id: `u${at + more}`, custom: { age: more % 10 } }));
    await upsert(store, app, some, 1000 + at);
  }
}

const someone = (id: string, said: Partial<User>): User => ({
  ...BLANK,
  id,
  createdAt: 1000,
  updatedAt: 1000,
  nameKey: nameKey(said.name ?? ''),
  ...said,
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'it took too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function agrees(
  store: Store,
  app: AppId,
  users: readonly User[],
  query: Query,
  pages = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { filter, sort, limit } = query;
  const expected = users.filter((user) => matches(filter, user)).sort((a, b) => compareUsers(sort, a, b));
  const found: User[] = [];
  for (let page = 0; page < pages; page += 1) {
    const last = found.at(-1);
    const { users: some } = await store.query(app, { ...query, after: last && placeInOrder(sort, last) });
    found.push(...some);
    if (some.length < limit) break;
  }
  assert.deepEqual(
    found.map(({ id }) => id),
    expected.slice(0, pages * limit).map(({ id }) => id),
    `asked for ${JSON.stringify({ filter, sort })}`,
  );
}
