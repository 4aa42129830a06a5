import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import {
  ABSENT,
  end,
  expire,
  GRACE_MS,
  isPresent,
  LEASE_MS,
  nextExpiry,
  openConnections,
  type Presence,
  renew,
  type Transition,
} from './presence.ts';

type Deed = { readonly what: 'renew' | 'end' | 'expire'; readonly id: string; readonly after: number };

const deed: Arbitrary<Deed> = fc.record({
  what: fc.constantFrom('renew', 'end', 'expire'),
  id: fc.constantFrom('a', 'b', 'c'),
  after: fc.oneof(fc.constantFrom(0, 1, GRACE_MS - 1, GRACE_MS, GRACE_MS + 1, LEASE_MS - 1, LEASE_MS), fc.nat(70_000)),
});
const deeds = fc.array(deed, { maxLength: 30 });

function play(presence: Presence, { what, id }: Deed, now: number) {
  if (what === 'renew') return renew(presence, id, now);
  return what === 'end' ? end(presence, id, now) : expire(presence, now);
}

/** Plays deeds in time, after each dropping what ran out, as the tracker does. */
function* story(
  list: readonly Deed[],
): Generator<{ presence: Presence; transitions: Transition[]; now: number; did: Deed }> {
  let presence = ABSENT;
  let now = 1000;
  for (const did of list) {
    now += did.after;
    const swept = expire(presence, now);
    const done = play(swept.presence, did, now);
    presence = done.presence;
    yield { presence, transitions: [swept.transition, done.transition], now, did };
  }
}

test('coming and going alternate, whatever happens in which order', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      let online = false;
      for (const { transitions } of story(list)) {
        for (const transition of transitions) {
          if (transition === undefined) continue;
          assert.equal(transition, online ? 'went_offline' : 'came_online');
          online = !online;
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a user is present exactly between its coming and its going', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      let online = false;
      for (const { presence, transitions, now } of story(list)) {
        for (const transition of transitions) if (transition) online = transition === 'came_online';
        assert.equal(isPresent(presence, now), online);
        assert.equal(online, presence.leases.size > 0);
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
    if (what === 'renew') {
      until.set(id, time + LEASE_MS);
      closed.delete(id);
    }
    if (what === 'end' && until.has(id) && !closed.has(id)) {
      until.set(id, Math.min(until.get(id) ?? 0, time + GRACE_MS));
      closed.add(id);
    }
    if (!until.has(id)) closed.delete(id);
  }
  return [...until.values()].some((last) => last > now);
}

test('a user is present while a connection runs, or its grace', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      const [last] = [...story(list)].slice(-1);
      assert.equal(
        last !== undefined && isPresent(last.presence, last.now),
        last !== undefined && isBelieved(list, last.now),
      );
    }),
    { numRuns: 500 },
  );
});

test('every step leaves the state it began with as it was', () => {
  fc.assert(
    fc.property(deeds, deed, (list, next) => {
      const [last] = [...story(list)].slice(-1);
      const presence = last?.presence ?? ABSENT;
      const before = structuredClone(presence.leases);
      play(presence, next, (last?.now ?? 0) + next.after);
      assert.deepEqual(presence.leases, before);
    }),
  );
  assert.equal(ABSENT.leases.size, 0);
});

test('saying twice that a connection is there is saying it once', () => {
  fc.assert(
    fc.property(deeds, fc.constantFrom('a', 'b'), (list, id) => {
      const [last] = [...story(list)].slice(-1);
      const once = renew(last?.presence ?? ABSENT, id, 1000);
      const twice = renew(once.presence, id, 1000);
      assert.deepEqual(twice, { presence: once.presence, transition: undefined });
    }),
  );
});

test('a second goodbye changes nothing, nor does that of a stranger', () => {
  const open = renew(ABSENT, 'a', 0).presence;
  const once = end(open, 'a', 1000).presence;
  assert.deepEqual(end(once, 'a', 2500), { presence: once, transition: undefined });
  assert.equal(nextExpiry(once), 1000 + GRACE_MS);
  assert.deepEqual(end(open, 'x', 1000), { presence: open, transition: undefined });
  assert.deepEqual(end(ABSENT, 'x', 1000), { presence: ABSENT, transition: undefined });
});

test('a quick return makes no flip; a slow one makes two', () => {
  const closed = end(renew(ABSENT, 'a', 0).presence, 'a', 1000);
  assert.equal(closed.transition, undefined);
  assert.ok(isPresent(closed.presence, 1000 + GRACE_MS - 1));
  assert.ok(!isPresent(closed.presence, 1000 + GRACE_MS));
  const early = expire(closed.presence, 1000 + GRACE_MS - 1);
  assert.equal(early.transition, undefined);
  assert.equal(renew(early.presence, 'b', 1000 + GRACE_MS - 1).transition, undefined);
  const late = expire(closed.presence, 1000 + GRACE_MS);
  assert.equal(late.transition, 'went_offline');
  assert.equal(renew(late.presence, 'b', 1000 + GRACE_MS).transition, 'came_online');
});

test('a lease runs out when it was not renewed for a minute', () => {
  const open = renew(ABSENT, 'a', 0).presence;
  assert.equal(expire(open, LEASE_MS - 1).transition, undefined);
  assert.equal(expire(open, LEASE_MS).transition, 'went_offline');
  assert.equal(expire(renew(open, 'a', LEASE_MS - 1).presence, LEASE_MS).transition, undefined);
  assert.equal(nextExpiry(open), LEASE_MS);
  assert.equal(nextExpiry(ABSENT), undefined);
});

test('grace never makes a lease longer', () => {
  const closed = end(renew(ABSENT, 'a', 0, 1000).presence, 'a', 900, 3000).presence;
  assert.equal(nextExpiry(closed), 1000);
});

test('closed connections are not counted as open', () => {
  const both = renew(renew(ABSENT, 'a', 0).presence, 'b', 10).presence;
  assert.equal(openConnections(both, 20), 2);
  assert.equal(openConnections(end(both, 'a', 20).presence, 20), 1);
  assert.equal(openConnections(both, LEASE_MS), 1);
  assert.equal(nextExpiry(both), LEASE_MS);
});
