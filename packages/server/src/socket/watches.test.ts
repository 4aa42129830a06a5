import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { BLANK, type User } from '@rollcall/domain/user';
import fc from 'fast-check';
import { type Watched, Watches } from './watches.ts';

interface Watcher {
  readonly userId: string;
  teams: readonly string[];
  watched: Set<Watched<Watcher>> | undefined;
}

const watcher = (userId: string, teams: readonly string[] = []): Watcher => ({ userId, teams, watched: undefined });
const user = (id: string, updatedAt = 0, teams: readonly string[] = [], more: Partial<User> = {}): User => ({
  ...{ id, ...BLANK, createdAt: 0, updatedAt, teams },
  ...more,
});
const open = () => new Watches<Watcher>(() => DEFAULT_SETTINGS);
const divided = () => new Watches<Watcher>(() => ({ ...DEFAULT_SETTINGS, multiTenantEnabled: true }));

test('what is left of watches that ended is nothing', () => {
  const watches = open();
  const [ann, abe] = [watcher('ann'), watcher('abe')];
  for (const one of [ann, abe]) for (const id of ['x', 'y', 'z']) watches.watch(one, user(id));
  assert.deepEqual([...(watches.of('x') ?? [])], [ann, abe]);
  watches.unwatch(ann, 'x');
  watches.unwatch(ann, 'x');
  assert.deepEqual([...(watches.of('x') ?? [])], [abe]);
  watches.end(ann);
  watches.end(abe);
  assert.deepEqual([watches.size, ann.watched, abe.watched], [0, undefined, undefined]);
});

test('past a thousand the oldest watch ends; asked for again, a user is the newest', () => {
  const watches = open();
  const ann = watcher('ann');
  for (let n = 0; n < 1000; n++) watches.watch(ann, user(`u${n}`));
  watches.watch(ann, user('u0'));
  watches.watch(ann, user('new'));
  assert.deepEqual([watches.size, watches.of('u0')?.size, watches.of('u1')], [1000, 1, undefined]);
});

test('a deleted user is watched by nobody', () => {
  const watches = open();
  watches.watch(watcher('ann'), user('x'));
  watches.see(user('x', 1, [], { deletedAt: 1 }));
  assert.equal(watches.size, 0);
});

test('an older state of a user decides nothing', () => {
  const watches = divided();
  const red = watcher('ann', ['red']);
  watches.watch(red, user('x', 5, ['red']));
  watches.see(user('x', 4, ['blue']));
  watches.watch(red, user('x', 3, ['blue']));
  assert.equal(watches.of('x')?.size, 1);
  watches.see(user('x', 6, ['blue']));
  assert.equal(watches.of('x'), undefined);
});

test('nobody ever watches whom it may not see', () => {
  const teams = fc.subarray(['red', 'blue', 'green']);
  const deed = fc.record({
    what: fc.constantFrom('watch', 'move the watcher', 'move the watched', 'unwatch'),
    who: fc.nat(2),
    whom: fc.constantFrom('x', 'y', 'z'),
    teams,
  });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const watches = divided();
      const watchers = ['a', 'b', 'c'].map((id) => watcher(id));
      const users = new Map(['x', 'y', 'z'].map((id) => [id, user(id)]));
      let now = 0;
      for (const { what, who, whom, teams: moved } of deeds) {
        now += 1;
        const one = watchers[who] ?? watcher('nobody');
        const other = users.get(whom) ?? user(whom);
        if (what === 'watch') watches.watch(one, other);
        if (what === 'unwatch') watches.unwatch(one, whom);
        if (what === 'move the watcher') {
          one.teams = moved;
          watches.recheck(one);
        }
        if (what === 'move the watched') {
          users.set(whom, user(whom, now, moved));
          watches.see(user(whom, now, moved));
        }
        for (const [id, { teams: theirs }] of users) {
          for (const { teams: mine, watched } of watches.of(id) ?? []) {
            assert.ok(mine.length === 0 ? theirs.length === 0 : theirs.some((team) => mine.includes(team)));
            assert.ok([...(watched ?? [])].some((entry) => entry.id === id));
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});
