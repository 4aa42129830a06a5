import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Rollcall } from '@rollcall/client';
import { accepted, patch, upsert } from '../concurrency/backend.ts';
import { openBalancer } from '../support/balancer.ts';
import { startEngines } from '../support/engines.ts';
import { IN_EARNEST, type Node, startNodes } from '../support/nodes.ts';
import { userToken } from '../support/token.ts';
import { suffix, until, within } from '../support/wait.ts';
import { gather } from './writers.ts';

const { engines, skip } = await startEngines();
after(() => engines?.[Symbol.asyncDispose]());

const CLIENTS = 40;
const WATCHED = 5;
/** Whoever is sent away by a restart comes back within 10 s, by chance; here within 3 s, unless in earnest. */
const chance = (): number => Math.random() * (IN_EARNEST ? 1 : 0.3);
const BACK_MS = 25_000;

it('a rolling restart of two nodes under load loses no acknowledged write, and every client comes back', {
  skip,
}, async (test) => {
  // As long as in earnest: clients take up to ten seconds to come back, and nobody is to be seen to go meanwhile.
  const env = { ROLLCALL_LEASE_MS: '60000', ROLLCALL_RENEW_MS: '20000', ROLLCALL_GRACE_MS: '3000' };
  await using nodes = await startNodes(engines ?? assert.fail(), 2, env);
  let running: readonly Node[] = nodes.all;
  await using balancer = await openBalancer(running.map(({ url }) => url));
  const target = { url: balancer.url, apiKey: nodes.apiKey, secret: nodes.secret };
  const ids = Array.from({ length: CLIENTS }, (_, n) => `user-${n}-${suffix()}`);
  accepted(
    await upsert(
      target,
      ids.map((id) => ({ id, n: 0 })),
    ),
  );
  const clients = ids.map((id) => ({
    id,
    client: new Rollcall<{ n: number }>(target.apiKey, { url: target.url, chance }),
  }));
  await using _ = {
    [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map(({ client }) => client.disconnectUser()))),
  };
  await Promise.all(clients.map(({ id, client }) => client.connectUser({ id }, userToken(id, target.secret))));
  const rosters = clients.map(({ client }, index) => {
    const watched = Array.from({ length: WATCHED }, (_, n) => ids[(index + 1 + n) % CLIENTS] ?? '');
    return client.watch({ id: { $in: watched } });
  });
  const wentOffline: string[] = [];
  for (const { client } of clients) {
    client.on('user.presence.changed', ({ user }) => void (user.online || wentOffline.push(user.id)));
  }
  const live = () => rosters.filter(({ status }) => status === 'live').length;
  await until('all lists are live', live, (count) => count === CLIENTS, BACK_MS);

  let stopped = false;
  const crowd = gather(3);
  const writing = (async () => {
    while (!stopped) await crowd.write(target);
  })();
  await until('the writers are at work', crowd.acknowledged, (count) => count > 100);
  const took: number[] = [];
  for (const node of nodes.all.slice()) {
    const began = performance.now();
    // As an operator does it: one more that serves, then one less.
    const next = await nodes.add();
    balancer.use([...running.filter((one) => one !== node), next].map(({ url }) => url));
    assert.equal(await node.stop(), 0);
    running = [...running.filter((one) => one !== node), next];
    const back = () => clients.filter(({ client }) => client.connection.status === 'connected').length;
    await until('every client is back', back, (count) => count === CLIENTS, BACK_MS);
    took.push(Math.round(performance.now() - began));
  }
  stopped = true;
  crowd.stop();
  await within('the writers stop', writing, 10_000);
  assert.deepEqual(await crowd.audit(target, true), [], 'every acknowledged write is there');
  for (const answer of crowd.odd) assert.match(answer, /^503 /, 'an answer that is not given is a 503');

  await until('all lists are live again', live, (count) => count === CLIENTS, BACK_MS);
  for (const [n, id] of ids.entries()) accepted(await patch(target, [{ id, set: { n: n + 1 } }]));
  const agree = () =>
    rosters.every(({ users }) => users.every(({ id, n, online }) => online && n === ids.indexOf(id) + 1));
  await until('every list is up to date', agree, (seen) => seen, 10_000);
  await pause(500);
  assert.deepEqual(wentOffline, [], 'a restart makes no flips');
  for (const node of running) assert.equal(node.errors(), '');
  test.diagnostic(
    `${crowd.acknowledged()} writes acknowledged; restarts with all clients back took ${took.join(' and ')} ms`,
  );
});
