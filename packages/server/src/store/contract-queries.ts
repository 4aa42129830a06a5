import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { filter as filters, scalar, sort as sorts, text, userOf } from '@rollcall/domain/arbitrary.test';
import {
  compareUsers,
  DEFAULT_SORT,
  type Filter,
  matches,
  placeInOrder,
  type Query,
  type Sort,
  totalOrder,
} from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { needleWords } from '@rollcall/domain/words';
import fc from 'fast-check';
import { declare, EVERYBODY, force, makeApp, type OpenStore, readOne, upsert } from './contract-support.ts';
import type { Store } from './store.ts';

const IDS = ['ann', 'bob', 'cyd', 'B', 'b-2', 'b_1', '0', 'user-1', 'user-10', 'X'];
const NAMES = [
  'Ann Lee',
  'ann lee',
  'Émile',
  'emile 2',
  '😀',
  '\ue000',
  'Ann',
  'Łukasz Łęcki',
  '小明 王',
  'Annabelle',
  '...',
];
const WORDS = [
  'a',
  'an',
  'ann',
  'l',
  'lee',
  'emi',
  'luk',
  'lecki',
  '明',
  '王',
  'b',
  'user',
  '1',
  'annabelle',
  'annabellee',
];
const TIMES = [1000, 2000, 3000];
const PATHS = ['color', 'book', 'address.color', '10', 'toString', 'address.book'];

const LONG = 'x'.repeat(70);
const COLORS = [undefined, null, 1, 1, 2, 'red', 'red', 'blue', `${LONG}a`, `${LONG}b`, true, false, [], [1], {}];

const maybe = <T>(drawn: fc.Arbitrary<T>) => fc.option(drawn, { nil: undefined });

/** A user of which much is drawn from few values, so that conditions meet it. */
const personOf = (id: string): fc.Arbitrary<User> =>
  fc
    .record({
      user: userOf(id),
      name: maybe(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: text })),
      createdAt: fc.constantFrom(...TIMES),
      username: maybe(fc.oneof(fc.constantFrom(...NAMES), scalar)),
      color: maybe(
        fc.oneof(fc.constantFrom(1, 2, 10, 'red', 'blue', true), fc.array(scalar, { maxLength: 3 }), scalar),
      ),
      deletedAt: fc.option(fc.constant(8), { nil: undefined, freq: 8 }),
    })
    .map(({ user, name, createdAt, username, color, deletedAt }) => {
      const custom = { ...JSON.parse(user.custom), username, color };
      return { ...user, name, nameKey: nameKey(name ?? ''), createdAt, deletedAt, custom: JSON.stringify(custom) };
    });

const crowds = fc
  .subarray(IDS, { minLength: 3 })
  .chain((ids) =>
    fc.tuple(fc.tuple(...ids.map(personOf)), fc.tuple(...ids.map((id) => maybe(personOf(id)))), fc.boolean()),
  )
  .map(([before, changes, inOrder]) => ({
    before: inOrder ? before.toSorted((a, b) => a.createdAt - b.createdAt) : before,
    // created_at never moves, and when a user was last there is noted apart.
    after: before.map((user, at) => ({
      ...(changes[at] ?? user),
      createdAt: user.createdAt,
      lastActive: user.lastActive,
    })),
  }));

/** What the indexes know, alone and beside other conditions. */
const indexed: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    op: fc.constant('$autocomplete' as const),
    field: fc.constantFrom('id' as const, 'name' as const, 'username' as const),
    words: fc
      .uniqueArray(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 })
      .map((all) => needleWords(all.join(' '))),
  }),
  fc.record({ op: fc.constant('$eq' as const), field: fc.constant('name' as const), value: fc.constantFrom(...NAMES) }),
  fc.record({ op: fc.constant('$in' as const), field: fc.constant('id' as const), values: fc.subarray(IDS) }),
  fc.record({ op: fc.constant('$in' as const), field: fc.constant('name' as const), values: fc.subarray(NAMES) }),
  fc.record({
    op: fc.constant('$in' as const),
    field: fc.constant('role' as const),
    values: fc.subarray(['admin', 'moderator', 'user']),
  }),
  fc.record({
    op: fc.constantFrom(
      '$gt' as const,
      '$gte' as const,
      '$lt' as const,
      '$lte' as const,
      '$eq' as const,
      '$ne' as const,
    ),
    field: fc.constant({ path: ['color'] }),
    value: fc.constantFrom<string | number>(1, 2, 10, 'red', 'blue', 'c'),
  }),
  fc.record({
    op: fc.constantFrom('$gt' as const, '$gte' as const, '$lt' as const, '$eq' as const),
    field: fc.constant('created_at' as const),
    value: fc.constantFrom(...TIMES, 1500),
  }),
  fc.record({ op: fc.constant('$exists' as const), field: fc.constant({ path: ['color'] }), value: fc.boolean() }),
  fc.record({ op: fc.constant('$in' as const), field: fc.constant({ path: ['color'] }), values: fc.array(scalar) }),
);

