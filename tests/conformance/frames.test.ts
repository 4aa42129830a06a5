import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { at } from '../support/json.ts';
import { startServer } from '../support/server.ts';
import { openSocket, type Socket } from '../support/socket.ts';
import { userToken } from '../support/token.ts';
import { suffix, until } from '../support/wait.ts';
import { title } from './behaviours.ts';
import { subset } from './check.ts';
import { connectAs, enter, freshId, readUser } from './door.ts';
import { playStep, send } from './run.ts';
import { as, patch, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

/** A moment in which something that must not come would have come. */
const MOMENT_MS = 150;
const updates = (socket: Socket): number => socket.frames.filter((frame) => frame.type === 'user.updated').length;

describe(title('presence.updated'), () => {
  it('tells every connection of a user what changed', async () => {
    const userId = freshId('ann');
    await using first = (await enter(target, { userId })).socket;
    await using second = (await enter(target, { userId })).socket;
    await playStep(target, patch([{ id: userId, set: { color: 'green', name: `Ann ${suffix()}`, invisible: true } }]));
    for (const socket of [first, second]) {
      const frame = await socket.type('user.updated');
      subset(frame, { user: { id: userId, color: 'green', invisible: true }, created_at: /Z$/ }, 'frame');
      assert.ok(Array.isArray(frame.changed));
      assert.deepEqual([...frame.changed].sort(), ['color', 'invisible', 'name']);
    }
  });
});

describe(title('presence.quiet'), () => {
  it('tells nothing of a write that changed nothing', async () => {
    const userId = freshId('ann');
    await using socket = (await enter(target, { userId, details: { color: 'green' } })).socket;
    await playStep(target, patch([{ id: userId, set: { color: 'green' } }]));
    await playStep(target, patch([{ id: userId, set: { color: 'red' } }]));
    await socket.type('user.updated');
    await pause(MOMENT_MS);
    assert.equal(updates(socket), 1);
    assert.equal(at(await socket.type('user.updated'), 'user', 'color'), 'red');
  });

  it('tells of a user named twice in a batch once', async () => {
    const userId = freshId('ann');
    await using socket = (await enter(target, { userId })).socket;
    const items = [1, 2].map((count) => ({ id: userId, set: { count } }));
    await playStep(target, patch(items));
    assert.equal(at(await socket.type('user.updated'), 'user', 'count'), 2);
    await pause(MOMENT_MS);
    assert.equal(updates(socket), 1);
  });
});

describe(title('presence.updated'), () => {
  it('tells the other connections of a change that a connect makes', async () => {
    const userId = freshId('ann');
    await using first = (await enter(target, { userId })).socket;
    await using _ = (await enter(target, { userId, details: { color: 'green' } })).socket;
    subset(await first.type('user.updated'), { user: { color: 'green' }, changed: ['color'] }, 'frame');
  });
});

describe(title('presence.order'), () => {
  it('tells of changes in their order', async () => {
    const userId = freshId('ann');
    await using socket = (await enter(target, { userId })).socket;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => playStep(target, patch([{ id: userId, set: { [`f${n}`]: n } }]))),
    );
    const count = (frame: unknown) => Object.keys(at(frame, 'user') ?? {}).filter((key) => /^f\d+$/.test(key)).length;
    await socket.frame((frame) => count(frame) === 20);
    const times = socket.frames
      .filter((frame) => frame.type === 'user.updated')
      .map((frame) => at(frame, 'user', 'updated_at'));
    assert.deepEqual(times, [...new Set(times)].sort());
  });
});

describe(title('presence.strangers'), () => {
  it("tells nobody else: neither other users nor another app's user of the same id", async () => {
    const userId = freshId('ann');
    await using own = (await enter(target, { userId })).socket;
    await using neighbour = (await enter(target, { userId: freshId('bob') })).socket;
    const namesake = target.other === undefined ? undefined : (await enter(target, { userId, app: 'other' })).socket;
    await playStep(target, upsert([{ id: userId, color: 'green' }]));
    await own.type('user.updated');
    await pause(MOMENT_MS);
    assert.equal(updates(neighbour), 0);
    if (namesake !== undefined) assert.equal(updates(namesake), 0);
    await namesake?.[Symbol.asyncDispose]();
  });
});

const WELCOME = [
  '{"a\\\\":1}',
  '[{"type":"health.check","client_id":"x"}]',
  '{"type":"unwatch","user_ids":[]}',
  '{"type":"nothing.known"}',
  '5',
  '"hello"',
  'null',
  '[]',
];

