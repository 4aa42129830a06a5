import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import {
  ABSENT,
  end,
  expire,
  type Held,
  type Hiding,
  hide,
  isPresent,
  knock,
  type Presence,
  renew,
  type Step,
} from '@rollcall/domain/presence';
import fc from 'fast-check';
import type { LeaseTimes, Tracker, UserFlip, UserRef } from './tracker.ts';

const TIMES: LeaseTimes = { leaseMs: 60_000, graceMs: 3000 };
const app = 1 as AppId; // a number is all that an id is
const ada: UserRef = { app, userId: 'ada' };
const MANY = 1000;
const SHOWN: Hiding = { invisible: false, asOf: 0 };

const heldAt = (now: number): Held => ({ node: 'here', device: 'phone', connectedAt: now, heardAt: now });
const come = (tracker: Tracker, connectionId: string, now: number, hiding = SHOWN, user = ada) =>
  tracker.renew([{ user, connectionId, held: heldAt(now), hiding }], now);
const isThere = async (tracker: Tracker, now: number): Promise<boolean> =>
  (await tracker.present(app, ['ada'], now)).has('ada');

/** Everything that ran out by now. */
async function expired(tracker: Tracker, now: number): Promise<readonly UserFlip[]> {
  const flips: UserFlip[] = [];
  for (let more = true; more; ) {
    const expiry = await tracker.expire(now);
    flips.push(...expiry.flips);
    more = expiry.more;
  }
  return flips;
}

/**
 * A tracker whose process stopped, and the one that a start brings: of the same leases, whether one forgets them or not. Where
 * users hide is as given.
 */
async function restarted(
  tracker: Tracker,
  open: () => Promise<Tracker>,
  times: { readonly stop: number; readonly start: number },
  hiding = SHOWN,
): Promise<Tracker> {
  const left = await tracker.leave(times.stop);
  const next = left.length > 0 ? await open() : tracker;
  await next.resume(
    left.map((connection) => ({ ...connection, hiding })),
    times.start,
  );
  return next;
}

