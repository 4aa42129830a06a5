import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import type { AppId } from '@rollcall/domain/app';
import { createClock } from '@rollcall/server/clock';
import { openRedis } from '@rollcall/server/redis/open';
import { startRedis } from '@rollcall/server/testing-redis';
import { type Cost, costOf, many, type Used } from './cost.ts';
import { userAt } from './users.ts';

const USERS = 10_000;
const APP = 1 as AppId; // any number will do: nothing is stored under it
const LOG = { info: () => {}, warn: () => {}, error: () => {} };
const TIMES = { leaseMs: 60_000, graceMs: 3000 };

/** What Redis says of itself. */
async function info(url: string): Promise<(name: string) => number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  let text = '';
  socket.on('data', (some) => {
    text += some;
  });
  socket.end('INFO\r\nQUIT\r\n');
  await once(socket, 'close');
  return (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}

async function usedBy(url: string): Promise<Used> {
  const figure = await info(url);
  return {
    cpuUs: (figure('used_cpu_user') + figure('used_cpu_sys')) * 1e6,
    bytes: figure('total_net_output_bytes'),
  };
}

/** What news and presence cost in Redis and in a node. Nothing when there is no Redis to be had. */
export async function redisCosts(): Promise<readonly Cost[]> {
  await using server = await startRedis();
  if (!server) return [];
  const { url } = server;
  const used = (): Promise<Used> => usedBy(url);
  await using node = await openRedis(url, { node: 'a', times: TIMES, clock: createClock(0), log: LOG });
  const news = Array.from({ length: USERS }, (_, at) => ({ before: userAt(at, 20), user: userAt(at, 21, 3) }));
  const tellAll = async (told: () => boolean): Promise<void> => {
    for (const [at, one] of news.entries()) {
      node.bus.publish(APP, [{ type: 'user.updated', ...one }]);
      if (at % 50 === 0) await turn();
    }
    while (!told()) await pause(5);
  };
  await tellAll(() => true);
  await pause(200);
  const costs = [
    await costOf('news of a change, nobody follows', USERS, used, () => tellAll(() => true).then(() => pause(200))),
  ];
  {
    await using other = await openRedis(url, { node: 'b', times: TIMES, clock: createClock(0), log: LOG });
    let heard = 0;
    other.bus.subscribe((_, events) => {
      heard += events.length;
    });
    await other.bus.follow(APP, news.map(({ user }) => user.id)); // biome-ignore format: one thought
    costs.push(await costOf('the same, and one node hears it', USERS, used, () => tellAll(() => heard >= USERS)));
  }
  const before = (await info(url))('used_memory');
  const renewals = news.map(({ user }) => ({
    user: { app: APP, userId: user.id },
    connectionId: randomUUID(),
    held: { node: 'a', device: 'web', connectedAt: 1, heardAt: 1 },
    hiding: { invisible: false, asOf: 0 },
  }));
  let now = Date.now();
  const renewAll = () =>
    many(USERS / 500, 1, (at) => node.tracker.renew(renewals.slice(at * 500, (at + 1) * 500), now));
  await renewAll();
  const memory = ((await info(url))('used_memory') - before) / USERS;
  now += TIMES.leaseMs / 3;
  costs.push(await costOf(`a lease renewed (it fills ${Math.round(memory)} bytes)`, USERS, used, renewAll));
  const ids = news.map(({ user }) => user.id);
  const look = (at: number) => node.tracker.present(APP, ids.slice((at * 30) % (USERS - 30)).slice(0, 30), now);
  costs.push(await costOf('who of 30 is there', 2000, used, () => many(2000, 8, look)));
  return costs;
}
