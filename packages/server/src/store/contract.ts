import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upsertUsers } from '@rollcall/domain/change';
import { refusal } from '@rollcall/domain/error';
import { SERVER } from '@rollcall/domain/permission';
import type { User } from '@rollcall/domain/user';
import { describeIndexes } from './contract-indexes.ts';
import { describeLeases } from './contract-leases.ts';
import { describeQueries } from './contract-queries.ts';
import {
  EVERYBODY,
  force,
  makeApp,
  type OpenStore,
  profilesOf,
  readOne,
  refusedAs,
  setField,
  unique,
  upsert,
} from './contract-support.ts';

/** How many generated crowds are queried, ten times each. */
const CROWDS = process.env.FULL_LENGTH === '1' ? 400 : 150;

/** The suite that every store passes. */
export function describeStore(name: string, open: OpenStore, crowds = CROWDS): void {
  describe(`store: ${name}`, () => {
    describeWrites(open);
    describeNames(open);
    describeApps(open);
    describeQueries(open, crowds);
    describeIndexes(open);
    describeLeases(open);
  });
}

function describeWrites(open: OpenStore): void {
  it('gives back every field of a user as it was written', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada', name: 'Ada', custom: { deep: { list: [1, 'ł', null] } } }]);
    const whole: User = {
      ...(await readOne(store, app, 'ada')),
      image: 'https://example.org/a.png',
      role: 'admin',
      teams: ['red', 'blue'],
      teamsRole: { red: 'moderator' },
      language: 'pt-BR',
      invisible: true,
      privacySettings: { read_receipts: { enabled: false } },
      revokeTokensIssuedBefore: -62_135_596_800_000,
      deactivatedAt: 5,
      updatedAt: 2000,
    };
    await force(store, app, [whole]);
    assert.deepEqual(await readOne(store, app, 'ada'), whole);
  });

  it('gives a user who was read before as the last change left it, alone or among others, and as it was when one failed', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const name = async () => (await readOne(store, app, 'ada')).name;
    assert.equal((await store.find(app, ['ada'])).size, 0);
    await upsert(store, app, [{ id: 'ada', name: 'One' }]);
    assert.equal(await name(), 'One');
    await upsert(store, app, [{ id: 'ada', name: 'Two' }]);
    assert.equal(await name(), 'Two');
    await upsert(store, app, [{ id: 'bob' }, { id: 'ada', name: 'Three' }]);
    assert.equal(await name(), 'Three');
    const read = await readOne(store, app, 'ada');
    const broken = force(store, app, [
      { ...read, name: 'Four' },
      { ...read, id: 'eve', custom: null as unknown as string },
    ]);
    await Promise.all([assert.rejects(broken), name()]);
    assert.deepEqual(await readOne(store, app, 'ada'), read);
    const refused = upsert(store, app, [{ id: 'ada', name: 'Five', role: 'no such role' }]);
    await assert.rejects(refused, refusedAs('input_error'));
    assert.deepEqual(await readOne(store, app, 'ada'), read);
    // In one moment: each builds on what the one before left, and who reads later reads the last.
    await Promise.all([
      setField(store, app, 'ada', 'a', 1),
      readOne(store, app, 'ada'),
      setField(store, app, 'ada', 'b', 2),
    ]);
    assert.deepEqual(JSON.parse((await readOne(store, app, 'ada')).custom), { a: 1, b: 2 });
  });

  it('writes a whole change or nothing of it', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const broken = store.change(app, ['a', 'b'], (current, settings) => {
      const decision = upsertUsers(
        current,
        { items: profilesOf([{ id: 'a' }, { id: 'b' }]), faults: [] },
        { actor: SERVER, settings, now: 1 },
      );
      // A row the database itself refuses, after one it took.
      return {
        ...decision,
        write: decision.write.map((user) => (user.id === 'b' ? { ...user, custom: null as unknown as string } : user)),
      };
    });
    await assert.rejects(broken);
    assert.equal((await store.find(app, ['a', 'b'])).size, 0);
  });

  it('fails a refused change alone, beside others of the same moment', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const results = await Promise.allSettled([
      upsert(store, app, [{ id: 'a' }]),
      upsert(store, app, [{ id: 'b', role: 'no such role' }]),
      store.change(app, ['x'], () => {
        throw new Error('a fault of ours');
      }),
      upsert(store, app, [{ id: 'c' }]),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    assert.deepEqual([...(await store.find(app, ['a', 'b', 'c'])).keys()].sort(), ['a', 'c']);
  });

  it('loses nothing of 64 simultaneous changes of one user, the first write included', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const fields = Array.from({ length: 64 }, (_, at) => `field${at}`);
    await Promise.all([
      upsert(store, app, [{ id: 'ada' }]),
      ...fields.map((field, at) => setField(store, app, 'ada', field, at)),
    ]);
    const custom: Record<string, number> = JSON.parse((await readOne(store, app, 'ada')).custom);
    assert.deepEqual(Object.keys(custom).sort(), [...fields].sort());
  });

  it('keeps apps apart', async () => {
    await using store = await open();
    const [one, two] = [await makeApp(store), await makeApp(store)];
    await upsert(store, one.id, [{ id: 'ada', name: 'Ada' }]);
    assert.equal((await readOne(store, one.id, 'ada')).name, 'Ada');
    assert.equal((await store.find(two.id, ['ada'])).size, 0);
    await upsert(store, two.id, [{ id: 'ada', name: 'Another' }]);
    assert.equal((await readOne(store, two.id, 'ada')).name, 'Another');
    assert.equal((await readOne(store, one.id, 'ada')).name, 'Ada');
    assert.equal((await store.query(two.id, EVERYBODY)).users.length, 1);
  });

  it('notes when users were last there, and changes nothing else of them', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }]);
    const before = await readOne(store, app, 'ada');
    await store.saveActivity(
      app,
      new Map([
        ['ada', 900],
        ['nobody', 900],
      ]),
    );
    await store.saveActivity(app, new Map([['ada', 800]]));
    assert.deepEqual(await readOne(store, app, 'ada'), { ...before, lastActive: 900 });
    assert.equal((await store.find(app, ['nobody'])).size, 0);
  });

  it('gives everybody to who reads all, in the order of creation, in as many parts as wished', async () => {
    await using store = await open();
    const [{ id: app }, other] = [await makeApp(store), await makeApp(store)];
    await upsert(store, app, [{ id: 'b' }, { id: 'a' }], 2000);
    await upsert(store, app, [{ id: 'c' }], 1000);
    await upsert(store, other.id, [{ id: 'd' }], 1000);
    await force(store, app, [{ ...(await readOne(store, app, 'a')), deletedAt: 9, updatedAt: 3000 }]);
    await store.saveActivity(app, new Map([['b', 7]]));
    const first = await store.scan(app, undefined, 2);
    const last = first.at(-1);
    assert.ok(last);
    const rest = await store.scan(app, last, 2);
    assert.deepEqual(
      [...first, ...rest].map(({ id }) => id),
      ['c', 'a', 'b'],
    );
    assert.deepEqual(rest, [await readOne(store, app, 'b')]);
    assert.deepEqual(await store.scan(app, rest[0], 2), []);
  });

  it('remembers the newest time it ever stored', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }], 5000);
    await upsert(store, app, [{ id: 'bob' }], 4000);
    assert.equal(await store.newest(), 5000);
  });
}

