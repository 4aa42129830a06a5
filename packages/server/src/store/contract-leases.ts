import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import type { LeftConnection } from '@rollcall/domain/left';
import { force, makeApp, type OpenStore, readOne, upsert } from './contract-support.ts';

const leftBy = (app: AppId, userId: string, connectionId: string, until = 60_000): LeftConnection => ({
  app,
  userId,
  connectionId,
  left: { node: 'here', device: 'phone ł', connectedAt: 1, heardAt: 20_000, until },
});

/** What every store promises of leases: what one server leaves, the next one takes. */
export function describeLeases(open: OpenStore): void {
  it('gives back once what was left of connections, those of each app apart', async () => {
    await using store = await open();
    const [one, two] = [await makeApp(store), await makeApp(store)];
    for (const app of [one, two]) await upsert(store, app.id, [{ id: 'ada' }, { id: 'bob' }]);
    const left = [
      leftBy(one.id, 'ada', 'a1'),
      leftBy(one.id, 'ada', 'a2', 70_000),
      leftBy(one.id, 'bob', 'b1'),
      leftBy(two.id, 'ada', 'a3'),
    ];
    await store.saveLeases(left.slice(0, 2));
    await store.saveLeases(left.slice(2));
    // Whichever of the two comes first on a database with many connections.
    const both = await Promise.all([store.takeLeases(), store.takeLeases()]);
    const taken = both.flat();
    const hiding = { invisible: false, asOf: 1000 };
    assert.deepEqual(
      taken.toSorted((a, b) => (a.connectionId < b.connectionId ? -1 : 1)),
      left
        .map((connection) => ({ ...connection, hiding }))
        .toSorted((a, b) => (a.connectionId < b.connectionId ? -1 : 1)),
    );
    assert.ok(
      both.some(({ length }) => length === 0),
      'one takes all',
    );
    assert.deepEqual(await store.takeLeases(), []);
  });

  it('says whether users hide as they are now, whatever was known when the connection was left', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }, { id: 'bob', invisible: true }]);
    await store.saveLeases([leftBy(app, 'ada', 'a'), leftBy(app, 'bob', 'b')]);
    await upsert(store, app, [{ id: 'ada', invisible: true }], 5000);
    const hiding = new Map((await store.takeLeases()).map((taken) => [taken.userId, taken.hiding]));
    assert.deepEqual(hiding.get('ada'), { invisible: true, asOf: 5000 });
    assert.deepEqual(hiding.get('bob'), { invisible: true, asOf: 1000 });
  });

  it('passes over users who do not exist, were deleted, or are deactivated', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }, { id: 'gone' }, { id: 'idle' }]);
    const ids = ['ada', 'gone', 'idle', 'nobody'];
    await store.saveLeases(ids.map((id) => leftBy(app, id, id)));
    await store.saveLeases([leftBy(999_999 as AppId, 'ada', 'elsewhere')]); // an app that does not exist
    await force(store, app, [
      { ...(await readOne(store, app, 'gone')), deletedAt: 9, updatedAt: 2000 },
      { ...(await readOne(store, app, 'idle')), deactivatedAt: 9, updatedAt: 2000 },
    ]);
    assert.deepEqual(
      (await store.takeLeases()).map(({ connectionId }) => connectionId),
      ['ada'],
    );
    assert.deepEqual(await store.takeLeases(), [], 'nor are they kept for later');
  });

  it('keeps of a connection that is left twice what was said last', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }]);
    await store.saveLeases([leftBy(app, 'ada', 'a', 50_000)]);
    await store.saveLeases([leftBy(app, 'ada', 'a', 55_000)]);
    assert.deepEqual(
      (await store.takeLeases()).map(({ left }) => left.until),
      [55_000],
    );
  });
}
