import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LeftLease, leave, resume } from './left.ts';
import {
  ABSENT,
  end,
  expire,
  GRACE_MS,
  graceUntil,
  type Held,
  type Hiding,
  hide,
  isPresent,
  knock,
  LEASE_MS,
  openConnections,
  type Presence,
  renew,
} from './presence.ts';

const SHOWN: Hiding = { invisible: false, asOf: 0 };
const HIDDEN: Hiding = { invisible: true, asOf: 0 };
const STOP = 1_000_000;
const heldAt = (now: number): Held => ({ node: 'old', device: 'phone', connectedAt: now, heardAt: now });
const back = (presence: Presence, now: number) => renew(presence, 'new', heldAt(now), presence.hiding, now);

/** One of a user's connections when its node stops: how long ago it was renewed, and closed if it was. */
const connection = fc.record({
  renewedAgo: fc.integer({ min: 0, max: LEASE_MS + 10_000 }),
  closedAgo: fc.option(fc.nat(GRACE_MS + 1000), { nil: undefined }),
});
const crowd = fc
  .array(connection, { maxLength: 4 })
  .map((connections) => {
    let presence = ABSENT;
    for (const [index, { renewedAgo }] of connections.entries()) {
      presence = renew(presence, `c${index}`, heldAt(STOP - renewedAgo), SHOWN, STOP - renewedAgo).presence;
    }
    for (const [index, { closedAgo }] of connections.entries()) {
      if (closedAgo !== undefined) presence = end(presence, `c${index}`, STOP - closedAgo).presence;
    }
    return expire(knock(presence, 'knocking', heldAt(STOP), STOP), STOP).presence;
  })
  .filter(({ online }) => online);

function resumed(left: ReadonlyMap<string, LeftLease>, now: number, hiding = SHOWN): Presence {
  let presence = ABSENT;
  for (const [id, lease] of left) presence = resume(presence, id, lease, hiding, now);
  return presence;
}

test('after a restart a user is there exactly as long as before, and takes up no place', () => {
  fc.assert(
    fc.property(crowd, fc.nat(2 * LEASE_MS), (before, later) => {
      const now = STOP + later;
      const after = resumed(leave(before, STOP), now);
      assert.equal(isPresent(after, now), isPresent(before, now));
      assert.equal(after.online, isPresent(before, now));
      assert.equal(openConnections(after, now), 0);
    }),
  );
});

test('a return makes no flip, and whoever stays away goes once, last active when it was last there', () => {
  fc.assert(
    fc.property(crowd, fc.nat(LEASE_MS), (before, later) => {
      const now = STOP + later;
      const after = resumed(leave(before, STOP), now);
      if (!after.online) return;
      assert.equal(back(after, now).flip, undefined);
      const ended = graceUntil(after, now) ?? assert.fail('it counts as there');
      assert.equal(expire(after, ended - 1).flip, undefined);
      const gone = expire(after, ended);
      const wasOpen = [...before.leases.values()].some(({ phase }) => phase === 'open');
      assert.ok(gone.flip && !gone.flip.online && gone.flip.lastActive <= STOP);
      if (wasOpen && before.leases.size === 2) assert.equal(gone.flip.lastActive, STOP);
      assert.equal(expire(gone.presence, ended + LEASE_MS).flip, undefined);
    }),
  );
});

test('a clock that was set back, however far, makes no lease longer than what was left of it', () => {
  fc.assert(
    fc.property(crowd, fc.nat(10 * STOP), (before, backward) => {
      const left = leave(before, STOP);
      const now = STOP - backward;
      for (const [id, { until, heardAt, connectedAt, phase }] of resumed(left, now).leases) {
        const lease = left.get(id) ?? assert.fail(id);
        assert.ok(until - now <= lease.until - lease.heardAt);
        assert.ok(until - now <= LEASE_MS);
        assert.ok(connectedAt <= heardAt && heardAt <= now);
        assert.equal(phase, 'closed');
      }
    }),
  );
});

test('a lease that was longer under other settings is cut to what they are now', () => {
  const { presence } = renew(ABSENT, 'one', heldAt(STOP), SHOWN, STOP, 3_600_000);
  const [[id, lease] = assert.fail('it is left')] = leave(presence, STOP);
  const after = resume(ABSENT, id, lease, SHOWN, STOP + 5, 1000);
  assert.equal(after.leases.get('one')?.until, STOP + 1005);
});

test('who hides stays hidden: it comes back unseen, goes unseen, and is seen when it shows itself', () => {
  const { presence } = renew(ABSENT, 'one', heldAt(STOP), HIDDEN, STOP);
  const after = resumed(leave(presence, STOP), STOP + 10, HIDDEN);
  assert.deepEqual([after.online, isPresent(after, STOP + 10)], [false, true]);
  assert.equal(back(after, STOP + 20).flip, undefined);
  assert.equal(expire(after, STOP + LEASE_MS).flip, undefined);
  assert.equal(hide(after, { invisible: false, asOf: 5 }, STOP + 30).flip?.online, true);
});

test('what a connection is known by already stays as it is', () => {
  const { presence } = renew(ABSENT, 'one', heldAt(STOP), SHOWN, STOP);
  const [[id, lease] = assert.fail('it is left')] = leave(presence, STOP);
  assert.equal(resume(presence, id, lease, HIDDEN, STOP + 10), presence);
  const known = { ...presence, hiding: { invisible: false, asOf: 9 } };
  const after = resume(known, 'two', lease, { invisible: true, asOf: 8 }, STOP + 10);
  assert.deepEqual([after.hiding, after.online, after.leases.size], [known.hiding, true, 2]);
});