function describeNames(open: OpenStore): void {
  for (const mode of ['app', 'team'] as const) {
    it(`lets one of many simultaneous writers have a name (${mode})`, async () => {
      await using store = await open();
      const { id: app } = await makeApp(store);
      await unique(store, app, mode);
      const spellings = ['John Doe', 'john.doe', 'JOHN DOE', 'johndoe'];
      const writers = Array.from({ length: 64 }, (_, at) =>
        upsert(store, app, [{ id: `u${at}`, name: spellings[at % 4] ?? '', teams: ['red'] }]),
      );
      const results = await Promise.allSettled(writers);
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(refusedAs('duplicate_username')(result.reason));
      }
    });
  }

  it('looks at a name within shared teams only, when teams count', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await unique(store, app, 'team');
    await upsert(store, app, [{ id: 'a', name: 'Ann', teams: ['red'] }]);
    await upsert(store, app, [
      { id: 'b', name: 'Ann', teams: ['blue'] },
      { id: 'c', name: 'Ann' },
    ]);
    await assert.rejects(
      upsert(store, app, [{ id: 'd', name: 'ann', teams: ['green', 'blue'] }]),
      refusedAs('duplicate_username'),
    );
    await assert.rejects(
      upsert(store, app, [{ id: 'a', name: 'Ann', teams: ['red', 'blue'] }]),
      refusedAs('duplicate_username'),
    );
  });

  it('lets two users of one batch swap their names', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await unique(store, app, 'app');
    await upsert(store, app, [
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Ben' },
    ]);
    await upsert(store, app, [
      { id: 'a', name: 'Ben' },
      { id: 'b', name: 'Ann' },
    ]);
    assert.equal((await readOne(store, app, 'a')).name, 'Ben');
  });

  it('keeps the names of the deactivated and frees those of the deleted', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await unique(store, app, 'app');
    await upsert(store, app, [
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Ben' },
    ]);
    await force(store, app, [
      { ...(await readOne(store, app, 'a')), deactivatedAt: 9, updatedAt: 2000 },
      { ...(await readOne(store, app, 'b')), deletedAt: 9, updatedAt: 2000 },
    ]);
    await assert.rejects(upsert(store, app, [{ id: 'c', name: 'ann' }]), refusedAs('duplicate_username'));
    await upsert(store, app, [{ id: 'c', name: 'ben' }]);
  });

  it('lets duplicates from before be, and be used', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'ann' },
    ]);
    await unique(store, app, 'app');
    await setField(store, app, 'a', 'age', 40);
    await upsert(store, app, [{ id: 'b', name: 'A.N.N.' }]);
    await assert.rejects(upsert(store, app, [{ id: 'c', name: 'Ann' }]), refusedAs('duplicate_username'));
  });
}

