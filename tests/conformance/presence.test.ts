import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inSeconds } from '../support/token.ts';
import { until } from '../support/wait.ts';
import { subset } from './check.ts';
import { enter, freshId, readUser } from './door.ts';
import { playStep } from './run.ts';
import { patch } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

describe('5 and 9 connections that end, and who is there', { concurrency: true }, () => {
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

  it('shows an invisible user as offline to others', async () => {
    const userId = freshId('ann');
    const { socket } = await enter(target, { userId, details: { invisible: true } });
    await using _ = socket;
    const seen = await readUser(target, userId, { actor: { user: freshId('bob') } });
    assert.equal(seen?.online, false);
  });
});
