import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import {
  ABSENT,
  end,
  expire,
  type Hiding,
  hide,
  isPresent,
  knock,
  type Presence,
  renew,
  type Step,
} from '@rollcall/domain/presence';
import fc from 'fast-check';
import { parseRedisAddress } from '../redis/address.ts';
import { openSession } from '../redis/session.ts';
import { Names } from '../redis/shard.ts';
import { type TestNode, TestNodes } from '../redis/testing.ts';
import { askRedis, NO_REDIS, startRedis, startRedisCluster, until } from '../testing-redis.ts';
import { type Call, Calls, flipsOf, runCall } from './calls.ts';
import { describeTracker } from './contract.ts';
import type { Tracker, UserFlip, UserRef } from './tracker.ts';

const stack = new AsyncDisposableStack();
const nodes = new TestNodes();
after(async () => {
  await nodes[Symbol.asyncDispose]();
  await stack.disposeAsync();
});

/** It knows no time but what it is told: for tests that make their own. */
const AS_TOLD = () => 0;

const redis = await startRedis();
const cluster = await startRedisCluster(3);
if (redis) stack.use(redis);
if (cluster) stack.use(cluster);

for (const [name, server] of [
  ['redis', redis],
  ['redis cluster', cluster],
] as const) {
  if (server === undefined) {
    it(`tracker: ${name}`, (test) => test.skip(NO_REDIS));
    continue;
  }
  describeTracker(name, async (times) => {
    const [node] = await nodes.open(server.url, 1, times, AS_TOLD);
    assert.ok(node);
    return node.tracker;
  });
}

const app = 1 as AppId; // a number is all that an id is
const TIMES = { leaseMs: 60_000, graceMs: 3000 };
const heldBy = (node: string, device: string, now: number) => ({ node, device, connectedAt: now, heardAt: now });

interface Command {
  readonly verb: 'begin' | 'renew' | 'end' | 'expire' | 'hide' | 'show' | 'stale';
  readonly at: number;
  readonly connection: string;
  readonly wait: number;
}

const commands = fc.array(
  fc.record<Command>({
    verb: fc.constantFrom('begin', 'renew', 'end', 'expire', 'hide', 'show', 'stale'),
    at: fc.nat(2),
    connection: fc.constantFrom('a', 'b', 'c', 'd e'),
    wait: fc.constantFrom(0, 1, 999, 2999, 3000, 30_000, 60_000),
  }),
  { maxLength: 40 },
);

const hidingOf = ({ verb }: Command, now: number): Hiding => ({
  invisible: verb === 'hide',
  asOf: verb === 'stale' ? 0 : now,
});

function rule(presence: Presence, command: Command, now: number): Step {
  const { verb, connection } = command;
  const held = heldBy(`node${command.at}`, `a "phone" of ${connection}\n`, now);
  switch (verb) {
    case 'begin':
      return { presence: knock(presence, connection, held, now), flip: undefined };
    case 'renew':
      return renew(presence, connection, held, presence.hiding, now);
    case 'end':
      return end(presence, connection, now);
    case 'expire':
      return expire(presence, now);
    default:
      return presence === ABSENT ? { presence, flip: undefined } : hide(presence, hidingOf(command, now), now);
  }
}

async function tell(
  trackers: readonly Tracker[],
  user: UserRef,
  command: Command,
  hiding: Hiding,
  now: number,
): Promise<readonly UserFlip[]> {
  const { verb, connection, at } = command;
  const tracker = trackers[at];
  assert.ok(tracker);
  const held = heldBy(`node${at}`, `a "phone" of ${connection}\n`, now);
  switch (verb) {
    case 'begin':
      assert.equal(await tracker.begin(user, connection, held, now, 100), true);
      return [];
    case 'renew':
      return tracker.renew([{ user, connectionId: connection, held, hiding }], now);
    case 'end':
      return tracker.end(user, connection, now);
    case 'expire': {
      // Only one of them sweeps.
      const all = await Promise.all(trackers.map((one) => one.expire(now)));
      return all.flatMap(({ flips }) => flips);
    }
    default:
      return tracker.hide(user, hidingOf(command, now), now);
  }
}

