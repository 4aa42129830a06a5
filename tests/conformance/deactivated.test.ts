import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { User } from '@rollcall/domain/user';
import { openTestApp, type TestApp } from '../../packages/server/src/testing.ts';
import { at, type Fields } from '../support/json.ts';
import { title } from './behaviours.ts';
import { answeredUsers, subset } from './check.ts';
import { connectAs } from './door.ts';
import { playStep } from './run.ts';
import { as, patch, query, read, refused, upsert } from './steps.ts';
import { ONLY_INSIDE, type Target } from './target.ts';

let app: TestApp;
let target: Target;
before(async () => {
  app = await openTestApp();
  const own = { apiKey: app.tenant.key, secret: app.tenant.secret };
  target = {
    url: `http://${await app.address()}`,
    own,
    other: undefined,
    server: undefined,
    [Symbol.asyncDispose]: async () => {},
  };
  await playStep(target, upsert(['a', 'b', 'c', 'd'].map((id) => ({ id, name: `Ann ${id}`, age: 5 }))));
  await leave('b', { deactivatedAt: Date.parse('2020-01-01T00:00:00Z') });
  await leave('c', { deactivatedAt: Date.parse('2021-01-01T00:00:00Z') });
  await leave('d', { deletedAt: Date.now() });
});
after(() => app?.[Symbol.asyncDispose]());

/** No call deactivates or deletes users yet: the store is told to. */
async function leave(id: string, change: Partial<User>): Promise<void> {
  const user = (await app.store.find(app.tenant.id, [id])).get(id);
  assert.ok(user);
  await app.force({ ...user, ...change });
}

const found = async (filter_conditions: Fields, more: Fields = {}): Promise<readonly unknown[]> => {
  const sort = [{ field: 'id', direction: 1 }];
  const reply = await playStep(target, query({ filter_conditions, sort, ...more }));
  return answeredUsers(reply).map((user) => at(user, 'id'));
};
const ALL = { include_deactivated_users: true };

describe(title('query.deactivated'), { skip: ONLY_INSIDE }, () => {
  for (const [what, filter] of [
    ['everybody', {}],
    ['ids', { id: { $in: ['a', 'b', 'c', 'd'] } }],
    ['a custom field', { age: 5 }],
    ['words', { name: { $autocomplete: 'ann' } }],
  ] as const) {
    it(`finds deactivated users only with the flag, and deleted ones never: by ${what}`, async () => {
      assert.deepEqual(await found(filter), ['a']);
      assert.deepEqual(await found(filter, { include_deactivated_users: false }), ['a']);
      assert.deepEqual(await found(filter, ALL), ['a', 'b', 'c']);
    });
  }

  it('filters on deactivated_at', async () => {
    assert.deepEqual(await found({ deactivated_at: { $exists: true } }, ALL), ['b', 'c']);
    assert.deepEqual(await found({ deactivated_at: { $exists: true } }), []);
    assert.deepEqual(await found({ deactivated_at: { $exists: false } }, ALL), ['a']);
    assert.deepEqual(await found({ deactivated_at: { $gt: '2020-06-01T00:00:00Z' } }, ALL), ['c']);
    assert.deepEqual(await found({ deactivated_at: '2020-01-01T00:00:00Z' }, ALL), ['b']);
  });

  it('sorts by deactivated_at, those who are not come last', async () => {
    for (const [direction, ids] of [
      [1, ['b', 'c', 'a']],
      [-1, ['c', 'b', 'a']],
    ] as const) {
      assert.deepEqual(await found({}, { ...ALL, sort: [{ field: 'deactivated_at', direction }] }), ids);
    }
  });

  it('shows when a user was deactivated', async () => {
    const [user] = answeredUsers(await playStep(target, query({ filter_conditions: { id: 'b' }, ...ALL })));
    assert.equal(at(user, 'deactivated_at'), '2020-01-01T00:00:00.000Z');
  });
});

describe(title('tokens.left'), { skip: ONLY_INSIDE }, () => {
  for (const [id, what, code, close] of [
    ['b', 'deactivated', 17, 4403],
    ['d', 'deleted', 16, 4404],
  ] as const) {
    it(`turns away a ${what} user on every call`, async () => {
      for (const step of [read([id]), upsert([{ id, color: 'red' }]), patch([{ id, set: { color: 'red' } }])]) {
        await playStep(target, { ...step, actor: as(id), expect: refused(code) });
      }
    });

    it(`turns away the connect of a ${what} user`, async () => {
      await using socket = await connectAs(target, { userId: id });
      subset(await socket.frame(() => true), { type: 'connection.error', error: { code } }, 'frame');
      assert.equal((await socket.closed()).code, close);
    });
  }

  it('revives no deleted user', async () => {
    const gone = /the user d was deleted/;
    await playStep(target, upsert([{ id: 'e' }, { id: 'd' }], { expect: refused(16, gone, ['users[d]']) }));
    assert.deepEqual(await found({ id: { $in: ['d', 'e'] } }, ALL), []);
  });
});
