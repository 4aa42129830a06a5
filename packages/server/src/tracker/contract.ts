import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { ABSENT, end, expire, isPresent, renew } from '@rollcall/domain/presence';
import fc from 'fast-check';
import type { LeaseTimes, Tracker, UserRef } from './tracker.ts';

const TIMES: LeaseTimes = { leaseMs: 60_000, graceMs: 3000 };
const app = 1 as AppId; // a number is all that an id is
const ada: UserRef = { app, userId: 'ada' };
const MANY = 1000;

const isThere = async (tracker: Tracker, now: number): Promise<boolean> =>
  (await tracker.present(app, ['ada'], now)).has('ada');

/** The suite that every tracker passes. */
export function describeTracker(name: string, open: (times: LeaseTimes) => Promise<Tracker>): void {
  describe(`tracker: ${name}`, () => {
    it('has a user online while a connection is up, and for its grace after', async () => {
      const tracker = await open(TIMES);
      assert.equal(await tracker.begin(ada, 'one', 0, MANY), 'came_online');
      assert.equal(await tracker.end(ada, 'one', 1000), undefined);
      assert.ok(await isThere(tracker, 3999));
      assert.ok(!(await isThere(tracker, 4000)));
      assert.deepEqual(await tracker.expire(4000), [ada]);
      assert.deepEqual(await tracker.expire(4001), [], 'told once');
    });

    it('sees no flip when a user comes back within the grace', async () => {
      const tracker = await open(TIMES);
      await tracker.begin(ada, 'one', 0, MANY);
      await tracker.end(ada, 'one', 1000);
      assert.equal(await tracker.begin(ada, 'two', 2000, MANY), undefined);
      assert.deepEqual(await tracker.expire(5000), []);
      assert.ok(await isThere(tracker, 5000));
    });

    it('believes a connection until its lease runs out, and longer when it is renewed', async () => {
      const tracker = await open(TIMES);
      await tracker.begin(ada, 'one', 0, MANY);
      await tracker.renew(ada, 'one', 50_000);
      assert.ok(await isThere(tracker, 109_999));
      assert.deepEqual(await tracker.expire(110_000), [ada]);
    });

    it('never makes a user offline while another device is there', async () => {
      const tracker = await open(TIMES);
      await tracker.begin(ada, 'phone', 0, MANY);
      await tracker.begin(ada, 'laptop', 0, MANY);
      await tracker.end(ada, 'phone', 1000);
      assert.deepEqual(await tracker.expire(10_000), []);
      assert.ok(await isThere(tracker, 10_000));
    });

    it('refuses one connection too many, and takes it when another is gone', async () => {
      const tracker = await open(TIMES);
      const all = await Promise.all(Array.from({ length: 60 }, (_, at) => tracker.begin(ada, `c${at}`, 0, 50)));
      assert.equal(all.filter((answer) => answer === 'too_many').length, 10);
      await tracker.end(ada, 'c0', 1);
      assert.notEqual(await tracker.begin(ada, 'late', 2, 50), 'too_many');
    });

    it('keeps apps apart', async () => {
      const tracker = await open(TIMES);
      await tracker.begin(ada, 'one', 0, MANY);
      assert.equal((await tracker.present(2 as AppId, ['ada'], 1)).size, 0);
    });

    it('equals the pure rules, command by command', async () => {
      const commands = fc.array(
        fc.record({
          verb: fc.constantFrom('begin', 'renew', 'end', 'expire'),
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
            const step =
              verb === 'expire'
                ? expire(presence, now)
                : verb === 'end'
                  ? end(presence, connection, now, TIMES.graceMs)
                  : renew(presence, connection, now, TIMES.leaseMs);
            presence = step.presence;
            if (verb === 'expire')
              assert.equal((await tracker.expire(now)).length > 0, step.transition === 'went_offline');
            else if (verb === 'begin') assert.equal(await tracker.begin(ada, connection, now, MANY), step.transition);
            else assert.equal(await tracker[verb === 'end' ? 'end' : 'renew'](ada, connection, now), step.transition);
            assert.equal(await isThere(tracker, now), isPresent(presence, now));
          }
        }),
      );
    });
  });
}
