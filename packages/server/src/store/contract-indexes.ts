import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { type Filter, type Query, totalOrder } from '@rollcall/domain/filter';
import { declare, EVERYBODY, force, indexed, makeApp, type OpenStore, readOne, upsert } from './contract-support.ts';
import type { Store } from './store.ts';

const AGE = { path: ['age'] };
const aged = (value: number): Filter => ({ op: '$eq', field: AGE, value });

/** What every store promises of declared fields: the same answers before, while and after their indexes are made. */
export function describeIndexes(open: OpenStore): void {
  it('tells how far the index of a declared field has come, and nothing of one that is no longer declared', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await addPeople(store, app, 50);
    assert.deepEqual(await store.fieldIndexes(app), []);
    await declare(store, app, ['age', 'address.city']);
    assert.deepEqual(await store.fieldIndexes(app), [
      { path: 'age', ready: true, users: 50 },
      { path: 'address.city', ready: true, users: 50 },
    ]);
    await declare(store, app, ['address.city']);
    assert.deepEqual(
      (await store.fieldIndexes(app)).map(({ path }) => path),
      ['address.city'],
    );
    await declare(store, app, ['age']);
    assert.deepEqual(await idsOf(store, app, { filter: aged(3) }), ['u03', 'u13', 'u23', 'u33', 'u43']);
  });

  it('misses and doubles no write that comes while an index is made', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await addPeople(store, app, 900);
    await indexed(store, app, ['age']);
    // While the index is made, some change, some go, and some come.
    for (let at = 0; at < 900; at += 90) {
      const ids = Array.from({ length: 30 }, (_, more) => idOf(at + more));
      await upsert(
        store,
        app,
        ids.map((id) => ({ id, custom: { age: 77 } })),
        3000,
      );
      await upsert(store, app, [{ id: `new-${at}`, custom: { age: 77 } }], 3000);
      await force(store, app, [{ ...(await readOne(store, app, idOf(at + 80))), deletedAt: 4000 }]);
    }
    await declare(store, app, ['age']);
    assert.equal((await idsOf(store, app, { filter: aged(77) })).length, 310);
    const others = await Promise.all(Array.from({ length: 10 }, (_, age) => idsOf(store, app, { filter: aged(age) })));
    assert.equal(others.flat().length, 590);
    assert.equal(new Set(others.flat()).size, 590);
    const sorted = await idsOf(store, app, { sort: totalOrder([{ field: AGE, direction: 1 }]) });
    assert.deepEqual([sorted.length, new Set(sorted).size], [900, 900]);
  });

  it('finds a long word among many that begin alike, whether few or many have it', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const people = Array.from({ length: 600 }, (_, at) => ({
      id: idOf(at),
      name: at === 7 ? 'Constantina Rare' : at % 3 === 0 ? 'Constantin' : 'Constable',
    }));
    for (let at = 0; at < 600; at += 100) await upsert(store, app, people.slice(at, at + 100), 1000 + at);
    const find = (word: string) =>
      idsOf(store, app, { filter: { op: '$autocomplete', field: 'name', words: [word] }, limit: 1000 });
    assert.deepEqual(await find('constantina'), [idOf(7)]);
    assert.equal((await find('constantin')).length, 201);
    assert.equal((await find('const')).length, 600);
    assert.deepEqual(await find('constantinople'), []);
  });

  it('answers hostile filters: wide, deep, long lists, texts that mean something to databases', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await addPeople(store, app, 300);
    const texts = [
      `'; DROP TABLE user; --`,
      '"',
      '\\',
      '%',
      '_',
      '$."a"',
      '* OR "',
      'NEAR(',
      ')',
      '\u0001',
      '😀'.repeat(300),
    ];
    const wide = Array.from({ length: 100 }, (_, at): Filter => {
      const value = `${texts[at % texts.length]}${at}`;
      const path = [texts[at % texts.length] ?? '', 'x"y\\'];
      const values = Array.from({ length: 1000 }, (__, more) => `${value}${more}`);
      const all: Filter[] = [
        { op: '$in', field: { path }, values },
        { op: '$nin', field: 'name', values },
        { op: '$contains', field: { path }, value },
        { op: 'same_set', field: { path }, values },
        { op: '$autocomplete', field: 'name', words: [`w${at}`] },
        { op: '$gt', field: { path }, value },
        { op: '$ne', field: { path }, value },
      ];
      return all[at % all.length] ?? aged(at);
    });
    for (const op of ['and', 'or', 'nor'] as const) {
      const deep: Filter = { op: 'nor', filters: [{ op, filters: [{ op: 'nor', filters: [{ op, filters: wide }] }] }] };
      for (const filter of [{ op, filters: wide } as const, deep]) await idsOf(store, app, { filter });
    }
    for (const value of texts) {
      assert.deepEqual(await idsOf(store, app, { filter: { op: '$eq', field: 'name', value } }), []);
      assert.deepEqual(await idsOf(store, app, { filter: { op: '$in', field: 'teams', values: [value] } }), []);
    }
    assert.equal((await idsOf(store, app, {})).length, 300);
  });
}

const idOf = (at: number): string => `u${`${at}`.padStart(2, '0')}`;

async function addPeople(store: Store, app: AppId, count: number): Promise<void> {
  const people = Array.from({ length: count }, (_, at) => ({
    id: idOf(at),
    custom: { age: at % 10, address: { city: `c${at % 7}` } },
  }));
  for (let at = 0; at < count; at += 100) await upsert(store, app, people.slice(at, at + 100), 1000 + at);
}

async function idsOf(store: Store, app: AppId, part: Partial<Query>): Promise<readonly string[]> {
  const sort = totalOrder([{ field: 'id', direction: 1 }]);
  const { users } = await store.query(app, { ...EVERYBODY, sort, ...part });
  return users.map(({ id }) => id);
}
