import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AppId, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { upsertUsers } from '@rollcall/domain/change';
import {
  ANYBODY,
  compareUsers,
  DEFAULT_SORT,
  type Filter,
  fieldOf,
  matches,
  type Query,
  totalOrder,
} from '@rollcall/domain/filter';
import { SERVER } from '@rollcall/domain/permission';
import type { User, Users } from '@rollcall/domain/user';
import fc from 'fast-check';
import { force, makeApp, type OpenStore, profilesOf, upsert } from './contract-support.ts';
import type { Store } from './store.ts';

/** A query that finds everybody, newest first. */
export const EVERYBODY: Query = {
  filter: ANYBODY,
  sort: DEFAULT_SORT,
  limit: 1000,
  offset: 0,
  after: undefined,
  includeDeactivated: false,
};

const ids = ['a', 'b', 'B', 'ä', '😀', '\ue000'].map((text, at) => `u${at}-${text.codePointAt(0)}`);
const names = ['Ann', 'ann', 'Ben', '😀', '\ue000', 'Émile', '...'];
const teams = ['red', 'blue', '😀'];
const roles = ['user', 'admin', 'moderator'];
const times = [1000, 2000, 3000];

const people: fc.Arbitrary<User> = fc
  .record({
    id: fc.constantFrom(...ids),
    name: fc.option(fc.constantFrom(...names), { nil: undefined }),
    role: fc.constantFrom(...roles),
    teams: fc.uniqueArray(fc.constantFrom(...teams)),
    createdAt: fc.constantFrom(...times),
    deactivatedAt: fc.option(fc.constant(7), { nil: undefined, freq: 6 }),
    deletedAt: fc.option(fc.constant(8), { nil: undefined, freq: 6 }),
  })
  .map((part) => {
    const [user] = upsertUsers(
      new Map(),
      { items: profilesOf([{ id: part.id, name: part.name ?? null }]), faults: [] },
      {
        actor: SERVER,
        settings: DEFAULT_SETTINGS,
        now: part.createdAt,
      },
    ).write;
    assert.ok(user);
    return { ...user, ...part };
  });

const condition: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constant('$eq' as const), field: fc.constant('id' as const), value: fc.constantFrom(...ids) }),
  fc.record({ op: fc.constant('$eq' as const), field: fc.constant('name' as const), value: fc.constantFrom(...names) }),
  fc.record({
    op: fc.constant('$in' as const),
    field: fc.constant('name' as const),
    values: fc.array(fc.constantFrom(...names)),
  }),
  fc.record({
    op: fc.constant('$in' as const),
    field: fc.constant('role' as const),
    values: fc.array(fc.constantFrom(...roles)),
  }),
  fc.record({
    op: fc.constantFrom('$gt' as const, '$gte' as const, '$lt' as const, '$lte' as const),
    field: fc.constant('id' as const),
    value: fc.constantFrom(...ids),
  }),
  fc.record({
    op: fc.constantFrom('$eq' as const, '$gt' as const, '$lte' as const),
    field: fc.constant('created_at' as const),
    value: fc.constantFrom(...times),
  }),
  fc.record({ op: fc.constant('teams' as const), teams: fc.array(fc.constantFrom(...teams)) }),
  fc.constant({ op: 'no_teams' as const }),
);

const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    condition,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { maxLength: 3 }),
    }),
  ),
})).filter;

const orders = fc
  .uniqueArray(
    fc.record({
      field: fc.constantFrom('id' as const, 'name' as const, 'created_at' as const, 'updated_at' as const),
      direction: fc.constantFrom(1 as const, -1 as const),
    }),
    { selector: ({ field }) => field, maxLength: 3 },
  )
  .map(totalOrder);

/** What every store promises of queries: to find whom `matches` means, in the order of `compareUsers`. */
export function describeQueries(open: OpenStore): void {
  it('finds exactly whom a filter means, in the order asked for, page by page', async () => {
    await using store = await open();
    const property = fc.asyncProperty(
      fc.uniqueArray(people, { selector: ({ id }) => id }),
      filters,
      orders,
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      async (users, filter, sort, includeDeactivated, limit) => {
        const { id: app } = await makeApp(store);
        await force(store, app, users);
        const query: Query = { filter, sort, limit, offset: 0, after: undefined, includeDeactivated };
        const expected = users
          .filter((user) => user.deletedAt === undefined && (includeDeactivated || user.deactivatedAt === undefined))
          .filter((user) => matches(filter, user))
          .sort((a, b) => compareUsers(sort, a, b));
        const found = await readPages(store, app, query);
        assert.deepEqual(
          found.map(({ id }) => id),
          expected.map(({ id }) => id),
        );
        assert.deepEqual(found, expected);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  it('takes an offset', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    const found = await store.query(app, { ...EVERYBODY, sort: [{ field: 'id', direction: 1 }], offset: 1 });
    assert.deepEqual(
      found.map(({ id }) => id),
      ['b', 'c'],
    );
  });

  it('finds among a hundred ids, in the order asked for', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const many = Array.from({ length: 100 }, (_, at) => ({ id: `u${at}` }));
    await upsert(store, app, many);
    const found: Users = await store.find(
      app,
      many.map(({ id }) => id),
    );
    assert.equal(found.size, 100);
  });
}

async function readPages(store: Store, app: AppId, query: Query): Promise<readonly User[]> {
  const all: User[] = [];
  for (;;) {
    const last = all.at(-1);
    const after = last && query.sort.map(({ field }) => fieldOf(last, field) ?? null);
    const page = await store.query(app, { ...query, after });
    all.push(...page);
    if (page.length < query.limit) return all;
  }
}