/** The suite that every tracker passes. */
export function describeTracker(name: string, open: (times: LeaseTimes) => Promise<Tracker>): void {
  describe(`tracker: ${name}`, () => {
    it('has a user online while a connection is up, and for its grace after', async () => {
      const tracker = await open(TIMES);
      assert.deepEqual(await come(tracker, 'one', 0), [{ user: ada, online: true, at: 0, lastActive: 0 }]);
      assert.deepEqual(await tracker.end(ada, 'one', 1000), []);
      assert.ok(await isThere(tracker, 3999));
      assert.ok(!(await isThere(tracker, 4000)));
      assert.deepEqual(await expired(tracker, 4000), [{ user: ada, online: false, at: 4000, lastActive: 1000 }]);
      assert.deepEqual(await expired(tracker, 4001), [], 'told once');
    });

    it('sees no flip when a user comes back within the grace', async () => {
      const tracker = await open(TIMES);
      await come(tracker, 'one', 0);
      await tracker.end(ada, 'one', 1000);
      assert.deepEqual(await come(tracker, 'two', 2000), []);
      assert.deepEqual(await expired(tracker, 5000), []);
      assert.ok(await isThere(tracker, 5000));
    });

    it('believes a connection until its lease runs out, and longer when it is renewed', async () => {
      const tracker = await open(TIMES);
      await come(tracker, 'one', 0);
      await come(tracker, 'one', 50_000);
      assert.deepEqual(await expired(tracker, 109_999), []);
      assert.ok(await isThere(tracker, 109_999));
      assert.deepEqual(await expired(tracker, 110_000), [
        { user: ada, online: false, at: 110_000, lastActive: 50_000 },
      ]);
    });

    it('never makes a user offline while another device is there', async () => {
      const tracker = await open(TIMES);
      await come(tracker, 'phone', 0);
      await come(tracker, 'laptop', 0);
      await tracker.end(ada, 'phone', 1000);
      assert.deepEqual(await expired(tracker, 10_000), []);
      assert.ok(await isThere(tracker, 10_000));
    });

    it('shows nobody who only asks to come in, and forgets who is not let in', async () => {
      const tracker = await open(TIMES);
      assert.equal(await tracker.begin(ada, 'one', heldAt(0), 0, MANY), true);
      assert.ok(!(await isThere(tracker, 1)));
      assert.deepEqual(await tracker.end(ada, 'one', 2), []);
      assert.equal((await tracker.find(ada)).leases.size, 0);
      await tracker.begin(ada, 'two', heldAt(3), 3, MANY);
      assert.equal((await come(tracker, 'two', 4)).length, 1);
    });

    it('lets others see who hides go, and who shows itself come', async () => {
      const tracker = await open(TIMES);
      await come(tracker, 'one', 0);
      const hidden = await tracker.hide(ada, { invisible: true, asOf: 5 }, 5);
      assert.deepEqual(hidden, [{ user: ada, online: false, at: 5, lastActive: 5 }]);
      assert.deepEqual(await tracker.hide(ada, { invisible: true, asOf: 5 }, 6), [], 'told once');
      assert.ok(await isThere(tracker, 6));
      const shown = await tracker.hide(ada, { invisible: false, asOf: 7 }, 7);
      assert.deepEqual(shown, [{ user: ada, online: true, at: 7, lastActive: 7 }]);
      assert.deepEqual(await tracker.hide({ app, userId: 'nobody' }, { invisible: true, asOf: 1 }, 8), []);
    });

    it('tells of a user at ever later times, also in one millisecond', async () => {
      const tracker = await open({ ...TIMES, graceMs: 0 });
      const times: number[] = [];
      for (const connection of ['a', 'b', 'c']) {
        for (const { at } of await come(tracker, connection, 100)) times.push(at);
        await tracker.end(ada, connection, 100);
        for (const { at } of await expired(tracker, 100)) times.push(at);
      }
      assert.deepEqual(times, [100, 101, 102, 103, 104, 105]);
    });

    it('refuses one connection too many, and takes it when another is gone', async () => {
      const tracker = await open(TIMES);
      const begin = (id: string, now: number) => tracker.begin(ada, id, heldAt(now), now, 50);
      const all = await Promise.all(Array.from({ length: 60 }, (_, at) => begin(`c${at}`, 0)));
      assert.equal(all.filter((taken) => !taken).length, 10);
      await tracker.end(ada, 'c0', 1);
      assert.equal(await begin('late', 2), true);
    });

    it('keeps apps apart', async () => {
      const tracker = await open(TIMES);
      await come(tracker, 'one', 0);
      assert.equal((await tracker.present(2 as AppId, ['ada'], 1)).size, 0);
      assert.equal((await tracker.find({ app: 2 as AppId, userId: 'ada' })).leases.size, 0);
    });

    it('tells what it knows of a connection', async () => {
      const tracker = await open(TIMES);
      const held = { node: 'here', device: 'phone', connectedAt: 5, heardAt: 20_000 };
      await tracker.begin(ada, 'one', { ...held, heardAt: 5 }, 5, MANY);
      await tracker.renew([{ user: ada, connectionId: 'one', held, hiding: SHOWN }], 20_005);
      const lease = (await tracker.find(ada)).leases.get('one');
      assert.deepEqual(lease, { ...held, until: 80_005, phase: 'open' });
    });

    it('lets very many go in several goes', async () => {
      const tracker = await open(TIMES);
      const users = Array.from({ length: 3000 }, (_, at) => ({ app, userId: `u${at}` }));
      const renewals = users.map((user) => ({ user, connectionId: user.userId, held: heldAt(0), hiding: SHOWN }));
      assert.equal((await tracker.renew(renewals, 0)).length, users.length);
      await Promise.all(users.map((user) => tracker.end(user, user.userId, 10)));
      assert.equal((await tracker.expire(4000)).more, true);
      assert.equal((await expired(tracker, 4000)).length > 0, true);
      assert.deepEqual(await tracker.expire(4000), { flips: [], more: false });
      const ids = users.map(({ userId }) => userId);
      assert.equal((await tracker.present(app, ids, 4000)).size, 0);
    });

    it('has a user online over a restart until the lease runs out, and sees no flip when the user comes back', async () => {
      const before = await open(TIMES);
      await come(before, 'phone', 0);
      const tracker = await restarted(before, () => open(TIMES), { stop: 10_000, start: 12_000 });
      assert.ok(await isThere(tracker, 59_999));
      assert.deepEqual(await come(tracker, 'phone again', 50_000), []);
      assert.deepEqual(await expired(tracker, 60_000), []);
      assert.ok(await isThere(tracker, 109_999));
    });

    it('lets whoever does not come back after a restart go once, when the lease runs out', async () => {
      const before = await open(TIMES);
      await come(before, 'phone', 0);
      await come(before, 'laptop', 5000);
      const twice = await restarted(before, () => open(TIMES), { stop: 10_000, start: 12_000 });
      const tracker = await restarted(twice, () => open(TIMES), { stop: 20_000, start: 22_000 });
      assert.deepEqual(await expired(tracker, 64_999), []);
      const flips = await expired(tracker, 65_000);
      assert.deepEqual(
        flips.map(({ user, online }) => [user, online]),
        [[ada, false]],
      );
      assert.deepEqual(await expired(tracker, 200_000), []);
    });

    it('shows nobody who hid before a restart, and lets others see who shows itself after', async () => {
      const before = await open(TIMES);
      const hidden: Hiding = { invisible: true, asOf: 1 };
      await come(before, 'phone', 0, hidden);
      const tracker = await restarted(before, () => open(TIMES), { stop: 10_000, start: 12_000 }, hidden);
      assert.ok(await isThere(tracker, 12_000));
      const shown = await tracker.hide(ada, { invisible: false, asOf: 13_000 }, 13_000);
      assert.deepEqual(shown, [{ user: ada, online: true, at: 13_000, lastActive: 13_000 }]);
    });

    it('leaves nothing of who only asked to come in, and nothing that ran out before the restart was over', async () => {
      const before = await open(TIMES);
      await before.begin(ada, 'knocking', heldAt(0), 0, MANY);
      assert.deepEqual(await before.leave(1), []);
      await come(before, 'phone', 2);
      const tracker = await restarted(before, () => open(TIMES), { stop: 10_000, start: 60_002 });
      assert.ok(!(await isThere(tracker, 60_002)));
    });

    it('equals the pure rules, command by command', async () => {
      const commands = fc.array(
        fc.record({
          verb: fc.constantFrom<Verb>('begin', 'renew', 'end', 'expire', 'hide', 'show'),
          connection: fc.constantFrom('a', 'b', 'c'),
          wait: fc.constantFrom(0, 1000, 2999, 3000, 30_000, 60_000),
        }),
        { maxLength: 30 },
      );
      await fc.assert(
        fc.asyncProperty(commands, async (script) => {
          const tracker = await open(TIMES);
          let presence = ABSENT;
          let now = 0;
          for (const { verb, connection, wait } of script) {
            now += wait;
            const flips = await tell(tracker, verb, connection, presence.hiding, now);
            const step = rule(presence, verb, connection, now);
            presence = step.presence;
            assert.deepEqual(flips, step.flip ? [{ user: ada, ...step.flip }] : []);
            assert.equal(await isThere(tracker, now), isPresent(presence, now));
            assert.deepEqual((await tracker.find(ada)).leases, presence.leases);
          }
        }),
      );
    });
  });
}

