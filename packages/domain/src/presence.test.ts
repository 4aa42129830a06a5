import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import {
  ABSENT,
  end,
  expire,
  type Flip,
  GRACE_MS,
  graceUntil,
  type Held,
  type Hiding,
  hide,
  isForgettable,
  isPresent,
  knock,
  LEASE_MS,
  nextExpiry,
  openConnections,
  type Presence,
  renew,
  type Step,
} from './presence.ts';

const SHOWN: Hiding = { invisible: false, asOf: 0 };
const heldAt = (now: number): Held => ({ node: 'n', device: 'phone', connectedAt: now, heardAt: now });
/** A connection is there, of a user who hides or not. */
const come = (presence: Presence, id: string, now: number, hiding = SHOWN, leaseMs = LEASE_MS): Step =>
  renew(presence, id, heldAt(now), hiding, now, leaseMs);

type What = 'knock' | 'come' | 'end' | 'expire' | 'hide' | 'show';
interface Deed {
  readonly what: What;
  readonly id: string;
  readonly after: number;
}

const deed: Arbitrary<Deed> = fc.record({
  what: fc.constantFrom<What>('knock', 'come', 'come', 'end', 'expire', 'hide', 'show'),
  id: fc.constantFrom('a', 'b', 'c'),
  after: fc.oneof(fc.constantFrom(0, 1, GRACE_MS - 1, GRACE_MS, GRACE_MS + 1, LEASE_MS - 1, LEASE_MS), fc.nat(70_000)),
});
const deeds = fc.array(deed, { maxLength: 30 });

function play(presence: Presence, { what, id }: Deed, now: number): Step {
  switch (what) {
    case 'knock':
      return { presence: knock(presence, id, heldAt(now), now), flip: undefined };
    case 'come':
      return come(presence, id, now, presence.hiding);
    case 'end':
      return end(presence, id, now);
    case 'expire':
      return expire(presence, now);
    default:
      return hide(presence, { invisible: what === 'hide', asOf: now }, now);
  }
}

/** Plays deeds in time, after each dropping what ran out, as the tracker does. */
function* story(list: readonly Deed[]): Generator<{ presence: Presence; flips: Flip[]; now: number }> {
  let presence = ABSENT;
  let now = 1000;
  for (const did of list) {
    now += did.after;
    const swept = expire(presence, now);
    const done = play(swept.presence, did, now);
    presence = done.presence;
    yield { presence, flips: [swept.flip, done.flip].flatMap((flip) => flip ?? []), now };
  }
}

const lastOf = (list: readonly Deed[]) => [...story(list)].at(-1) ?? { presence: ABSENT, flips: [], now: 1000 };

test('coming and going alternate, at ever later times, whatever happens in which order', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      let online = false;
      let told = -1;
      for (const { flips } of story(list)) {
        for (const flip of flips) {
          assert.equal(flip.online, !online);
          assert.ok(flip.at > told && flip.lastActive <= flip.at);
          online = flip.online;
          told = flip.at;
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('others see a user exactly while it has a connection and does not hide', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      let online = false;
      for (const { presence, flips, now } of story(list)) {
        for (const flip of flips) online = flip.online;
        assert.equal(online, isPresent(presence, now) && !presence.hiding.invisible);
        assert.equal(online, presence.online);
      }
    }),
    { numRuns: 500 },
  );
});

/** What section 9 says, kept as a list of what happened to each connection. */
function isBelieved(list: readonly Deed[], now: number): boolean {
  const until = new Map<string, number>();
  const closed = new Set<string>();
  let time = 1000;
  for (const { what, id, after } of list) {
    time += after;
    for (const [known, last] of until) if (last <= time) until.delete(known);
    for (const known of closed) if (!until.has(known)) closed.delete(known);
    if (what === 'come' && !closed.has(id)) {
      for (const known of closed) until.delete(known);
      closed.clear();
      until.set(id, time + LEASE_MS);
    }
    if (what === 'end' && until.has(id) && !closed.has(id)) {
      until.set(id, Math.min(until.get(id) ?? 0, time + GRACE_MS));
      closed.add(id);
    }
  }
  return [...until.values()].some((last) => last > now);
}

test('a user is present while a connection runs, or its grace', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      const { presence, now } = lastOf(list);
      assert.equal(isPresent(presence, now), isBelieved(list, now));
    }),
    { numRuns: 500 },
  );
});

