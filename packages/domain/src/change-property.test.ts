import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import {
  at,
  batchOf,
  given,
  id,
  instant,
  outcome,
  patch,
  patchOf,
  profile,
  profileOf,
  stored,
  user,
  users,
  usersOf,
} from './arbitrary.test.ts';
import { connectUser, type Decision, type Patch, type Profile, patchUsers, upsertUsers } from './change.ts';
import type { Given } from './field.ts';
import { equalJson } from './json.ts';
import { changedFields, parseCustom, sameUser, type User, type Users } from './user.ts';
import { nameKey } from './username.ts';

/*
 * Properties of the three ways to write a user. A draw may be one that is refused; then what is promised is promised of the
 * refusal.
 */

const now = instant;
const patches = fc.array(patch, { minLength: 1, maxLength: 5 });
const profiles = fc.uniqueArray(profile, { minLength: 1, maxLength: 3, selector: ({ id: userId }) => userId });
const runs = { numRuns: 200 };

const upsert = (current: Users, items: readonly Profile[], time: number) =>
  upsertUsers(current, batchOf(items), at(time));
const change = (current: Users, items: readonly Patch[], time: number) => patchUsers(current, batchOf(items), at(time));
const connect = (current: Users, item: Patch, time: number) => connectUser(current, batchOf([item]), at(time));

/** One write, by any of the three ways. */
const write: Arbitrary<(current: Users, time: number) => Decision> = fc.oneof(
  patches.map((items) => (current: Users, time: number) => change(current, items, time)),
  profiles.map((items) => (current: Users, time: number) => upsert(current, items, time)),
  patch.map((item) => (current: Users, time: number) => connect(current, item, time)),
);

function same(a: User | undefined, b: User | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameUser(a, b);
}

/** One write in which each user is named once: a later item may undo what an earlier one relied on. */
const plainWrite: typeof write = fc.oneof(
  patch.map((item) => (current: Users, time: number) => change(current, [item], time)),
  profiles.map((items) => (current: Users, time: number) => upsert(current, items, time)),
  patch.map((item) => (current: Users, time: number) => connect(current, item, time)),
);

test('what was said twice is said once', () => {
  fc.assert(
    fc.property(users, plainWrite, now, (current, say, time) => {
      const once = outcome(() => say(current, time));
      if ('refused' in once) return;
      const after = stored(current, once.done);
      const again = say(after, time + 1);
      assert.deepEqual([again.write, again.tell, again.takes], [[], [], []]);
      assert.deepEqual(again.reply, once.done.reply);
    }),
    runs,
  );
});

test('a patch said twice in one batch is said once', () => {
  fc.assert(
    fc.property(users, patch, now, (current, item, time) => {
      const once = outcome(() => change(current, [item], time));
      const twice = outcome(() => change(current, [item, item], time));
      if ('refused' in once) assert.equal('refused' in twice && twice.refused.message, once.refused.message);
      else assert.deepEqual('done' in twice && twice.done, once.done);
    }),
    runs,
  );
});

/** Says items one after another; undefined when one of them is refused. */
function oneByOne<Item>(current: Users, items: readonly Item[], say: (users: Users, item: Item) => Decision) {
  let after = current;
  for (const item of items) {
    const said = outcome(() => say(after, item));
    if ('refused' in said) return undefined;
    after = stored(after, said.done);
  }
  return after;
}

test('a batch is its items in order, or nothing when one of them is refused', () => {
  fc.assert(
    fc.property(users, patches, profiles, now, (current, items, wholes, time) => {
      const together = [
        [outcome(() => change(current, items, time)), oneByOne(current, items, (all, one) => change(all, [one], time))],
        [
          outcome(() => upsert(current, wholes, time)),
          oneByOne(current, wholes, (all, one) => upsert(all, [one], time)),
        ],
      ] as const;
      for (const [batch, singly] of together) {
        assert.equal('refused' in batch, singly === undefined);
        if ('refused' in batch || singly === undefined) continue;
        for (const [userId, after] of stored(current, batch.done)) assert.ok(same(after, singly.get(userId)), userId);
      }
    }),
    runs,
  );
});

test('a batch may be cut anywhere', () => {
  fc.assert(
    fc.property(users, patches, fc.nat(5), now, (current, items, cut, time) => {
      const whole = outcome(() => change(current, items, time));
      if ('refused' in whole || cut === 0 || cut >= items.length) return;
      const half = stored(current, change(current, items.slice(0, cut), time));
      const rest = stored(half, change(half, items.slice(cut), time));
      for (const [userId, after] of stored(current, whole.done)) assert.ok(same(after, rest.get(userId)));
    }),
    runs,
  );
});

test('a user is answered once, in the order of the batch, and told of only when it changed', () => {
  fc.assert(
    fc.property(users, patches, now, (current, items, time) => {
      const said = outcome(() => change(current, items, time));
      if ('refused' in said) return;
      const { reply, tell, write: written } = said.done;
      assert.deepEqual(
        reply.map((one) => one.id),
        [...new Set(items.map((item) => item.id))],
      );
      assert.deepEqual(
        tell.map((event) => event.user),
        written,
      );
      for (const event of tell) {
        assert.equal(event.before, current.get(event.user.id));
        assert.ok(changedFields(event.before, event.user).length > 0);
      }
    }),
    runs,
  );
});