/** A frame of the first byte, masked with zeros. */
const rawFrame = (first: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([first, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text, 'latin1')]);

const HOSTILE: readonly (readonly [what: string, send: (socket: Socket) => void])[] = [
  ['a frame that is no JSON', (socket) => socket.send('{"type":')],
  ['an empty frame', (socket) => socket.send('')],
  ['a frame over 64 KiB', (socket) => socket.send(JSON.stringify({ type: 'x', more: 'x'.repeat(64 * 1024) }))],
  ['a frame of 2 MiB', (socket) => socket.send('x'.repeat(2 * 1024 * 1024))],
  ['a binary frame', (socket) => socket.send(Buffer.from([0, 1, 2, 255]))],
  ['a frame that is no UTF-8', (socket) => socket.sendRaw(rawFrame(0x81, '\xff\xfe'))],
  ['a frame with reserved bits', (socket) => socket.sendRaw(rawFrame(0xf1, '{}'))],
  ['a frame without a mask', (socket) => socket.sendRaw(Buffer.from([0x81, 0x02, 0x7b, 0x7d]))],
];

describe(title('connect.frames'), () => {
  it('takes anything well-formed as a sign of life', async () => {
    const userId = freshId('ann');
    await using socket = (await enter(target, { userId })).socket;
    for (const text of WELCOME) socket.send(text);
    await playStep(target, patch([{ id: userId, set: { color: 'green' } }]));
    await socket.type('user.updated');
    assert.ok(socket.isOpen());
  });

  for (const [what, send] of HOSTILE) {
    it(`closes on ${what}, and only that connection`, async () => {
      const userId = freshId('ann');
      await using other = (await enter(target, { userId })).socket;
      await using socket = (await enter(target, { userId })).socket;
      send(socket);
      const { code } = await socket.closed();
      assert.ok([4400, 1002, 1003, 1006, 1007, 1009].includes(code), `close code ${code}`);
      assert.ok(other.isOpen());
      assert.equal((await readUser(target, userId))?.id, userId);
    });
  }
});

describe(title('connect.limit'), () => {
  it('refuses the 51st connection of a user and leaves the others', async () => {
    const userId = freshId('ann');
    const sockets = await Promise.all(Array.from({ length: 50 }, () => enter(target, { userId })));
    await using stack = new AsyncDisposableStack();
    for (const { socket } of sockets) stack.use(socket);
    await using late = await connectAs(target, { userId });
    subset(await late.frame(() => true), { type: 'connection.error', error: { code: 9, StatusCode: 429 } }, 'frame');
    assert.equal((await late.closed()).code, 4429);
    assert.ok(sockets.every(({ socket }) => socket.isOpen()));
  });
});

const OWN_SERVER = {
  skip: process.env.ROLLCALL_CONFORMANCE_URL ? 'needs a server to stop' : false,
};

describe(title('connect.restart'), OWN_SERVER, () => {
  it('closes its connections with 1012 when it stops, and ends well', async () => {
    await using server = await startServer();
    const token = userToken('ann', server.secret);
    const json = '{"user_id":"ann"}';
    await using socket = await openSocket({ url: server.url, apiKey: server.apiKey, token, json });
    await socket.type('health.check');
    const [code, closed] = await Promise.all([server.stop(), socket.closed(10_000)]);
    assert.equal(closed.code, 1012);
    assert.equal(code, 0);
  });
});

describe(title('app.suspended'), OWN_SERVER, () => {
  it('shuts the door of a suspended app, and opens it again', async (test) => {
    if (target.server === undefined || target.other === undefined) return test.skip('needs a server of our own');
    const { apiKey } = target.other;
    const step = { ...upsert([{ id: 'ann' }]), app: 'other' } as const;
    const status = async (): Promise<number> => (await send(target, step)).status;
    await target.server.appCommand('suspend', apiKey);
    target.changed?.(target.other);
    await until('the suspension', status, (seen) => seen === 403);
    // One node knows it: what follows may ask another.
    target.changed?.(target.other);
    await playStep(target, { ...step, expect: { status: 403, code: 99 } });
    await playStep(target, { ...step, actor: as('ann'), expect: { status: 403, code: 99 } });
    await using socket = await connectAs(target, { userId: 'ann', app: 'other' });
    subset(await socket.frame(() => true), { type: 'connection.error', error: { code: 99, StatusCode: 403 } }, 'frame');
    assert.equal((await socket.closed()).code, 4403);
    await target.server.appCommand('resume', apiKey);
    target.changed?.(target.other);
    await until('the end of the suspension', status, (seen) => seen === 201);
    target.changed?.(target.other);
  });
});