type Verb = 'begin' | 'renew' | 'end' | 'expire' | 'hide' | 'show';

function rule(presence: Presence, verb: Verb, connection: string, now: number): Step {
  switch (verb) {
    case 'begin':
      return { presence: knock(presence, connection, heldAt(now), now, TIMES.leaseMs), flip: undefined };
    case 'renew':
      return renew(presence, connection, heldAt(now), presence.hiding, now, TIMES.leaseMs);
    case 'end':
      return end(presence, connection, now, TIMES.graceMs);
    case 'expire':
      return expire(presence, now);
    default:
      // Of a user without a connection nothing is kept.
      if (presence.leases.size === 0) return { presence, flip: undefined };
      return hide(presence, { invisible: verb === 'hide', asOf: now }, now);
  }
}

async function tell(
  tracker: Tracker,
  verb: Verb,
  connection: string,
  hiding: Hiding,
  now: number,
): Promise<readonly UserFlip[]> {
  switch (verb) {
    case 'begin':
      await tracker.begin(ada, connection, heldAt(now), now, MANY);
      return [];
    case 'renew':
      return come(tracker, connection, now, hiding);
    case 'end':
      return tracker.end(ada, connection, now);
    case 'expire':
      return expired(tracker, now);
    default:
      if ((await tracker.find(ada)).leases.size === 0) return [];
      return tracker.hide(ada, { invisible: verb === 'hide', asOf: now }, now);
  }
}