function describeApps(open: OpenStore): void {
  it('holds settings for every change after they were answered', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'a', name: 'Ann' }]);
    const [, late] = await Promise.allSettled([
      unique(store, app, 'app'),
      upsert(store, app, [{ id: 'b', name: 'Ann' }]),
    ]);
    assert.equal(late.status, 'rejected');
    assert.equal((await store.readApps()).find(({ id }) => id === app)?.settings.enforceUniqueUsernames, 'app');
  });

  it('makes no second app of one key', async () => {
    await using store = await open();
    const app = await makeApp(store);
    await assert.rejects(store.createApp({ ...app, name: 'Another' }), refusedAs('input_error'));
  });

  it('frees a role only when nobody has it, in the app or in a team', async () => {
    await using store = await open();
    const { id: app } = await makeApp(store);
    const role = { name: 'boss', createdAt: 1, updatedAt: 1 };
    await store.changeApp(app, (before) => ({ ...before, settings: { ...before.settings, customRoles: [role] } }));
    const free = () => store.changeApp(app, (before) => before, 'boss');
    await upsert(store, app, [{ id: 'a', role: 'boss' }]);
    await assert.rejects(free(), refusedAs('not_allowed'));
    await upsert(store, app, [{ id: 'a', role: 'user', teams: ['red'], teamsRole: { red: 'boss' } }]);
    await assert.rejects(free(), refusedAs('not_allowed'));
    await upsert(store, app, [{ id: 'a', teamsRole: null }]);
    await free();
    const unknown = (): never => {
      throw refusal('not_found', 'there is no such role');
    };
    await assert.rejects(store.changeApp(app, unknown, 'no\u0000role'), refusedAs('not_found'));
  });
}
