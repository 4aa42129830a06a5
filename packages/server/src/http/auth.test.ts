import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { User } from '@rollcall/domain/user';
import { openTestApp, type TestApp } from '../testing.ts';

async function read(app: TestApp, token: string) {
  const answer = await app.http.inject({
    url: '/users',
    query: { api_key: app.tenant.key },
    headers: { authorization: token },
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function makeAda(app: TestApp): Promise<User> {
  await app.http.inject({
    method: 'POST',
    url: '/users',
    query: { api_key: app.tenant.key },
    headers: { authorization: app.tokenOf() },
    payload: { users: { ada: { name: 'Ada' } } },
  });
  const ada = (await app.store.find(app.tenant.id, ['ada'])).get('ada');
  assert.ok(ada);
  return ada;
}

describe('states that no call reaches yet', () => {
  it('a deactivated user is turned away on every call', async () => {
    await using app = await openTestApp();
    await app.force({ ...(await makeAda(app)), deactivatedAt: 1 });
    const { status, body } = await read(app, app.tokenOf('ada'));
    assert.deepEqual([status, body.code], [403, 17]);
  });

  it('a deleted user is turned away as gone, is not found, and is not revived', async () => {
    await using app = await openTestApp();
    await app.force({ ...(await makeAda(app)), deletedAt: 1 });
    const own = await read(app, app.tokenOf('ada'));
    assert.deepEqual([own.status, own.body.code], [404, 16]);
    assert.deepEqual((await read(app, app.tokenOf())).body.users, []);
    const revived = await app.http.inject({
      method: 'POST',
      url: '/users',
      query: { api_key: app.tenant.key },
      headers: { authorization: app.tokenOf() },
      payload: { users: { ada: {} } },
    });
    assert.equal(revived.statusCode, 404);
    assert.match(revived.json().message, /the user ada was deleted/);
  });

  it('deactivated users are found only when asked for, with the time', async () => {
    await using app = await openTestApp();
    await app.force({ ...(await makeAda(app)), deactivatedAt: 1 });
    const find = async (payload: object) => {
      const query = { api_key: app.tenant.key, payload: JSON.stringify(payload) };
      return (await app.http.inject({ url: '/users', query, headers: { authorization: app.tokenOf() } })).json().users;
    };
    assert.deepEqual(await find({}), []);
    const [ada] = await find({ include_deactivated_users: true });
    assert.equal(ada.deactivated_at, '1970-01-01T00:00:00.001Z');
  });

  it('an error of ours is told with an id and nothing else', async () => {
    await using app = await openTestApp();
    await app.store[Symbol.asyncDispose]();
    const { status, body } = await read(app, app.tokenOf());
    assert.equal(status, 500);
    assert.match(body.message, /^internal error, id [0-9a-f-]{36}$/);
  });
});