test('every step leaves the state it began with as it was', () => {
  fc.assert(
    fc.property(deeds, deed, (list, next) => {
      const { presence, now } = lastOf(list);
      const before = structuredClone(presence);
      play(presence, next, now + next.after);
      assert.deepEqual(presence, before);
    }),
  );
  assert.equal(ABSENT.leases.size, 0);
});

test('saying twice that a connection is there is saying it once', () => {
  fc.assert(
    fc.property(deeds, fc.constantFrom('a', 'b'), (list, id) => {
      const { presence, now } = lastOf(list);
      const once = come(presence, id, now, presence.hiding);
      assert.deepEqual(come(once.presence, id, now, presence.hiding), { presence: once.presence, flip: undefined });
    }),
  );
});

test('a device that drops and returns twenty times a second is seen to come once, and to go once in the end', () => {
  const flips: Flip[] = [];
  let presence = ABSENT;
  const take = (step: Step): void => {
    presence = step.presence;
    if (step.flip) flips.push(step.flip);
  };
  for (let at = 0; at < 10_000; at += 50) {
    presence = knock(presence, `c${at}`, heldAt(at), at);
    take(come(presence, `c${at}`, at));
    take(end(presence, `c${at}`, at + 25));
    take(expire(presence, at + 40));
  }
  assert.deepEqual(flips, [{ online: true, at: 0, lastActive: 0 }]);
  take(expire(presence, 9975 + GRACE_MS));
  assert.deepEqual(flips.slice(1), [{ online: false, at: 9975 + GRACE_MS, lastActive: 9975 }]);
});

test('two devices that drop in turn never make a user go', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('phone', 'laptop'), fc.nat(10_000)), { maxLength: 40 }), (list) => {
      let presence = come(come(ABSENT, 'phone 0', 0).presence, 'laptop 0', 0).presence;
      let now = 0;
      const rounds = { phone: 0, laptop: 0 };
      for (const [device, pause] of list) {
        now += pause;
        const other = device === 'phone' ? 'laptop' : 'phone';
        // The node renews the other, which stays; this one drops, is away for a while, and comes back.
        presence = come(presence, `${other} ${rounds[other]}`, now).presence;
        presence = end(presence, `${device} ${rounds[device]}`, now).presence;
        const away = expire(presence, now + 2 * GRACE_MS);
        assert.equal(away.flip, undefined);
        rounds[device] += 1;
        const back = come(away.presence, `${device} ${rounds[device]}`, now + 2 * GRACE_MS);
        assert.equal(back.flip, undefined);
        presence = back.presence;
        now += 2 * GRACE_MS;
      }
    }),
  );
});

test('a connection that is not let in shows nobody, takes a place, and is gone at once', () => {
  const knocking = knock(ABSENT, 'a', heldAt(0), 0);
  assert.ok(!isPresent(knocking, 1));
  assert.equal(openConnections(knocking, 1), 1);
  assert.deepEqual(knock(knocking, 'a', heldAt(5), 5), knocking);
  const gone = end(knocking, 'a', 2);
  assert.equal(gone.flip, undefined);
  assert.equal(gone.presence.leases.size, 0);
  const inside = come(knocking, 'a', 3);
  assert.deepEqual(inside.flip, { online: true, at: 3, lastActive: 3 });
});

test('hiding is seen as going, and showing again as coming', () => {
  const open = come(ABSENT, 'a', 10).presence;
  const hidden = hide(open, { invisible: true, asOf: 20 }, 25);
  assert.deepEqual(hidden.flip, { online: false, at: 25, lastActive: 25 });
  assert.ok(isPresent(hidden.presence, 26), 'it is there all the same');
  assert.equal(hide(hidden.presence, { invisible: true, asOf: 30 }, 30).flip, undefined);
  assert.deepEqual(hide(hidden.presence, { invisible: false, asOf: 40 }, 40).flip, {
    online: true,
    at: 40,
    lastActive: 40,
  });
  // While it hides nobody sees it drop, or return.
  const gone = expire(end(hidden.presence, 'a', 50).presence, 50 + GRACE_MS);
  assert.equal(gone.flip, undefined);
  assert.equal(come(gone.presence, 'b', 60_000, { invisible: true, asOf: 20 }).flip, undefined);
});