describe('tracker on Redis', { skip: redis === undefined ? NO_REDIS : false }, () => {
  const url = redis?.url ?? '';

  it('equals the pure rules, command by command, whichever of three nodes is told', async () => {
    const trackers = (await nodes.open(url, 3, TIMES, AS_TOLD)).map(({ tracker }) => tracker);
    let users = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (script) => {
        users += 1;
        const user = { app, userId: `user-${users}` };
        let presence = ABSENT;
        let now = users * 10_000_000;
        for (const command of script) {
          now += command.wait;
          const step = rule(presence, command, now);
          const flips = await tell(trackers, user, command, presence.hiding, now);
          const mine = flips.filter((flip) => flip.user.userId === user.userId);
          assert.deepEqual(mine, step.flip ? [{ user, ...step.flip }] : []);
          presence = step.presence;
          for (const tracker of trackers) {
            const found = await tracker.find(user);
            assert.deepEqual(found.leases, presence.leases);
            // Of whom nothing is left but what others were told, no more than that is known, and not for ever.
            if (presence.leases.size > 0 || found.flippedAt >= 0) assert.deepEqual(found, presence);
            else assert.deepEqual(found, ABSENT);
            assert.equal((await tracker.present(app, [user.userId], now)).size, isPresent(presence, now) ? 1 : 0);
            if (presence.leases.size === 0) presence = found;
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps nothing in Redis of those who are gone', async () => {
    const prefix = 'gone:';
    const { tracker } = await nodes.openAt(url, prefix, TIMES, AS_TOLD);
    const users = Array.from({ length: 300 }, (_, at) => ({ app, userId: `u${at}` }));
    const renewals = users.map((user) => ({
      user,
      connectionId: user.userId,
      held: heldBy('here', '', 0),
      hiding: { invisible: false, asOf: 0 },
    }));
    await tracker.renew(renewals, 0);
    assert.deepEqual(await askRedis(url, 'EXISTS', new Names(prefix).user({ app, userId: 'u7' })), 1);
    for (const now of [60_000, 60_000, 200_000, 200_000]) while ((await tracker.expire(now)).more);
    const left = await askRedis(url, 'KEYS', `${prefix}*`);
    assert.ok(Array.isArray(left));
    assert.deepEqual(
      left.filter((key) => !/born$|sweeper$/.test(String(key))),
      [],
    );
  });

  it('tells of a lease that ran out on one of three nodes, once, also when the one that held it is gone', async () => {
    const short = { leaseMs: 300, graceMs: 30 };
    const three = await nodes.open(url, 3, short);
    const [one, ...others] = three;
    assert.ok(one);
    const start = Date.now();
    const renewal = (at: number) => ({
      user: { app, userId: `u${at}` },
      connectionId: `c${at}`,
      held: heldBy(one.node, '', start),
      hiding: { invisible: false, asOf: 0 },
    });
    await one.tracker.renew(
      Array.from({ length: 100 }, (_, at) => renewal(at)),
      start,
    );
    await one[Symbol.asyncDispose]();
    const told: UserFlip[] = [];
    const sweep = async ({ tracker }: TestNode): Promise<void> => {
      for (let more = true; more; ) {
        const expiry = await tracker.expire(Date.now());
        told.push(...expiry.flips);
        more = expiry.more;
      }
    };
    await until(async () => {
      await Promise.all(others.map(sweep));
      return told.length >= 100;
    }, 'everybody to go');
    await Promise.all(others.map(sweep));
    assert.equal(told.length, 100);
    assert.equal(new Set(told.map(({ user }) => user.userId)).size, 100);
    assert.ok(told.every(({ online }) => !online));
  });

  it('tells what a renewal told whose answer was lost, and renews nothing by it once it has run out', async () => {
    const session = await openSession(parseRedisAddress(url), { heard: () => {}, lost: () => {} });
    try {
      const user = { app, userId: 'ada' };
      const renewal = (connectionId: string) => ({
        user,
        connectionId,
        held: heldBy('here', '', 0),
        hiding: { invisible: false, asOf: 0 },
      });
      const calls = new Calls(new Names(`again${process.pid}:`), 'here', TIMES);
      const [done, late] = ['one', 'two'].flatMap((id) => calls.renew([renewal(id)], 0));
      const [ranOut] = calls.expire([user], TIMES.leaseMs, TIMES.leaseMs);
      assert.ok(done && late && ranOut);
      const run = async (call: Call, again: boolean) =>
        flipsOf(call, await runCall(session, call, again)).map(({ online }) => online);
      assert.deepEqual(await run(done, false), [true]);
      assert.deepEqual(await run(done, true), [true]);
      assert.deepEqual(await run(ranOut, false), [false]);
      assert.deepEqual(await run(done, true), [], 'no ghost comes back');
      assert.deepEqual(await run(late, true), [], 'nor by what was never done');
    } finally {
      session.destroy();
    }
  });

  for (const [how, misses] of [
    ['said nothing', false],
    ['had its renewals lost', true],
  ] as const)
    it(`finds Redis again after a node ${how} for longer than a lease, and renews nothing that ran out`, async () => {
      const times = { leaseMs: 300, graceMs: 30 };
      const own = await startRedis();
      assert.ok(own);
      await using _ = own;
      const [node, other] = await nodes.open(own.url, 2, times);
      assert.ok(node && other);
      const user = { app, userId: 'ada' };
      const now = Date.now();
      const renewal = {
        user,
        connectionId: 'one',
        held: heldBy(node.node, '', now),
        hiding: { invisible: false, asOf: 0 },
      };
      await node.tracker.renew([renewal], now);
      // Nothing is asked of its tracker meanwhile.
      const told: boolean[] = [];
      await until(async () => {
        told.push(...(await other.tracker.expire(Date.now())).flips.map(({ online }) => online));
        return told.length > 0;
      }, 'ada to go');
      await askRedis(own.url, 'CLIENT', 'KILL', 'TYPE', 'normal');
      await until(() => !node.bus.connected, 'Redis to be missed');
      if (misses) await node.tracker.renew([renewal], now);
      await until(() => node.bus.connected, 'Redis to be found again');
      assert.deepEqual((await node.tracker.expire(Date.now())).flips, [], 'no ghost comes back');
      assert.equal((await node.tracker.find(user)).leases.size, 0);
    });

  it('takes up what a process left that kept presence for itself', async () => {
    const [node] = await nodes.open(url, 1, TIMES, AS_TOLD);
    assert.ok(node);
    const left = { node: 'before', device: 'phone', connectedAt: 1, heardAt: 10_000, until: 50_000 };
    const user = { app, userId: 'ada' };
    const taken = { ...user, connectionId: 'one', left, hiding: { invisible: false, asOf: 3 } };
    await node.tracker.resume([taken], 12_000);
    const known = await node.tracker.find(user);
    assert.deepEqual(known.leases.get('one'), { ...left, phase: 'closed' });
    assert.equal((await node.tracker.present(app, ['ada'], 49_999)).size, 1);
    const { flips } = await node.tracker.expire(50_000);
    assert.deepEqual(flips, [{ user, online: false, at: 50_000, lastActive: 10_000 }]);
  });
});
