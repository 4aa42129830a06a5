import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_REDIS, startRedis, until } from '../testing-redis.ts';
import { TestNodes } from './testing.ts';
import { APP, Peer, TIMES } from './testing-peer.ts';

const redis = await startRedis();
const nodes = new TestNodes();
after(async () => {
  await nodes[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

const USERS = Array.from({ length: 30 }, (_, at) => `u${at}`);
const STORM_MS = 6000;
/** After the last outage: all find Redis again, wait for one another, and put right what was wrong. */
const CALM_MS = TIMES.leaseMs / 3 + 2000 + 8000;

/** Users of a node come and go, until that is to end. Answers who is there then. */
async function live(peer: Peer, end: AbortSignal): Promise<ReadonlySet<string>> {
  const there = new Map<string, string>();
  for (let count = 0; !end.aborted; count++) {
    const userId = USERS[Math.floor(Math.random() * USERS.length)] ?? '';
    const connection = there.get(userId);
    if (connection === undefined) {
      there.set(userId, `${userId} ${count} on ${peer.node.node}`);
      await peer.come(userId, there.get(userId));
    } else {
      there.delete(userId);
      await peer.go(userId, connection);
    }
    await pause(Math.random() * 60);
  }
  return new Set(there.keys());
}

it('however often Redis goes, in the end every node knows and tells who is there', {
  skip: redis?.ours ? false : NO_REDIS,
}, async (test) => {
  assert.ok(redis);
  const opened = await nodes.open(redis.url, 3, TIMES);
  const peers = opened.map((node) => new Peer(node, USERS));
  test.after(() => Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]())));
  for (const { bus } of opened) await bus.follow(APP, USERS);
  const storm = new AbortController();
  const lives = peers.map((peer) => live(peer, storm.signal));
  for (const end = performance.now() + STORM_MS; performance.now() < end; ) {
    await pause(300 + Math.random() * 700);
    if (Math.random() < 0.5) {
      redis.pause();
      await pause(Math.random() * 2500);
      redis.resume();
    } else {
      await redis.stop();
      await pause(Math.random() * 2500);
      await redis.start();
    }
  }
  storm.abort();
  const there = new Set((await Promise.all(lives)).flatMap((users) => [...users]));
  const agree = async (): Promise<boolean> => {
    for (const peer of peers) {
      for (const userId of USERS) {
        const [known, told] = [await peer.sees(userId), peer.toldOf(userId).at(-1) ?? false];
        if (known !== there.has(userId) || told !== there.has(userId)) return false;
      }
    }
    return true;
  };
  await until(agree, 'all nodes to agree', CALM_MS);
  for (const { logged } of opened)
    assert.deepEqual(
      logged.filter(({ level }) => level === 'error'),
      [],
    );
});
