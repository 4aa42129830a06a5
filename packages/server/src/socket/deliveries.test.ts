import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import { Deliveries } from './deliveries.ts';

const [slow, quick] = [1 as AppId, 2 as AppId]; // a number is all that an id is
const news = (at: number): Event => ({
  type: 'user.presence.changed',
  userId: 'ann',
  online: true,
  at,
  lastActive: at,
});
const timesOf = (events: readonly Event[]): number[] =>
  events.map((event) => (event.type === 'user.updated' ? event.user.updatedAt : event.at));

function open(wait: (app: AppId) => Promise<unknown>) {
  const told = new Map<AppId, (number | 'caught up')[]>();
  const faults: unknown[] = [];
  const tell = (app: AppId, ...what: (number | 'caught up')[]): void =>
    void told.set(app, [...(told.get(app) ?? []), ...what]);
  const deliveries = new Deliveries({
    async deliver(app, events) {
      await wait(app);
      tell(app, ...timesOf(events));
    },
    async catchUp(app) {
      await wait(app);
      tell(app, 'caught up');
    },
    failed: (error) => void faults.push(error),
  });
  return { deliveries, told, faults };
}

describe('news that waits to be told', () => {
  it('of one app is told in order, and holds up no other app', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { deliveries, told } = open((app) => (app === slow ? promise : Promise.resolve()));
    for (let at = 1; at <= 5; at += 1) for (const app of [slow, quick]) deliveries.put(app, [news(at)]);
    await turn();
    assert.deepEqual([told.get(slow), told.get(quick)], [undefined, [1, 2, 3, 4, 5]]);
    resolve();
    await turn();
    assert.deepEqual(told.get(slow), [1, 2, 3, 4, 5]);
  });

  it('is told on after a piece of it failed', async () => {
    let fails = true;
    const { deliveries, told, faults } = open(async () => {
      if (fails) throw new Error('away');
    });
    deliveries.put(quick, [news(1)]);
    await turn();
    fails = false;
    deliveries.put(quick, [news(2)]);
    await turn();
    assert.deepEqual([told.get(quick), faults.length], [[2], 1]);
  });

  it('is let go beyond a bound, and made good when all the rest is told', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { deliveries, told } = open(() => promise);
    const lots = Array.from({ length: 1000 }, (_, at) => news(at));
    for (let round = 0; round < 100; round += 1) deliveries.put(slow, lots);
    resolve();
    await turn();
    assert.ok((told.get(slow)?.length ?? 0) <= 52_000);
    assert.equal(told.get(slow)?.at(-1), 'caught up');
  });

  it('is forgotten when nobody is left to hear it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { deliveries, told } = open(() => promise);
    deliveries.put(slow, [news(1)]);
    deliveries.put(slow, [news(2)]);
    deliveries.lost(slow);
    deliveries.clear();
    resolve();
    await turn();
    assert.deepEqual(told.get(slow), [1]);
  });
});
