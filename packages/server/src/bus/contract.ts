import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { upsertUsers } from '@rollcall/domain/change';
import type { Event, PresenceChanged, UserUpdated } from '@rollcall/domain/event';
import { nothingGiven } from '@rollcall/domain/field';
import { SERVER } from '@rollcall/domain/permission';
import type { User } from '@rollcall/domain/user';
import type { Bus } from './bus.ts';

const app = 1 as AppId; // a number is all that an id is

/** News that a user was changed, told at an instant. */
function newsOf(id: string, now: number): UserUpdated {
  const profile = { index: 0, id, custom: {}, given: nothingGiven() };
  const about = { actor: SERVER, settings: DEFAULT_SETTINGS, now };
  const [user] = upsertUsers(new Map(), { items: [profile], faults: [] }, about).write;
  assert.ok(user);
  return { type: 'user.updated', before: user, user };
}

const went: PresenceChanged = { type: 'user.presence.changed', userId: 'a', online: false, at: 5, lastActive: 4 };
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

    it('tells this node of everybody, whomever it follows, and of everything once', async () => {
      const bus = await open();
      const heard: string[] = [];
      bus.subscribe((_, events) => heard.push(...events.map(nameOf)));
      await bus.follow(app, ['a', 'a']);
      bus.publish(app, [newsOf('a', 1), newsOf('b', 2)]);
      bus.unfollow(app, ['a', 'nobody']);
      bus.publish(app, [newsOf('a', 3)]);
      await bus.follow(app, []);
      assert.deepEqual(heard, ['user.updated a', 'user.updated b', 'user.updated a']);
    });

    it('says at once that a node is gone', async () => {
      const bus = await open();
      bus.answer(async () => 'here');
      const start = performance.now();
      assert.equal(await bus.ask('nowhere', { what: 'ever' }), undefined);
      assert.ok(performance.now() - start < 1000);
    });

    it('is connected', async () => {
      assert.equal((await open()).connected, true);
    });
  });
}

/** A node of several, and its name. */
export interface NamedBus {
  readonly bus: Bus;
  readonly node: string;
}

/** The suite that every bus of several nodes passes. `open` opens so many that reach one another. */
export function describeBuses(name: string, open: (size: number) => Promise<readonly NamedBus[]>): void {
  async function pair(): Promise<readonly [NamedBus, NamedBus]> {
    const [one, other] = await open(2);
    assert.ok(one && other);
    return [one, other];
  }

  function hearing(bus: Bus): Event[] {
    const heard: Event[] = [];
    bus.subscribe((_, events) => heard.push(...events));
    return heard;
  }

  const soon = async (isSo: () => boolean): Promise<void> => {
    for (const end = performance.now() + 5000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 5))) {
      assert.ok(performance.now() < end, 'it took too long');
    }
  };

  describe(`buses: ${name}`, () => {
    it('tell of whom another node follows, from the moment that is answered, whole and in order', async () => {
      const [one, other] = await pair();
      const heard = hearing(other.bus);
      const ids = Array.from({ length: 50 }, (_, at) => `u${at}`);
      await other.bus.follow(app, ids);
      const told = Array.from({ length: 20 }, (_, at) => ids.map((id) => newsOf(id, at)));
      for (const events of told) one.bus.publish(app, events);
      one.bus.publish(app, [{ ...went, userId: 'u7' }]);
      await soon(() => heard.length === 1001);
      const of = (events: readonly Event[], id: string) => events.filter((event) => nameOf(event).endsWith(` ${id}`));
      const all = [...told.flat(), { ...went, userId: 'u7' }];
      for (const id of ids) assert.deepEqual(of(heard, id), of(all, id));
    });

    it('carry everything that can be said of a user, as it was and as it is', async () => {
      const [one, other] = await pair();
      const heard = hearing(other.bus);
      await other.bus.follow(app, ['a']);
      const plain = newsOf('a', 1);
      const full: User = {
        ...plain.user,
        role: 'admin',
        name: 'Ångström "A" \u2028',
        image: 'x',
        teams: ['red', 'blue'],
        teamsRole: { red: 'admin' },
        language: 'sv',
        invisible: true,
        privacySettings: { read_receipts: { enabled: false } },
        revokeTokensIssuedBefore: 5,
        custom: '{"a":[1,{"b":"\\"\\u0001"}],"__proto":null}',
        updatedAt: 9,
        deactivatedAt: 7,
        deletedAt: 8,
        lastActive: 6,
      };
      const told: Event[] = [
        { type: 'user.updated', before: plain.user, user: full },
        { type: 'user.updated', before: full, user: plain.user },
      ];
      one.bus.publish(app, told);
      await soon(() => heard.length === 2);
      assert.deepEqual(heard, told);
    });

    it('are silent about whom nobody follows any more, and about other apps', async () => {
      const [one, other] = await pair();
      const heard = hearing(other.bus);
      await other.bus.follow(app, ['a', 'b']);
      await other.bus.follow(app, ['b']);
      other.bus.unfollow(app, ['a', 'b']);
      one.bus.publish(app, [newsOf('a', 1)]);
      one.bus.publish(2 as AppId, [newsOf('b', 1)]);
      one.bus.publish(app, [newsOf('b', 1)]);
      await soon(() => heard.length > 0);
      assert.deepEqual(heard.map(nameOf), ['user.updated b']);
    });

    it('answer what another node asks', async () => {
      const [one, other] = await pair();
      other.bus.answer(async (question) => ({ asked: question, by: other.node }));
      assert.deepEqual(await one.bus.ask(other.node, ['what', 1]), { asked: ['what', 1], by: other.node });
    });

    it('say nothing for a node that fails, and wait no longer than two seconds for one that is slow', async () => {
      const [one, other] = await pair();
      other.bus.answer(async () => {
        throw new Error('broken');
      });
      assert.equal(await one.bus.ask(other.node, 1), undefined);
      other.bus.answer(() => new Promise(() => {}));
      const start = performance.now();
      assert.equal(await one.bus.ask(other.node, 1), undefined);
      assert.ok(performance.now() - start < 3000);
    });
  });
}
