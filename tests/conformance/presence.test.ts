import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { inSeconds, userToken } from '../support/token.ts';
import { until, within } from '../support/wait.ts';
import { title } from './behaviours.ts';
import { subset } from './check.ts';
import { enter, freshId, readUser } from './door.ts';
import { playStep } from './run.ts';
import { patch } from './steps.ts';
import { ONLY_OURS, openTarget, type Target } from './target.ts';

/** The server looks at its connections once a second: much shorter times would mean nothing. */
const QUICK = { ROLLCALL_HEARTBEAT_MS: '500', ROLLCALL_IDLE_MS: '2000' };

let target: Target;
let quick: Target;
before(async () => {
  [target, quick] = await Promise.all([openTarget(), openTarget(QUICK)]);
});
after(() => Promise.all([target?.[Symbol.asyncDispose](), quick?.[Symbol.asyncDispose]()]));

describe(title('connect.ends'), { concurrency: true }, () => {
  it('lets go of a connection when its token is revoked', async () => {
    const userId = freshId('ann');
    const { socket } = await enter(target, { userId, actor: { user: userId, claims: { iat: inSeconds(-100) } } });
    await using _ = socket;
    const instant = new Date(inSeconds(-50) * 1000).toISOString();
    await playStep(target, patch([{ id: userId, set: { revoke_tokens_issued_before: instant } }]));
    subset(await socket.type('connection.error'), { error: { code: 40, StatusCode: 401 } }, 'frame');
    assert.equal((await socket.closed()).code, 4401);
  });

  it('lets go of a connection when its token expires', async () => {
    const userId = freshId('ann');
    const { socket } = await enter(target, { userId, actor: { user: userId, claims: { exp: inSeconds(-3) } } });
    await using _ = socket;
    subset(await socket.type('connection.error', 12_000), { error: { code: 40, StatusCode: 401 } }, 'frame');
    assert.equal((await socket.closed()).code, 4401);
  });
});

describe(title('presence.online'), { concurrency: true }, () => {
  it('is online while connected and offline a little after', async () => {
    const userId = freshId('ann');
    const { socket } = await enter(target, { userId });
    await using _ = socket;
    const online = () => readUser(target, userId).then((user) => user?.online);
    await until('online', online, (seen) => seen === true);
    assert.match(String((await readUser(target, userId))?.last_active), /^\d{4}-.*Z$/);
    await socket.close();
    assert.equal(await online(), true, 'a short absence makes no flip');
    await until('offline', online, (seen) => seen === false, 15_000);
  });
});

describe(title('connect.heartbeat'), { skip: ONLY_OURS }, () => {
  it('greets those who are there, and closes who gives no sign of life', async () => {
    const lively = await enter(quick, { userId: freshId('ann') });
    await using socket = lively.socket;
    const query = new URLSearchParams({
      api_key: quick.own.apiKey,
      authorization: userToken('bob', quick.own.secret),
      'stream-auth-type': 'jwt',
      json: '{"user_id":"bob"}',
    });
    const silent = new WebSocket(`${quick.url.replace(/^http/, 'ws')}/connect?${query}`, { autoPong: false });
    const [code] = await within('the close', once(silent, 'close'), 10_000);
    assert.equal(code, 4001);
    assert.ok(socket.isOpen(), 'who answers pings stays');
    const greetings = () => socket.frames.filter((frame) => frame.type === 'health.check');
    await until('greetings', greetings, (frames) => frames.length >= 3);
    for (const frame of greetings()) subset(frame, { connection_id: lively.connectionId, created_at: /Z$/ }, 'frame');
  });
});