test('what an older state of the user says of hiding is passed over', () => {
  const knocking = knock(ABSENT, 'a', heldAt(0), 0);
  const hidden = hide(knocking, { invisible: true, asOf: 6 }, 7).presence;
  assert.equal(come(hidden, 'a', 8, { invisible: false, asOf: 5 }).flip, undefined);
  assert.equal(come(hidden, 'a', 8, { invisible: false, asOf: 7 }).flip?.online, true);
});

test('two flips in one millisecond are told at two times', () => {
  const open = come(ABSENT, 'a', 10);
  const hidden = hide(open.presence, { invisible: true, asOf: 10 }, 10);
  const shown = hide(hidden.presence, { invisible: false, asOf: 11 }, 10);
  assert.deepEqual(
    [open, hidden, shown].map(({ flip }) => flip?.at),
    [10, 11, 12],
  );
  const gone = expire(end(open.presence, 'a', 10, 0).presence, 10).presence;
  assert.ok(!isForgettable(gone, 11), 'it must still be known at 11 that 11 was told');
  assert.ok(isForgettable(gone, 12));
  assert.ok(!isForgettable(open.presence, 12));
});

test('a second goodbye changes nothing, nor does that of a stranger', () => {
  const open = come(ABSENT, 'a', 0).presence;
  const once = end(open, 'a', 1000).presence;
  assert.deepEqual(end(once, 'a', 2500), { presence: once, flip: undefined });
  assert.equal(nextExpiry(once), 1000 + GRACE_MS);
  assert.deepEqual(end(open, 'x', 1000), { presence: open, flip: undefined });
  assert.deepEqual(end(ABSENT, 'x', 1000), { presence: ABSENT, flip: undefined });
});

test('a late renewal does not bring back a connection that said goodbye', () => {
  const closed = end(come(ABSENT, 'a', 0).presence, 'a', 1000).presence;
  const renewed = come(closed, 'a', 1001);
  assert.equal(expire(renewed.presence, 1000 + GRACE_MS).flip?.online, false);
});

test('a quick return makes no flip; a slow one makes two', () => {
  const closed = end(come(ABSENT, 'a', 0).presence, 'a', 1000);
  assert.equal(closed.flip, undefined);
  assert.ok(isPresent(closed.presence, 1000 + GRACE_MS - 1));
  assert.ok(!isPresent(closed.presence, 1000 + GRACE_MS));
  const early = expire(closed.presence, 1000 + GRACE_MS - 1);
  assert.equal(early.flip, undefined);
  assert.equal(come(early.presence, 'b', 1000 + GRACE_MS - 1).flip, undefined);
  const late = expire(closed.presence, 1000 + GRACE_MS);
  assert.deepEqual(late.flip, { online: false, at: 1000 + GRACE_MS, lastActive: 1000 });
  assert.equal(come(late.presence, 'b', 1000 + GRACE_MS).flip?.online, true);
});

test('a lease runs out when it was not renewed for a minute', () => {
  const open = come(ABSENT, 'a', 0).presence;
  assert.equal(expire(open, LEASE_MS - 1).flip, undefined);
  assert.equal(expire(open, LEASE_MS).flip?.online, false);
  assert.equal(expire(come(open, 'a', LEASE_MS - 1).presence, LEASE_MS).flip, undefined);
  assert.equal(nextExpiry(open), LEASE_MS);
  assert.equal(nextExpiry(ABSENT), undefined);
});

test('grace never makes a lease longer', () => {
  const closed = end(come(ABSENT, 'a', 0, SHOWN, 1000).presence, 'a', 900, 3000).presence;
  assert.equal(nextExpiry(closed), 1000);
});

test('grace is told only of a user without an open connection', () => {
  const both = come(come(ABSENT, 'a', 0).presence, 'b', 10).presence;
  const one = end(both, 'a', 20).presence;
  assert.equal(graceUntil(one, 30), undefined);
  const none = end(one, 'b', 40).presence;
  assert.equal(graceUntil(none, 50), 40 + GRACE_MS);
  assert.equal(graceUntil(none, 40 + GRACE_MS), undefined);
  assert.equal(graceUntil(ABSENT, 0), undefined);
});

test('closed connections are not counted as open', () => {
  const both = come(come(ABSENT, 'a', 0).presence, 'b', 10).presence;
  assert.equal(openConnections(both, 20), 2);
  assert.equal(openConnections(end(both, 'a', 20).presence, 20), 1);
  assert.equal(openConnections(both, LEASE_MS), 1);
  assert.equal(nextExpiry(both), LEASE_MS);
});