test('created_at never moves, updated_at strictly increases with a change and stays without one', () => {
  const clock = fc.oneof(instant, fc.constant(0));
  fc.assert(
    fc.property(users, write, clock, (current, say, time) => {
      const said = outcome(() => say(current, time));
      if ('refused' in said) return;
      for (const after of said.done.reply) {
        const before = current.get(after.id);
        assert.ok(before);
        assert.equal(after.createdAt, before.createdAt);
        if (sameUser(before, after)) assert.equal(after, before);
        else assert.equal(after.updatedAt, Math.max(time, before.updatedAt + 1));
      }
    }),
    runs,
  );
});

test('a user who is made is as old as the call', () => {
  fc.assert(
    fc.property(profile, now, (whole, time) => {
      const made = outcome(() => upsert(usersOf(), [whole], time));
      if ('refused' in made) return;
      const [one] = made.done.write;
      assert.deepEqual([one?.createdAt, one?.updatedAt, made.done.tell.length], [time, time, 0]);
    }),
    runs,
  );
});

test('the name key is always that of the name', () => {
  fc.assert(
    fc.property(users, write, write, now, (current, say, sayMore, time) => {
      let after = current;
      for (const next of [say, sayMore]) {
        const said = outcome(() => next(after, time));
        if ('refused' in said) return;
        after = stored(after, said.done);
      }
      for (const one of after.values()) assert.equal(one.nameKey, nameKey(one.name ?? ''));
    }),
    runs,
  );
});

const FIELDS = [
  'role',
  'name',
  'image',
  'teams',
  'teamsRole',
  'language',
  'invisible',
  'privacySettings',
  'revokeTokensIssuedBefore',
] as const satisfies (keyof Given & keyof User)[];

/** Roles in teams follow the teams: who loses one, loses its role there. */
const follows = (field: keyof Given, said: Given): boolean => field === 'teamsRole' && said.teams !== undefined;

test('a patch touches only the fields it names', () => {
  fc.assert(
    fc.property(user, patch, now, (before, item, time) => {
      const said = outcome(() => change(usersOf(before), [{ ...item, id: before.id }], time));
      if ('refused' in said) return;
      const [after] = said.done.reply;
      assert.ok(after);
      for (const field of FIELDS) {
        if (item.given[field] === undefined && !follows(field, item.given))
          assert.deepEqual(after[field], before[field]);
      }
      for (const field of ['id', 'createdAt', 'deactivatedAt', 'deletedAt', 'lastActive'] as const) {
        assert.equal(after[field], before[field]);
      }
      const named = new Set(item.changes.map((one) => one.path[0]));
      const [was, is] = [parseCustom(before), parseCustom(after)];
      for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
        if (!named.has(key)) assert.ok(equalJson(was[key] ?? null, is[key] ?? null) && Object.hasOwn(was, key), key);
      }
    }),
    runs,
  );
});

test('an upsert keeps the built-in fields it does not name, and leaves no custom field, name or image from before', () => {
  fc.assert(
    fc.property(user, profile, now, (before, whole, time) => {
      const said = outcome(() => upsert(usersOf(before), [{ ...whole, id: before.id }], time));
      if ('refused' in said) return;
      const [after] = said.done.reply;
      assert.ok(after);
      assert.ok(equalJson(parseCustom(after), whole.custom));
      assert.equal(after.name, whole.given.name ?? undefined);
      assert.equal(after.image, whole.given.image ?? undefined);
      for (const field of FIELDS) {
        if (field === 'name' || field === 'image' || whole.given[field] !== undefined) continue;
        if (!follows(field, whole.given)) assert.deepEqual(after[field], before[field], field);
      }
    }),
    runs,
  );
});

test('saying nothing changes nothing', () => {
  fc.assert(
    fc.property(users, id, now, (current, userId, time) => {
      assert.deepEqual(change(current, [patchOf(userId, {})], time).write, []);
      assert.deepEqual(connect(current, patchOf(userId, {}), time).write, []);
    }),
  );
});

test('roles in teams are only of teams that are held', () => {
  fc.assert(
    fc.property(users, write, now, (current, say, time) => {
      const said = outcome(() => say(current, time));
      if ('refused' in said) return;
      for (const { teams, teamsRole } of said.done.reply) {
        assert.ok(Object.keys(teamsRole ?? {}).every((team) => teams.includes(team)));
        assert.notDeepEqual(teamsRole, {});
      }
    }),
    runs,
  );
});

test('a decision leaves what it decided on as it was', () => {
  fc.assert(
    fc.property(users, write, given, now, (current, say, said, time) => {
      const before = structuredClone([...current]);
      outcome(() => say(current, time));
      outcome(() => upsert(current, [profileOf('ann', said)], time));
      assert.deepEqual([...current], before);
    }),
    { numRuns: 100 },
  );
});
