import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { openTestApp, type TestApp } from '../testing.ts';
import { enter, until } from './testing.ts';

const readOne = async (app: TestApp, id: string) => {
  const found = await app.store.find(app.tenant.id, [id]);
  return found.get(id);
};

describe('the door for live connections', () => {
  it('survives peers that reset in the middle of an upgrade, to any path', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    const [host = '', port = ''] = address.split(':');
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
    for (const path of ['/x', '/connect']) {
      for (let round = 0; round < 50; round++) {
        const peer = connect(Number(port), host);
        peer.on('error', () => {});
        await once(peer, 'connect');
        peer.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
        if (round % 2) await pause(1);
        peer.resetAndDestroy();
      }
    }
    assert.equal((await fetch(`http://${address}/health`)).status, 200);
  });

  it('lets in who comes back with nothing new while writers wait', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    await app.call('POST', '/users', { users: { ben: { name: 'Ben' } } });
    let written = 0;
    const batches = Array.from({ length: 50 }, (_, batch) => {
      const ids = Array.from({ length: 100 }, (_, at) => [`u${batch}-${at}`, { name: 'Ann' }]);
      return app.call('POST', '/users', { users: Object.fromEntries(ids) }).then(() => {
        written += 1;
      });
    });
    const { frames } = enter(app, address, 'ben', { details: { name: 'Ben' } });
    await until('the hello', () => frames.length > 0);
    assert.equal(frames[0].me.name, 'Ben');
    assert.ok(written < batches.length, 'some writers still wait');
    await Promise.all(batches);
  });

  it('passes over an offer to upgrade to something else, and answers the call', async () => {
    await using app = await openTestApp();
    const [host = '', port = ''] = (await app.address()).split(':');
    const peer = connect(Number(port), host);
    peer.write('GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n');
    let text = '';
    for await (const data of peer) text += data;
    assert.match(text, /^HTTP\/1.1 200/);
  });

  it('tells news that came while it was saying hello, after the hello', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    for (let round = 0; round < 20; round++) {
      const id = `ann${round}`;
      await app.call('POST', '/users', { users: { [id]: {} } });
      const { socket, frames } = enter(app, address, id);
      const patches = Array.from({ length: 10 }, (_, at) =>
        app.call('PATCH', '/users', { users: [{ id, set: { at } }] }),
      );
      await Promise.all(patches);
      await until('the last news', () => (frames.at(-1)?.user ?? frames.at(-1)?.me)?.at === 9);
      assert.equal(frames[0].type, 'health.check');
      socket.terminate();
    }
  });

  it('writes nothing for a connection that is one too many', async () => {
    await using app = await openTestApp({ ROLLCALL_CONNECTIONS_PER_USER: '1' });
    const address = await app.address();
    const first = enter(app, address, 'ann', { details: { v: 1 } });
    await until('the hello', () => first.frames.length > 0);
    const second = enter(app, address, 'ann', { details: { v: 2 } });
    const [code] = await once(second.socket, 'close');
    assert.equal(code, 4429);
    assert.equal(second.frames[0].error.code, 9);
    assert.equal((await readOne(app, 'ann'))?.custom, '{"v":1}');
    first.socket.terminate();
  });

  it('leaves nobody online who was refused', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    await app.call('PATCH', '/app', { enforce_unique_usernames: 'app' });
    await app.call('POST', '/users', { users: { ann: { name: 'Ann' }, ben: { name: 'Ben' } } });
    const { socket } = enter(app, address, 'ben', { details: { name: 'ann' } });
    const [code] = await once(socket, 'close');
    assert.equal(code, 4400);
    const { body } = await app.call('GET', '/users');
    assert.deepEqual(
      body.users.map(({ online }: { online: boolean }) => online),
      [false, false],
    );
  });

  it('ends the lease of a client that closes with a code of ours', async () => {
    await using app = await openTestApp({ ROLLCALL_GRACE_MS: '0' });
    const address = await app.address();
    const { socket, frames } = enter(app, address, 'ann');
    await until('the hello', () => frames.length > 0);
    socket.close(1012);
    await until('offline', async () => (await app.call('GET', '/users')).body.users[0].online === false);
  });

  it('turns away a revoked token and a deactivated user, also when that comes while they connect', async () => {
    await using app = await openTestApp();
    const address = await app.address();
    for (let round = 0; round < 20; round++) {
      const id = `ann${round}`;
      await app.call('POST', '/users', { users: { [id]: {} } });
      const { socket } = enter(app, address, id);
      const revoke_tokens_issued_before = new Date(Date.now() + 60_000).toISOString();
      await app.call('PATCH', '/users', { users: [{ id, set: { revoke_tokens_issued_before } }] });
      const [code] = await once(socket, 'close');
      assert.equal(code, 4401);
    }
  });

  it('lives by the machine’s clock, though a stored time may be ahead of it', async () => {
    await using app = await openTestApp({ ROLLCALL_GRACE_MS: '0', ROLLCALL_HEARTBEAT_MS: '200' });
    const ahead = Date.now() + 3 * 24 * 3600_000;
    await app.call('POST', '/users', { users: { ben: {} } });
    const ben = await readOne(app, 'ben');
    assert.ok(ben);
    await app.force({ ...ben, updatedAt: ahead });
    const address = await app.address();
    const { socket, frames } = enter(app, address, 'ann');
    await until('a beat', () => frames.length > 1);
    socket.terminate();
    await until('offline', async () =>
      (await app.call('GET', '/users')).body.users.every(({ online }: { online: boolean }) => !online),
    );
  });
});

it('a stop writes down when each of very many users was last there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-'));
  const file = join(folder, 'r.db');
  const ids = Array.from({ length: 700 }, (_, at) => `u${at}`);
  {
    await using app = await openTestApp({}, file);
    const address = await app.address();
    const clients = ids.map((id) => enter(app, address, id));
    await until('everybody', () => clients.every(({ frames }) => frames.length > 0));
  }
  const db = new DatabaseSync(file);
  assert.equal(db.prepare('SELECT count(*) AS seen FROM user_activity').get()?.seen, ids.length);
  db.close();
  await rm(folder, { recursive: true });
});

it('closes who falls silent soon after the time that is set, also when that is short', async () => {
  await using app = await openTestApp({ ROLLCALL_HEARTBEAT_MS: '100', ROLLCALL_IDLE_MS: '300' });
  const query = { api_key: app.tenant.key, authorization: app.tokenOf('ann'), json: '{"user_id":"ann"}' };
  const url = `ws://${await app.address()}/connect?${new URLSearchParams(query)}`;
  const began = performance.now();
  const socket = new WebSocket(url, { autoPong: false });
  const [code] = await once(socket, 'close');
  const ms = performance.now() - began;
  assert.equal(code, 4001);
  assert.ok(ms >= 290 && ms < 900, `${ms} ms`);
});
