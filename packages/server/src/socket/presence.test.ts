import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { buildApp } from '../app.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { readConfig } from '../config.ts';
import { openTestApp, type TestApp } from '../testing.ts';
import { createMemoryTracker } from '../tracker/memory.ts';
import { type Client, connected, flipsOf, heard, until, watch } from './testing.ts';

const settings = (graceMs: number) => ({
  ROLLCALL_GRACE_MS: String(graceMs),
  ROLLCALL_CONNECTS_PER_MINUTE: '0',
});

async function watcherOf(app: TestApp, address: string, id: string): Promise<Client> {
  const ann = await connected(app, address, 'ann');
  await app.call('POST', '/users', { users: { [id]: {} } });
  await watch(app, ann, { id });
  return ann;
}

const onlineOf = async (app: TestApp, id: string): Promise<boolean> =>
  (await app.call('GET', `/users/${id}/presence`)).body.presence.online;

describe('who is seen there', () => {
  it('a device that drops and returns twenty times a second is seen to come once', async () => {
    await using app = await openTestApp(settings(1500));
    const address = await app.address();
    const ann = await watcherOf(app, address, 'ben');
    const endsAt = Date.now() + 2500;
    let returns = 0;
    for (; Date.now() < endsAt; returns += 1) {
      const device = await connected(app, address, 'ben');
      assert.equal(device.frames[0].me.online, true);
      device.socket.terminate();
      await pause(40);
      assert.equal(await onlineOf(app, 'ben'), true);
    }
    assert.ok(returns > 5);
    assert.deepEqual(flipsOf(ann, 'ben'), [true]);
    await until('the going', () => flipsOf(ann, 'ben').length === 2);
    await pause(100);
    assert.deepEqual(flipsOf(ann, 'ben'), [true, false]);
  });

  it('a device that is turned away each time is never seen', async () => {
    await using app = await openTestApp(settings(0));
    const address = await app.address();
    await app.call('PATCH', '/app', { enforce_unique_usernames: 'app' });
    await app.call('POST', '/users', { users: { taken: { name: 'Taken' } } });
    const ann = await watcherOf(app, address, 'ben');
    for (let round = 0; round < 10; round++) {
      const { frames } = await connected(app, address, 'ben', { details: { name: 'taken' } });
      assert.equal(frames[0].error.code, 6);
    }
    await pause(1100);
    assert.deepEqual(flipsOf(ann, 'ben'), []);
  });

  it('two devices never make a user go while one is there', async () => {
    await using app = await openTestApp(settings(0));
    const address = await app.address();
    const ann = await watcherOf(app, address, 'ben');
    let staying = await connected(app, address, 'ben');
    for (let round = 0; round < 4; round++) {
      const other = await connected(app, address, 'ben');
      staying.socket.close();
      await pause(600);
      assert.equal(await onlineOf(app, 'ben'), true);
      staying = other;
    }
    assert.deepEqual(flipsOf(ann, 'ben'), [true]);
  });

  it('is told as online during a short absence, in every answer and frame', async () => {
    await using app = await openTestApp(settings(60_000));
    const address = await app.address();
    const ann = await watcherOf(app, address, 'ben');
    const ben = await connected(app, address, 'ben');
    ben.socket.close();
    await pause(50);
    await app.call('PATCH', '/users', { users: [{ id: 'ben', set: { n: 1 } }] });
    await until('the change', () => heard(ann, 'user.updated', 'ben').length === 1);
    assert.equal(heard(ann, 'user.updated', 'ben')[0].user.online, true);
    const { presence } = (await app.call('GET', '/users/ben/presence')).body;
    assert.equal(presence.online, true);
    assert.match(presence.grace_until, /Z$/);
    // Who hides is gone at once, and its end is told to nobody.
    await app.call('PATCH', '/users', { users: [{ id: 'ben', set: { invisible: true } }] });
    await until('the going', () => flipsOf(ann, 'ben').length === 2);
    assert.deepEqual(flipsOf(ann, 'ben'), [true, false]);
  });

  it('hides from the first moment when it hides while it connects', async () => {
    await using app = await openTestApp(settings(0));
    const address = await app.address();
    const ann = await watcherOf(app, address, 'ben');
    for (let round = 0; round < 20; round++) {
      await app.call('PATCH', '/users', { users: [{ id: 'ben', set: { invisible: false } }] });
      const before = flipsOf(ann, 'ben').length;
      const arriving = connected(app, address, 'ben');
      await app.call('PATCH', '/users', { users: [{ id: 'ben', set: { invisible: true } }] });
      const { socket } = await arriving;
      // What comes later is told later.
      await app.call('PATCH', '/users', { users: [{ id: 'ben', set: { round } }] });
      await until('the change', () => heard(ann, 'user.updated', 'ben').length === round + 1);
      const flips = flipsOf(ann, 'ben').slice(before);
      assert.ok(flips.length % 2 === 0, `it is seen as there: ${flips}`);
      assert.equal(await onlineOf(app, 'ben'), false);
      socket.terminate();
    }
  });

  it('comes and goes at ever later times, however quickly it hides and shows itself', async () => {
    await using app = await openTestApp(settings(0));
    const address = await app.address();
    const ann = await watcherOf(app, address, 'ben');
    await connected(app, address, 'ben');
    const toggles = Array.from({ length: 50 }, (_, n) =>
      app.call('PATCH', '/users', { users: [{ id: 'ben', set: { invisible: n % 2 === 0 } }] }),
    );
    await Promise.all(toggles);
    await until('all flips', () => flipsOf(ann, 'ben').length === 51);
    const times = heard(ann, 'user.presence.changed', 'ben').map(({ created_at }) => created_at);
    assert.deepEqual(times, [...new Set(times)].toSorted());
    assert.deepEqual(
      flipsOf(ann, 'ben'),
      times.map((_, at) => at % 2 === 0),
    );
  });
});

describe('over two nodes', () => {
  it('a user of one node is seen from the other, and a restart is seen by nobody', async () => {
    await using first = await openTestApp(settings(0));
    const config = readConfig({ ROLLCALL_PORT: '0', ...settings(0) });
    const parts = {
      store: first.store,
      bus: createMemoryBus(),
      tracker: createMemoryTracker({ leaseMs: 60_000, graceMs: 0 }),
      config,
      log: pino({ level: 'silent' }),
    };
    const [here, there] = [await buildApp(parts), await buildApp(parts)];
    const [{ port }, far] = [await here.listen('127.0.0.1', 0), await there.listen('127.0.0.1', 0)];
    const nodes = { here: { ...first, ...here }, there: { ...first, ...there } };
    const ann = await connected(nodes.here, `127.0.0.1:${port}`, 'ann');
    await first.call('POST', '/users', { users: { ben: {} } });
    await watch(nodes.here, ann, { id: 'ben' });
    await connected(nodes.there, `127.0.0.1:${far.port}`, 'ben');
    await until('the coming', () => flipsOf(ann, 'ben').length === 1);
    await there.close();
    // Its lease is left, so that it is there until it comes back to another node.
    const again = await connected(nodes.here, `127.0.0.1:${port}`, 'ben');
    await pause(1100);
    assert.deepEqual(flipsOf(ann, 'ben'), [true]);
    again.socket.close();
    ann.socket.close();
    await here.close();
  });
});
