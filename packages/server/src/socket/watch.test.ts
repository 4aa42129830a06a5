import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createSigner } from 'fast-jwt';
import { openTestApp, type TestApp } from '../testing.ts';
import { type Client, connected, flipsOf, heard, until, watch } from './testing.ts';

/** A moment in which something that must not come would have come. */
const MOMENT_MS = 100;
const QUICK = { ROLLCALL_GRACE_MS: '0', ROLLCALL_CONNECTS_PER_MINUTE: '0', ROLLCALL_QUERIES_PER_MINUTE: '0' };
const NO_CONNECTION =
  'QueryUsers failed with error: "Watch or Presence requires an active websocket connection, please make sure to include your websocket connection_id"';

const patch = (app: TestApp, id: string, set: object) => app.call('PATCH', '/users', { users: [{ id, set }] });
const updates = (client: Client, id: string) => heard(client, 'user.updated', id);

/** Asks for users with whatever else the call is to say. */
async function ask(app: TestApp, token: string, payload: object, query: Readonly<Record<string, string>> = {}) {
  const answer = await app.http.inject({
    method: 'GET',
    url: '/users',
    query: { api_key: app.tenant.key, payload: JSON.stringify(payload), ...query },
    headers: { authorization: token },
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('watching users', () => {
  it('lets a watcher see another user come, change and go', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: { name: 'Ben' } } });
    const ann = await connected(app, address, 'ann');
    const { body } = await watch(app, ann, { id: 'ben' });
    assert.deepEqual([body.users[0].id, body.users[0].online], ['ben', false]);
    const ben = await connected(app, address, 'ben');
    await until('ben comes', () => flipsOf(ann, 'ben').length === 1);
    await patch(app, 'ben', { name: 'Benno', color: 'green' });
    await until('ben changes', () => updates(ann, 'ben').length === 1);
    const [frame] = updates(ann, 'ben');
    assert.deepEqual([frame.user.name, frame.user.online, frame.changed], ['Benno', true, ['name', 'color']]);
    assert.equal(frame.created_at, frame.user.updated_at);
    ben.socket.close(1000);
    await until('ben goes', () => flipsOf(ann, 'ben').length === 2);
    const [came, went] = heard(ann, 'user.presence.changed', 'ben');
    assert.deepEqual([came.user.online, went.user.online, went.user.name], [true, false, 'Benno']);
    assert.ok(came.created_at < went.created_at);
    assert.ok(went.user.last_active <= went.created_at);
  });

  it('misses nothing that happens after the answer, however soon', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: { n: -1 } } });
    for (let round = 0; round < 20; round++) {
      const ann = await connected(app, address, 'ann');
      const writes = [0, 1, 2, 3].map((n) => patch(app, 'ben', { n: round * 10 + n }));
      const { body } = await watch(app, ann, { id: 'ben' });
      await Promise.all(writes);
      const newest = () =>
        [body.users[0], ...updates(ann, 'ben').map(({ user }) => user)].toSorted((a, b) =>
          a.updated_at < b.updated_at ? 1 : -1,
        )[0];
      await until('the last change', () => newest().n === round * 10 + 3);
      ann.socket.terminate();
    }
  });

  it('tells the watcher nothing of what is private, and nothing of a write that changed nothing', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: { name: 'Ben' } } });
    const ann = await connected(app, address, 'ann');
    const ben = await connected(app, address, 'ben');
    await watch(app, ann, { id: 'ben' });
    await patch(app, 'ben', { name: 'Ben' });
    await patch(app, 'ben', { privacy_settings: { read_receipts: { enabled: false } } });
    await patch(app, 'ben', { invisible: true, name: 'B' });
    await until('the change', () => updates(ann, 'ben').length === 1);
    await until('the going', () => flipsOf(ann, 'ben').length === 1);
    const [frame] = updates(ann, 'ben');
    assert.deepEqual(frame.changed, ['name']);
    const [went] = heard(ann, 'user.presence.changed', 'ben');
    for (const { user } of [frame, went]) {
      assert.ok(!('invisible' in user) && !('privacy_settings' in user));
      assert.equal(user.online, false);
    }
    const own = updates(ben, 'ben');
    assert.deepEqual(
      own.map(({ changed }) => changed),
      [['privacy_settings'], ['name', 'invisible']],
    );
    assert.equal(own[1].user.online, true);
  });

  it('shows a user who hides as gone since then, and as come when it shows itself', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ann = await connected(app, address, 'ann');
    await connected(app, address, 'ben');
    await watch(app, ann, { id: 'ben' });
    await patch(app, 'ben', { invisible: true });
    await until('the going', () => flipsOf(ann, 'ben').length === 1);
    const [went] = heard(ann, 'user.presence.changed', 'ben');
    await pause(30);
    const { body } = await watch(app, ann, { id: 'ben' });
    assert.deepEqual([body.users[0].online, body.users[0].last_active], [false, went.user.last_active]);
    await patch(app, 'ben', { invisible: false });
    await until('the coming', () => flipsOf(ann, 'ben').length === 2);
    assert.deepEqual(flipsOf(ann, 'ben'), [false, true]);
    assert.equal(updates(ann, 'ben').length, 0);
  });

  it('tells nobody that a user who hides comes or goes', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ann = await connected(app, address, 'ann');
    await app.call('POST', '/users', { users: { ben: { invisible: true } } });
    await watch(app, ann, { id: 'ben' });
    const ben = await connected(app, address, 'ben');
    assert.deepEqual([ben.frames[0].me.online, ben.frames[0].me.invisible], [true, true]);
    ben.socket.close(1000);
    await pause(1200);
    assert.equal(ann.frames.filter(({ type }) => type !== 'health.check').length, 0);
  });

  it('tells a user who watches itself each thing once, as it sees itself', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ann = await connected(app, address, 'ann');
    await watch(app, ann, { id: 'ann' });
    await patch(app, 'ann', { name: 'Ann', invisible: true });
    await until('the change', () => updates(ann, 'ann').length > 0);
    await pause(MOMENT_MS);
    assert.equal(ann.frames.length, 2);
    assert.deepEqual([ann.frames[1].user.invisible, ann.frames[1].user.online], [true, true]);
  });

  it('tells of changes in the order of their commits, and of each once', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: {}, cem: {} } });
    const ann = await connected(app, address, 'ann');
    await watch(app, ann, { id: { $in: ['ben', 'cem'] } });
    const writes = Array.from({ length: 300 }, (_, n) => patch(app, n % 2 ? 'ben' : 'cem', { n }));
    await Promise.all(writes);
    for (const id of ['ben', 'cem']) {
      await until('all changes', () => updates(ann, id).length === 150);
      const times = updates(ann, id).map(({ user }) => user.updated_at);
      assert.deepEqual(times, [...new Set(times)].toSorted());
    }
  });

  it('writes the news of a hundred users, told in one turn, whole and in order', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ids = Array.from({ length: 100 }, (_, at) => `u${at}`);
    const batch = (n: number) => ({
      users: Object.fromEntries(ids.map((id) => [id, { n, text: 'é'.repeat(n ? 2000 : 1) }])),
    });
    await app.call('POST', '/users', batch(0));
    const ann = await connected(app, address, 'ann');
    await watch(app, ann, { id: { $in: ids } }, { limit: 100 });
    await app.call('POST', '/users', batch(1));
    await until('everybody', () => ann.frames.length === 101);
    const told = ann.frames.slice(1).map(({ user }) => user.id);
    assert.deepEqual(told, ids);
    assert.ok(ann.frames.slice(1).every(({ user }) => user.text.length === 2000));
  });
});

