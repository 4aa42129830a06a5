import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { upsertUsers } from '@rollcall/domain/change';
import type { Event } from '@rollcall/domain/event';
import { nothingGiven } from '@rollcall/domain/field';
import { SERVER } from '@rollcall/domain/permission';
import type { Bus } from './bus.ts';

const app = 1 as AppId; // a number is all that an id is

/** News that a user was changed, told at an instant. */
function newsOf(id: string, now: number): Event {
  const profile = { index: 0, id, custom: {}, given: nothingGiven() };
  const about = { actor: SERVER, settings: DEFAULT_SETTINGS, now };
  const [user] = upsertUsers(new Map(), { items: [profile], faults: [] }, about).write;
  assert.ok(user);
  return { type: 'user.updated', before: user, user };
}

const went: Event = { type: 'user.presence.changed', userId: 'a', online: false, at: 5, lastActive: 4 };
const nameOf = (event: Event): string =>
  `${event.type} ${event.type === 'user.updated' ? event.user.id : event.userId}`;

/** The suite that every bus passes. */
export function describeBus(name: string, open: () => Promise<Bus>): void {
  describe(`bus: ${name}`, () => {
    it('carries news to everybody who listens, in the order it was told', async () => {
      const bus = await open();
      const heard: string[][] = [[], []];
      for (const list of heard) bus.subscribe((_, events) => list.push(...events.map(nameOf)));
      bus.publish(app, [newsOf('a', 1), newsOf('b', 2)]);
      bus.publish(app, [went]);
      bus.publish(app, [newsOf('c', 3)]);
      const all = ['user.updated a', 'user.updated b', 'user.presence.changed a', 'user.updated c'];
      assert.deepEqual(heard, [all, all]);
    });

    it('carries news whole, as values that survive being written down', async () => {
      const bus = await open();
      const heard: Event[] = [];
      bus.subscribe((_, events) => heard.push(...events));
      const told = [newsOf('a', 1), went];
      bus.publish(app, told);
      assert.deepEqual(heard, told);
      assert.deepEqual(structuredClone(heard), told);
    });

    it('tells nobody of nothing', async () => {
      const bus = await open();
      let calls = 0;
      bus.subscribe(() => {
        calls += 1;
      });
      bus.publish(app, []);
      assert.equal(calls, 0);
    });

    it('says of which app the news is', async () => {
      const bus = await open();
      const heard: number[] = [];
      bus.subscribe((of) => heard.push(of));
      bus.publish(7 as AppId, [newsOf('a', 1)]);
      assert.deepEqual(heard, [7]);
    });

    it('is silent for those who no longer listen', async () => {
      const bus = await open();
      let heard = 0;
      const subscription = bus.subscribe(() => {
        heard += 1;
      });
      subscription[Symbol.dispose]();
      bus.publish(app, [newsOf('a', 1)]);
      assert.equal(heard, 0);
    });
  });
}
