import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { askRedis, NO_REDIS, type RedisServer, startRedis, startRedisCluster, until } from '../testing-redis.ts';
import { TestNodes } from './testing.ts';
import { APP, Peer, TIMES } from './testing-peer.ts';

/** How long nodes wait for one another after an outage. */
const SETTLED_MS = TIMES.leaseMs / 3 + 2000;
const EVERYBODY = ['ada', 'bob', 'cyd', 'dan'];

const server = await startRedis();
await server?.[Symbol.asyncDispose]();
const skip = server?.ours ? false : NO_REDIS;

const nodes = new TestNodes();
after(() => nodes[Symbol.asyncDispose]());

/** A Redis of its own, and nodes that meet there and follow everybody. */
async function opened(stack: AsyncDisposableStack, size: number): Promise<{ redis: RedisServer; peers: Peer[] }> {
  const redis = await startRedis();
  assert.ok(redis);
  stack.use(redis);
  const peers = (await nodes.open(redis.url, size, TIMES)).map((node) => stack.use(new Peer(node, EVERYBODY)));
  for (const { node } of peers) await node.bus.follow(APP, EVERYBODY);
  return { redis, peers };
}

const two = async (stack: AsyncDisposableStack): Promise<{ redis: RedisServer; here: Peer; there: Peer }> => {
  const { redis, peers } = await opened(stack, 2);
  const [here, there] = peers;
  assert.ok(here && there);
  return { redis, here, there };
};

const away = (...peers: Peer[]) => until(() => peers.every(({ node }) => !node.bus.connected), 'Redis to be missed');
const back = (...peers: Peer[]) =>
  until(() => peers.every(({ node }) => node.bus.connected), 'Redis to be found again');