it('tells the same where frames are compressed', async () => {
  await using app = await openTestApp({ ...QUICK, ROLLCALL_COMPRESS_FRAMES: 'yes' });
  const address = await app.address();
  await app.call('POST', '/users', { users: { ben: {} } });
  const ann = await connected(app, address, 'ann');
  assert.match(ann.socket.extensions, /permessage-deflate/);
  await watch(app, ann, { id: 'ben' });
  const texts = ['short', 'long '.repeat(800)];
  for (const text of texts) await patch(app, 'ben', { text });
  await until('the changes', () => updates(ann, 'ben').length === 2);
  assert.deepEqual(
    updates(ann, 'ben').map(({ user }) => user.text),
    texts,
  );
});

describe('whose watch it is', () => {
  it('takes a connection from the query or the payload, and refuses one that is not the caller’s', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ann = await connected(app, address, 'ann');
    const ben = await connected(app, address, 'ben');
    const [annId, benId] = [ann, ben].map(({ frames }) => frames[0].connection_id);
    const mine = app.tokenOf('ann');
    const asked = { presence: true };
    assert.equal((await ask(app, mine, asked, { connection_id: annId })).status, 200);
    assert.equal((await ask(app, mine, { ...asked, connection_id: annId })).status, 200);
    for (const query of [{}, { connection_id: '' }] as Record<string, string>[]) {
      const { status, body } = await ask(app, mine, asked, query);
      assert.deepEqual([status, body.code, body.message], [400, 4, NO_CONNECTION]);
    }
    for (const connection_id of [benId, 'nonsense', '__proto__']) {
      const { status, body } = await ask(app, mine, asked, { connection_id });
      assert.deepEqual([status, body.code], [400, 4]);
    }
    assert.equal((await ask(app, mine, {}, { connection_id: 'nonsense' })).status, 200, 'nothing is to be watched');
  });

  it('lets the app’s server watch for any connection of the app, and find users without one', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: {} } });
    const ann = await connected(app, address, 'ann');
    const server = app.tokenOf();
    const found = await ask(app, server, { presence: true, filter_conditions: { id: 'ben' } });
    assert.equal(found.body.users.length, 1);
    const connection_id = ann.frames[0].connection_id;
    await ask(app, server, { presence: true, filter_conditions: { id: 'ben' }, connection_id });
    await patch(app, 'ben', { n: 1 });
    await until('the change', () => updates(ann, 'ben').length === 1);
    assert.equal((await ask(app, server, { presence: true, connection_id: 'nonsense' })).body.code, 4);
  });

  it('keeps the connections of another app out of reach', async () => {
    await using app = await openTestApp(QUICK);
    const other = await app.apps.create({ name: 'Other' });
    const address = await app.address();
    const ann = await connected(app, address, 'ann');
    const answer = await app.http.inject({
      method: 'GET',
      url: '/users',
      query: {
        api_key: other.key,
        payload: JSON.stringify({ presence: true, connection_id: ann.frames[0].connection_id }),
      },
      headers: { authorization: createSigner({ key: other.secret })({ server: true }) },
    });
    assert.equal(answer.json().code, 4);
  });
});

