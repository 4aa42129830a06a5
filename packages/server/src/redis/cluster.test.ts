import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { askRedis, NO_REDIS, type RedisCluster, startRedisCluster, until } from '../testing-redis.ts';
import { Names } from './shard.ts';
import { TestNodes } from './testing.ts';

const cluster = await startRedisCluster(3);
const nodes = new TestNodes();
after(async () => {
  await nodes[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

/**
 * Moves a slot with all that is in it to another server, as an operator does; `meanwhile` is called when half is done.
 */
async function move({ servers }: RedisCluster, key: string, meanwhile: () => Promise<void>): Promise<void> {
  const slot = String(await askRedis(servers[0]?.url ?? '', 'CLUSTER', 'KEYSLOT', key));
  const share = Math.ceil(16_384 / servers.length);
  const at = Math.floor(Number(slot) / share);
  const [source, target] = [servers[at], servers[(at + 1) % servers.length]];
  assert.ok(source && target);
  const [from, to] = [await askRedis(source.url, 'CLUSTER', 'MYID'), await askRedis(target.url, 'CLUSTER', 'MYID')];
  await askRedis(target.url, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(from));
  await askRedis(source.url, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(to));
  const keys = await askRedis(source.url, 'CLUSTER', 'GETKEYSINSLOT', slot, '1000');
  assert.ok(Array.isArray(keys) && keys.length > 0);
  const { hostname, port } = new URL(target.url);
  await askRedis(source.url, 'MIGRATE', hostname, port, '', '0', '5000', 'KEYS', ...keys.map(String));
  await meanwhile();
  const rest = servers.filter((server) => server !== source && server !== target);
  for (const { url } of [target, source, ...rest]) {
    await askRedis(url, 'CLUSTER', 'SETSLOT', slot, 'NODE', String(to));
  }
}

describe('a Redis Cluster', { skip: cluster === undefined ? NO_REDIS : false }, () => {
  it('may be spread anew while it is used: presence and news go along', async () => {
    assert.ok(cluster);
    const prefix = 'moved:';
    const [here, there] = [await nodes.openAt(cluster.url, prefix), await nodes.openAt(cluster.url, prefix)];
    const user = { app: 1 as AppId, userId: 'ada' }; // a number is all that an id is
    const now = Date.now();
    const held = { node: 'here', device: '', connectedAt: now, heardAt: now };
    const renewal = { user, connectionId: 'one', held, hiding: { invisible: false, asOf: 0 } };
    let heard = 0;
    there.bus.subscribe((_, events) => {
      heard += events.length;
    });
    await there.bus.follow(user.app, [user.userId]);
    assert.equal((await here.tracker.renew([renewal], now)).length, 1);
    const isWell = async (): Promise<void> => {
      assert.deepEqual(await here.tracker.renew([renewal], Date.now()), []);
      assert.equal((await there.tracker.present(user.app, [user.userId], Date.now())).size, 1);
      assert.ok(here.bus.connected && there.bus.connected);
    };
    await move(cluster, new Names(prefix).user(user), isWell);
    await until(() => {
      const event = { type: 'user.presence.changed', userId: user.userId, online: true, at: 1, lastActive: 1 } as const;
      here.bus.publish(user.app, [event]);
      return heard > 0;
    }, 'news by way of the new server');
    await isWell();
    assert.deepEqual([here.logged, there.logged], [[], []]);
  });
});