const mixed: fc.Arbitrary<Filter> = fc.oneof(
  filters,
  indexed,
  fc.record({
    op: fc.constantFrom('and' as const, 'or' as const),
    filters: fc.array(fc.oneof(indexed, filters), { maxLength: 3 }),
  }),
);

const orders: fc.Arbitrary<readonly Sort[]> = fc.oneof(
  fc.constantFrom<readonly Sort[]>(
    DEFAULT_SORT,
    totalOrder([{ field: 'created_at', direction: 1 }]),
    totalOrder([{ field: 'id', direction: -1 }]),
    totalOrder([{ field: { path: ['color'] }, direction: 1 }]),
    totalOrder([{ field: { path: ['color'] }, direction: -1 }]),
  ),
  sorts.map(totalOrder),
);

const questions = fc.array(
  fc.record({
    filter: mixed,
    sort: orders,
    includeDeactivated: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
    offset: fc.nat(2),
  }),
  { minLength: 10, maxLength: 10 },
);

/** What every store promises of queries: to find whom `matches` means, in the order of `compareUsers`. */
export function describeQueries(open: OpenStore, numRuns: number): void {
  for (const declared of ['nothing', 'before', 'after'] as const) {
    const named = {
      nothing: 'no field is declared',
      before: 'fields were declared',
      after: 'fields are declared later',
    };
    it(`finds exactly whom a filter means, in the order asked for, page by page, when ${named[declared]}`, async () => {
      await using store = await open();
      const property = fc.asyncProperty(crowds, questions, async ({ before, after }, asked) => {
        const { id: app } = await makeApp(store);
        if (declared === 'before') await declare(store, app, PATHS);
        await force(store, app, before);
        await force(store, app, after);
        await store.saveActivity(
          app,
          new Map(after.flatMap(({ id, lastActive }) => (lastActive ? [[id, lastActive]] : []))),
        );
        if (declared === 'after') await declare(store, app, PATHS);
        for (const one of asked) await agrees(store, app, after, { ...one, after: undefined });
      });
      await fc.assert(property, { numRuns });
    });
  }

  it('sorts by a declared field whatever is in it: ties, other types, texts that begin alike, nothing', async () => {
    await using store = await open();
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...COLORS), { minLength: 6, maxLength: 14 }),
      fc.array(fc.constantFrom('color' as const, 'created_at' as const, 'name' as const), { maxLength: 1 }),
      fc.constantFrom(1 as const, -1 as const),
      fc.constantFrom(1 as const, -1 as const),
      fc.integer({ min: 1, max: 5 }),
      async (colors, second, direction, other, limit) => {
        const { id: app } = await makeApp(store);
        await declare(store, app, ['color']);
        const ids = colors.map((_, at) => `u${(at * 7) % 15}`);
        const stated = colors.map((color, at) => ({
          id: ids[at] ?? '',
          name: NAMES[at % 3] ?? '',
          custom: color === undefined ? {} : { color },
        }));
        await upsert(store, app, stated, 1000);
        const users = [...(await store.find(app, ids)).values()];
        const then = second.map((field) => ({
          field: field === 'color' ? { path: ['book'] } : field,
          direction: other,
        }));
        const sort = totalOrder([{ field: { path: ['color'] }, direction }, ...then]);
        await agrees(store, app, users, { ...EVERYBODY, sort, limit, offset: 1 });
      },
    );
    await fc.assert(property, { numRuns });
  });

  it('sorts by a declared field whose texts agree in more than an index holds of them, page by page', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await declare(store, app, ['avatar']);
    const folder = 'https://cdn.example.com/avatars/production/eu-west-1/tenant-0042/user-';
    const stated = Array.from({ length: 80 }, (_, at) => ({
      id: `u${(at * 37) % 80}`,
      custom: { avatar: `${folder}${String(at).padStart(3, '0')}.png` },
    }));
    await upsert(store, app, stated, 1000);
    const users = [...(await store.find(app, stated.map(({ id }) => id))).values()]; // biome-ignore format: one thought
    const field = { path: ['avatar'] };
    const range: Filter = { op: '$gte', field, value: `${folder}010` };
    for (const direction of [1, -1] as const) {
      const sort = totalOrder([{ field, direction }]);
      for (const filter of [EVERYBODY.filter, range])
        for (const limit of [1, 3, 10, 30]) await agrees(store, app, users, { ...EVERYBODY, filter, sort, limit });
    }
  });

  it('passes over nobody and shows nobody twice while users are added', async () => {
    await using store = await open();
    const property = fc.asyncProperty(mixed, orders, fc.integer({ min: 1, max: 7 }), async (filter, sort, limit) => {
      const { id: app } = await makeApp(store);
      const early = Array.from({ length: 24 }, (_, at) => ({ id: `u${at % 5}-${at}`, name: NAMES[at % 11] ?? '' }));
      await upsert(store, app, early.slice(0, 12), 1000);
      await upsert(store, app, early.slice(12), 2000);
      const query: Query = { ...EVERYBODY, filter, sort, limit };
      const { users: before } = await store.query(app, { ...query, limit: 100 });
      let more = 0;
      const seen = await readPages(store, app, query, () => {
        more += 1;
        return more > 8 ? undefined : upsert(store, app, [{ id: `v${more}`, name: NAMES[more] ?? '' }], 2000 + more);
      });
      const ids = seen.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      assert.deepEqual(
        ids.filter((id) => id.startsWith('u')),
        before.map(({ id }) => id),
      );
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('takes an offset', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    const { users } = await store.query(app, { ...EVERYBODY, sort: [{ field: 'id', direction: 1 }], offset: 1 });
    assert.deepEqual(
      users.map(({ id }) => id),
      ['b', 'c'],
    );
  });

  it('finds a thousand ids, and nobody else', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const ids = Array.from({ length: 1200 }, (_, at) => `u${at}`);
    for (let at = 0; at < ids.length; at += 100)
      await upsert(
        store,
        app,
        ids.slice(at, at + 100).map((id) => ({ id })),
      );
    const wanted = ids.slice(100, 1100);
    const { users } = await store.query(app, { ...EVERYBODY, filter: { op: '$in', field: 'id', values: wanted } });
    assert.deepEqual(new Set(users.map(({ id }) => id)), new Set(wanted));
  });

  it('finds among a few ids as among all: by the rest of the filter, in order, page by page', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [at, id] of ids.entries()) await upsert(store, app, [{ id, custom: { odd: at % 2 } }], 1000 + at);
    await force(store, app, [
      { ...(await readOne(store, app, 'e')), deactivatedAt: 2000 },
      { ...(await readOne(store, app, 'f')), deletedAt: 2000 },
    ]);
    const among: Filter = { op: '$in', field: 'id', values: [...ids, 'nobody', 'a'] };
    const even: Filter = { op: '$eq', field: { path: ['odd'] }, value: 0 };
    const query: Query = { ...EVERYBODY, filter: { op: 'and', filters: [among, even] }, includeDeactivated: true };
    const idsIn = async (part: Partial<Query>) => {
      const { users } = await store.query(app, { ...query, ...part });
      return users.map(({ id }) => id);
    };
    assert.deepEqual(await idsIn({}), ['e', 'c', 'a']);
    assert.deepEqual(await idsIn({ includeDeactivated: false }), ['c', 'a']);
    assert.deepEqual(await idsIn({ offset: 1, limit: 1 }), ['c']);
    assert.deepEqual(await idsIn({ after: [1002, 'c'] }), ['a']);
    assert.deepEqual(await idsIn({ sort: [{ field: 'id', direction: 1 }] }), ['a', 'c', 'e']);
    assert.deepEqual(await idsIn({ filter: { op: '$eq', field: 'id', value: 'f' } }), []);
    assert.deepEqual(
      await idsIn({ filter: { op: 'and', filters: [{ op: '$eq', field: 'id', value: 'b' }, even] } }),
      [],
    );
  });

  it('never says that what was found is current once something was written since', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ann', name: 'Ann' }]);
    for (const filter of [EVERYBODY.filter, { op: '$eq', field: 'id', value: 'ann' } as const]) {
      const before = await store.query(app, { ...EVERYBODY, filter });
      assert.equal(before.isCurrent?.() ?? true, true);
      await upsert(store, app, [{ id: 'ann', name: `Ann ${filter.op}` }], 5000);
      assert.notEqual(before.isCurrent?.(), true);
    }
  });
}

async function agrees(store: Store, app: AppId, users: readonly User[], query: Query): Promise<void> {
  const { filter, sort, includeDeactivated, offset } = query;
  const expected = users
    .filter((user) => user.deletedAt === undefined && (includeDeactivated || user.deactivatedAt === undefined))
    .filter((user) => matches(filter, user))
    .sort((a, b) => compareUsers(sort, a, b));
  const found = await readPages(store, app, { ...query, offset: 0 });
  assert.deepEqual(
    found.map(({ id }) => id),
    expected.map(({ id }) => id),
    `asked for ${JSON.stringify({ filter, sort })}`,
  );
  assert.deepEqual(found, expected);
  const { users: further } = await store.query(app, query);
  assert.deepEqual(further, expected.slice(offset, offset + query.limit));
}

/** Reads all pages by their cursors; `between` may do something before the next one. */
async function readPages(
  store: Store,
  app: AppId,
  query: Query,
  between: () => unknown = () => undefined,
): Promise<readonly User[]> {
  const all: User[] = [];
  for (;;) {
    const last = all.at(-1);
    const after = last && placeInOrder(query.sort, last);
    const { users } = await store.query(app, { ...query, after });
    all.push(...users);
    if (users.length < query.limit) return all;
    await between();
  }
}