describe('the end of a watch', () => {
  it('comes when the client says so, in one frame or a list of them', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: {}, cem: {}, dan: {} } });
    const ann = await connected(app, address, 'ann');
    await watch(app, ann, { id: { $in: ['ben', 'cem', 'dan'] } });
    ann.socket.send(JSON.stringify({ type: 'unwatch', user_ids: ['ben', 'stranger', 5, null] }));
    ann.socket.send(JSON.stringify([{ type: 'health.check' }, { type: 'unwatch', user_ids: ['cem'] }]));
    for (const text of ['{"type":"unwatch"}', '{"type":"unwatch","user_ids":"dan"}', '[[[]]]', 'null']) {
      ann.socket.send(text);
    }
    await pause(MOMENT_MS);
    for (const id of ['ben', 'cem', 'dan']) await patch(app, id, { n: 1 });
    await until('the change', () => updates(ann, 'dan').length === 1);
    assert.equal(ann.frames.length, 2);
  });

  it('comes when the watcher leaves the team, or the watched user does, or the app is divided', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('PATCH', '/app', { multi_tenant_enabled: true });
    const red = { teams: ['red'] };
    await app.call('POST', '/users', { users: { ann: red, abe: red, ben: red, cem: red, dan: red } });
    const [ann, abe] = [await connected(app, address, 'ann'), await connected(app, address, 'abe')];
    const everybody = { id: { $in: ['ben', 'cem'] } };
    for (const client of [ann, abe]) assert.equal((await watch(app, client, everybody)).body.users.length, 2);
    await patch(app, 'ben', { teams: ['blue'], secret: 1 });
    await patch(app, 'abe', { teams: ['blue'] });
    await patch(app, 'cem', { n: 1 });
    await until('the change', () => updates(ann, 'cem').length === 1);
    await pause(MOMENT_MS);
    assert.deepEqual([updates(ann, 'ben').length, updates(abe, 'ben').length], [0, 0]);
    assert.equal(updates(abe, 'cem').length, 0);

    await app.call('PATCH', '/app', { multi_tenant_enabled: false });
    assert.equal((await watch(app, abe, { id: 'dan' })).body.users.length, 1);
    await app.call('PATCH', '/app', { multi_tenant_enabled: true });
    await patch(app, 'dan', { n: 1 });
    await patch(app, 'abe', { n: 1 });
    await until('the own change', () => updates(abe, 'abe').length === 2);
    assert.equal(updates(abe, 'dan').length, 0);
  });

  it('comes with a server’s watch for a connection whose user may not see: it never begins', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    await app.call('PATCH', '/app', { multi_tenant_enabled: true });
    await app.call('POST', '/users', { users: { ann: { teams: ['red'] }, ben: { teams: ['blue'] } } });
    const ann = await connected(app, address, 'ann');
    const connection_id = ann.frames[0].connection_id;
    const { body } = await ask(app, app.tokenOf(), { presence: true, filter_conditions: { id: 'ben' }, connection_id });
    assert.equal(body.users.length, 1, 'the server sees everybody');
    await patch(app, 'ben', { n: 1 });
    await patch(app, 'ann', { n: 1 });
    await until('the own change', () => updates(ann, 'ann').length === 1);
    assert.equal(updates(ann, 'ben').length, 0);
  });

  it('comes for the oldest past a thousand', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ids = Array.from({ length: 1001 }, (_, at) => `u${String(at).padStart(4, '0')}`);
    for (let start = 0; start < ids.length; start += 100) {
      await app.call('POST', '/users', {
        users: Object.fromEntries(ids.slice(start, start + 100).map((id) => [id, {}])),
      });
    }
    const ann = await connected(app, address, 'ann');
    for (let start = 0; start < ids.length; start += 100) {
      await watch(app, ann, { id: { $in: ids.slice(start, start + 100) } }, { limit: 100, sort: [{ field: 'id' }] });
    }
    for (const id of ['u0000', 'u0001', 'u1000']) await patch(app, id, { n: 1 });
    await until('the last', () => updates(ann, 'u1000').length === 1);
    assert.deepEqual([updates(ann, 'u0000').length, updates(ann, 'u0001').length], [0, 1]);
  });

  it('comes with 4002 for a reader who does not read', async () => {
    await using app = await openTestApp(QUICK);
    const address = await app.address();
    const ids = Array.from({ length: 100 }, (_, at) => `u${at}`);
    const batch = (n: number) => ({
      users: Object.fromEntries(ids.map((id) => [id, { n, text: 'x'.repeat(4500) }])),
    });
    await app.call('POST', '/users', batch(0));
    const [slow, quick] = [await connected(app, address, 'ann'), await connected(app, address, 'abe')];
    for (const client of [slow, quick]) await watch(app, client, { id: { $in: ids } }, { limit: 100 });
    slow.socket.pause();
    let code = 0;
    slow.socket.on('close', (number) => {
      code = number;
    });
    for (let n = 1; n <= 30; n++) await app.call('POST', '/users', batch(n));
    await until('the quick one', () => quick.frames.length === 3001);
    slow.socket.resume();
    await until('the close', () => code !== 0);
    assert.equal(code, 4002);
    assert.ok(slow.frames.length < 3001);
  });
});
