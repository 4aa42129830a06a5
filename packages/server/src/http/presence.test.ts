import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connected, until } from '../socket/testing.ts';
import { openTestApp, type TestApp } from '../testing.ts';

const presenceOf = async (app: TestApp, id: string) => (await app.call('GET', `/users/${id}/presence`)).body.presence;

describe('why a user is shown as it is', () => {
  it('tells of each connection what the client said it is, where it is, and when it was heard', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    const ways = [
      { query: { 'X-Stream-Client': 'phone-1.2' } },
      { headers: { 'x-stream-client': 'laptop' } },
      { headers: { 'x-rollcall-client': 'web' }, query: { 'x-rollcall-client': ' a\n\u200btidy  name ' } },
      { query: { 'x-stream-client': 'x'.repeat(1000) } },
      {},
    ];
    const clients = [];
    for (const way of ways) clients.push(await connected(app, address, 'ben', way));
    const presence = await presenceOf(app, 'ben');
    assert.deepEqual(
      presence.connections.map(({ device }: { device: string }) => device),
      ['phone-1.2', 'laptop', 'a tidy name', 'x'.repeat(200), ''],
    );
    assert.deepEqual(
      presence.connections.map(({ id }: { id: string }) => id),
      clients.map(({ frames }) => frames[0].connection_id),
    );
    const [one] = presence.connections;
    assert.deepEqual([presence.online, presence.invisible, one.closed], [true, false, false]);
    assert.match(one.node, /^[0-9a-f]{8}$/);
    assert.ok(one.connected_at <= one.last_heartbeat && one.last_heartbeat < one.lease_until);
    assert.ok(!('grace_until' in presence));
    const [first] = clients;
    await pause(20);
    first?.socket.send('{"type":"health.check"}');
    await until('a later sign of life', async () => {
      const later = (await presenceOf(app, 'ben')).connections[0];
      return later.last_heartbeat > one.last_heartbeat;
    });
  });

  it('tells of the grace after the last connection, and of nobody there after it', async () => {
    await using app = await openTestApp({ ROLLCALL_GRACE_MS: '1500' });
    const address = await app.address();
    const { socket } = await connected(app, address, 'ben');
    socket.close();
    await until('the grace', async () => (await presenceOf(app, 'ben')).grace_until !== undefined);
    const grace = await presenceOf(app, 'ben');
    assert.equal(grace.online, true);
    assert.equal(grace.connections[0].closed, true);
    assert.equal(grace.connections[0].lease_until, grace.grace_until);
    await until('the end of it', async () => (await presenceOf(app, 'ben')).online === false);
    const gone = await presenceOf(app, 'ben');
    assert.deepEqual([gone.connections, gone.grace_until], [[], undefined]);
    assert.equal(gone.last_active, grace.connections[0].last_heartbeat);
  });

  it('tells that a user is there and hides', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    await connected(app, address, 'ben', { details: { invisible: true } });
    const presence = await presenceOf(app, 'ben');
    assert.deepEqual([presence.online, presence.invisible, presence.connections.length], [false, true, 1]);
    assert.ok(!('last_active' in presence), 'nobody ever saw it');
  });

  it('refuses whoever is not the app’s server, and knows no user who does not exist', async () => {
    await using app = await openTestApp();
    await app.call('POST', '/users', { users: { ben: {}, gone: {} } });
    const gone = (await app.store.find(app.tenant.id, ['gone'])).get('gone');
    assert.ok(gone);
    await app.force({ ...gone, deletedAt: 5 });
    for (const id of ['nobody', 'gone', '__proto__', 'a%20b', '%F0%9F%98%80']) {
      const { status, body } = await app.call('GET', `/users/${id}/presence`);
      assert.deepEqual([status, body.code], [404, 16]);
    }
    const answer = await app.http.inject({
      method: 'GET',
      url: '/users/ben/presence',
      query: { api_key: app.tenant.key },
      headers: { authorization: app.tokenOf('ben') },
    });
    assert.deepEqual([answer.statusCode, answer.json().code], [403, 17]);
    const { body } = await app.call('GET', '/users/ben/presence');
    assert.deepEqual(
      [body.presence, typeof body.duration],
      [{ online: false, invisible: false, connections: [] }, 'string'],
    );
  });
});