describe('while Redis is away', { skip, concurrency: 3 }, () => {
  for (const [how, stop, start] of [
    ['killed, and comes back empty', (redis: RedisServer) => redis.stop(), (redis: RedisServer) => redis.start()],
    ['standing still', async (redis: RedisServer) => redis.pause(), async (redis: RedisServer) => redis.resume()],
  ] as const) {
    it(`${how}: whoever was there stays, and nobody is told otherwise`, async () => {
      await using stack = new AsyncDisposableStack();
      const { redis, here, there } = await two(stack);
      await here.come('ada');
      await until(() => there.toldOf('ada').length === 1, 'ada to come');
      await stop(redis);
      await away(here, there);
      // Longer than a lease.
      await pause(TIMES.leaseMs + 1000);
      assert.ok(await here.sees('ada'));
      await start(redis);
      await back(here, there);
      assert.ok(await there.sees('ada'));
      await pause(SETTLED_MS + 500);
      assert.ok((await here.sees('ada')) && (await there.sees('ada')));
      assert.deepEqual([here.toldOf('ada'), there.toldOf('ada')], [[true], [true]]);
      assert.deepEqual([here.reconnects, there.reconnects], [1, 1]);
    });

    it(`${how}: nobody waits for it, and the log says so once when it goes and once when it is back`, async () => {
      await using stack = new AsyncDisposableStack();
      const { redis, here, there } = await two(stack);
      await here.come('ada');
      await stop(redis);
      const begun = performance.now();
      await Promise.all([here.come('bob'), here.go('ada'), here.sees('bob'), there.node.bus.ask(here.node.node, 1)]);
      assert.ok(performance.now() - begun < 1500, `it took ${performance.now() - begun} ms`);
      await away(here, there);
      const slow = performance.now();
      for (let at = 0; at < 100; at++) await here.come('cyd', `c${at % 10}`);
      await there.node.bus.follow(APP, ['eve']);
      assert.ok(performance.now() - slow < 500);
      assert.ok(await here.sees('bob'));
      await start(redis);
      await back(here, there);
      for (const { node } of [here, there])
        assert.deepEqual(
          node.logged.map(({ level }) => level),
          ['warn', 'info'],
        );
      // What was followed meanwhile is heard.
      here.node.bus.publish(APP, [
        { type: 'user.presence.changed', userId: 'eve', online: true, at: 1, lastActive: 1 },
      ]);
      await until(() => there.toldOf('eve').length === 1, 'news of eve');
    });

    it(`${how}: those who come and go are told of here at once, and elsewhere when it is back, each once`, async () => {
      await using stack = new AsyncDisposableStack();
      const { redis, here, there } = await two(stack);
      await here.come('ada');
      await here.come('dan');
      await there.come('dan');
      await until(() => there.toldOf('dan').length + there.toldOf('ada').length === 2, 'both to come');
      await stop(redis);
      await away(here, there);
      await here.come('bob');
      await here.go('ada');
      await here.go('dan');
      await until(() => here.toldOf('ada').length === 2, 'ada to go');
      assert.deepEqual([here.toldOf('bob'), here.toldOf('ada')], [[true], [true, false]]);
      await start(redis);
      await back(here, there);
      await until(() => there.toldOf('bob').length === 1, 'bob to come');
      await until(() => there.toldOf('ada').length === 2, 'ada to go');
      await pause(SETTLED_MS + 500);
      assert.deepEqual([here.toldOf('bob'), there.toldOf('bob')], [[true], [true]]);
      assert.deepEqual(
        [here.toldOf('ada'), there.toldOf('ada')],
        [
          [true, false],
          [true, false],
        ],
      );
      // Here dan seemed to have gone, and that is put right; there nothing happened, unless Redis lost all it knew and heard of the
      // goodbye first: then that is put right, too.
      for (const peer of [here, there]) assert.equal(peer.toldOf('dan').at(-1), true);
      if (how === 'standing still') assert.deepEqual(there.toldOf('dan'), [true]);
    });
  }

  it('a node that dies meanwhile has its users go, once', async () => {
    await using stack = new AsyncDisposableStack();
    const { redis, peers } = await opened(stack, 3);
    const [here, there, dying] = peers;
    assert.ok(here && there && dying);
    await dying.come('ada');
    await here.come('bob');
    await until(() => there.toldOf('ada').length + there.toldOf('bob').length === 2, 'both to come');
    redis.pause();
    await away(here, there);
    await dying[Symbol.asyncDispose]();
    await pause(TIMES.leaseMs);
    redis.resume();
    await back(here, there);
    await pause(SETTLED_MS + TIMES.leaseMs);
    assert.deepEqual(
      [here.toldOf('ada'), there.toldOf('ada')],
      [
        [true, false],
        [true, false],
      ],
    );
    assert.deepEqual([here.toldOf('bob'), there.toldOf('bob')], [[true], [true]]);
  });

  it('what was being told when it went is told when it is back', async () => {
    await using stack = new AsyncDisposableStack();
    const { redis, here, there } = await two(stack);
    await here.come('ada');
    await until(() => there.toldOf('ada').length === 1, 'ada to come');
    redis.pause();
    // Both are on their way to Redis, which does them when it goes on: nobody hears its answers.
    await Promise.all([here.come('bob'), here.go('ada')]);
    await away(here, there);
    await pause(500);
    redis.resume();
    await back(here, there);
    await until(() => there.toldOf('bob').length === 1 && there.toldOf('ada').length === 2, 'both to be told of');
    await pause(1000);
    assert.deepEqual([here.toldOf('bob'), there.toldOf('bob')], [[true], [true]]);
    assert.deepEqual(
      [here.toldOf('ada'), there.toldOf('ada')],
      [
        [true, false],
        [true, false],
      ],
    );
  });

  it('of a cluster one server standing still is enough, and it is back when that is', async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = await startRedisCluster(3);
    assert.ok(cluster);
    stack.use(cluster);
    const [here, there] = (await nodes.open(cluster.url, 2, TIMES)).map((node) => stack.use(new Peer(node, EVERYBODY)));
    assert.ok(here && there);
    const everybody = Array.from({ length: 30 }, (_, at) => `u${at}`);
    await there.node.bus.follow(APP, everybody);
    await Promise.all(everybody.map((id) => here.come(id)));
    await until(() => there.heard.length === everybody.length, 'everybody to come');
    cluster.servers[1]?.pause();
    await away(here, there);
    await here.come('late');
    assert.ok(await here.sees('late'));
    // Long enough for several attempts to come back.
    await pause(4000);
    cluster.servers[1]?.resume();
    await back(here, there);
    await pause(SETTLED_MS + 500);
    for (const id of everybody) assert.deepEqual([here.toldOf(id), there.toldOf(id)], [[true], [true]]);
    for (const { url } of cluster.servers) {
      const connections = String(await askRedis(url, 'CLIENT', 'LIST', 'TYPE', 'normal'))
        .trim()
        .split('\n');
      // Each node has one for commands; one of them asks this.
      assert.equal(connections.length, 3);
    }
    await here.go('u1');
    await until(() => there.toldOf('u1').length === 2, 'u1 to go');
  });

  it('it may be emptied without going: whoever was there is there again, and who left meanwhile is told of', async () => {
    await using stack = new AsyncDisposableStack();
    const { redis, here, there } = await two(stack);
    await here.come('ada');
    await here.come('bob');
    await until(() => there.toldOf('ada').length === 1 && there.toldOf('bob').length === 1, 'both to come');
    await askRedis(redis.url, 'FLUSHALL');
    await here.go('bob');
    await until(() => there.toldOf('bob').length === 2, 'bob to go');
    await until(() => there.sees('ada'), 'ada to be there again');
    assert.deepEqual([here.toldOf('ada'), there.toldOf('ada')], [[true], [true]]);
    assert.deepEqual(
      [here.toldOf('bob'), there.toldOf('bob')],
      [
        [true, false],
        [true, false],
      ],
    );
  });

  it('a node starts all the same, and finds it later', async () => {
    await using stack = new AsyncDisposableStack();
    const { redis, here } = await two(stack);
    await redis.stop();
    const late = stack.use(new Peer(await nodes.openAt(redis.url, 'late:', TIMES), EVERYBODY));
    assert.equal(late.node.bus.connected, false);
    await late.come('ada');
    assert.deepEqual(late.toldOf('ada'), [true]);
    await redis.start();
    await back(here, late);
    await until(() => late.reconnects === 1, 'late to be told');
    await late.go('ada');
    await until(() => late.toldOf('ada').length === 2, 'ada to go');
  });
});
