import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import { channelOf, Names } from '../redis/shard.ts';
import { type TestNode, TestNodes } from '../redis/testing.ts';
import { askRedis, NO_REDIS, startRedis, startRedisCluster, until } from '../testing-redis.ts';
import { describeBus, describeBuses } from './contract.ts';

const stack = new AsyncDisposableStack();
const nodes = new TestNodes();
after(async () => {
  await nodes[Symbol.asyncDispose]();
  await stack.disposeAsync();
});

const redis = await startRedis();
const cluster = await startRedisCluster(3);
if (redis) stack.use(redis);
if (cluster) stack.use(cluster);

async function first(url: string): Promise<TestNode> {
  const [node] = await nodes.open(url);
  assert.ok(node);
  return node;
}

for (const [name, server] of [
  ['redis', redis],
  ['redis cluster', cluster],
] as const) {
  if (server === undefined) {
    it(`bus: ${name}`, (test) => test.skip(NO_REDIS));
    continue;
  }
  describeBus(name, async () => (await first(server.url)).bus);
  describeBuses(name, (size) => nodes.open(server.url, size));
}

const app = 1 as AppId; // a number is all that an id is
const went = (userId: string, at = 5): Event => ({
  type: 'user.presence.changed',
  userId,
  online: false,
  at,
  lastActive: 4,
});

describe('bus on Redis', { skip: redis === undefined ? NO_REDIS : false }, () => {
  const url = redis?.url ?? '';

  it('hears only the channels of those who are followed', async () => {
    const prefix = 'channels:';
    const { bus } = await nodes.openAt(url, prefix);
    const channel = new Names(prefix).channel(channelOf(app, 'ada'));
    const heardBy = async (): Promise<number> => {
      const answer = await askRedis(url, 'PUBSUB', 'SHARDNUMSUB', channel);
      return Array.isArray(answer) ? Number(answer[1]) : Number(Object.values(Object(answer))[0]);
    };
    assert.equal(await heardBy(), 0);
    await Promise.all([bus.follow(app, ['ada']), bus.follow(app, ['ada'])]);
    assert.equal(await heardBy(), 1);
    bus.unfollow(app, ['ada']);
    bus.unfollow(app, ['ada']);
    await until(async () => (await heardBy()) === 0, 'the channel to be left');
    await bus.follow(app, ['ada']);
    assert.equal(await heardBy(), 1);
  });

  it('spreads users evenly, and alike on every node and for ever', () => {
    assert.equal(channelOf(app, 'ada'), CHANNEL_OF_ADA);
    const counts = new Map<number, number>();
    for (let at = 0; at < 409_600; at++) {
      const channel = channelOf(app, `user-${at}`);
      counts.set(channel, (counts.get(channel) ?? 0) + 1);
    }
    assert.equal(counts.size, 4096);
    assert.ok(Math.max(...counts.values()) < 200);
  });

  it('passes over what cannot be read, and says so once', async () => {
    const prefix = 'garbage:';
    const { bus, logged } = await nodes.openAt(url, prefix);
    const heard: Event[] = [];
    bus.subscribe((_, events) => heard.push(...events));
    await bus.follow(app, ['ada']);
    const channel = new Names(prefix).channel(channelOf(app, 'ada'));
    const garbage = ['', 'null', '{', '[2,"x",1]', '[1,"x",1,[1,2,3,4]]', '[1,"x",1,[{"id":"ada"},{}]]', '[1,"x","y"]'];
    for (const message of garbage) await askRedis(url, 'SPUBLISH', channel, message);
    await askRedis(url, 'SPUBLISH', channel, '[1,"x",1,["ada",0,5,4]]');
    await until(() => heard.length > 0, 'the news');
    assert.deepEqual(heard, [went('ada')]);
    assert.equal(logged.filter(({ level }) => level === 'warn').length, 1);
  });

  it('measures how long news takes', async () => {
    const node = await first(url);
    await until(() => node.lagMs() !== undefined, 'a beat');
    assert.ok((node.lagMs() ?? 1e9) < 1000);
  });
});

/** Nodes of all versions must agree. */
const CHANNEL_OF_ADA = 642;
