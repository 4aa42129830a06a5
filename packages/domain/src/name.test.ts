import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { id, someone, user, userOf } from './arbitrary.test.ts';
import { DomainError } from './error.ts';
import { type Draft, refuseTakenNames, type TakenName, takenNames } from './name.ts';
import type { User } from './user.ts';
import { nameKey } from './username.ts';

/** Users on their way, in the order of a batch. */
function draftsOf(...ways: readonly (readonly [before: User | undefined, after: User])[]): Map<string, Draft> {
  return new Map(ways.map(([before, after], index) => [after.id, { before, after, index }]));
}

/** What is said of each take: who, and whether someone of the batch stands in the way. */
const told = (takes: readonly TakenName[]): string[] => takes.map((take) => `${take.userId}${take.clashes ? '!' : ''}`);

const ann = someone('ann', { name: 'Ann' });
const bob = someone('bob', { name: 'Bob' });
const red = someone('red', { name: 'Kim', teams: ['red'] });
const blue = someone('blue', { name: 'kim', teams: ['blue'] });
const renamed = (one: User, name: string | undefined): User => ({ ...one, name, nameKey: nameKey(name ?? '') });
const joined = (one: User, ...teams: string[]): User => ({ ...one, teams });

test('where names need not be unique, nothing is taken', () => {
  assert.deepEqual(takenNames(draftsOf([undefined, ann], [undefined, renamed(bob, 'Ann')]), 'no'), []);
});

test('a name is taken by a new user and by a changed key, not by another spelling', () => {
  assert.deepEqual(told(takenNames(draftsOf([undefined, ann]), 'app')), ['ann']);
  assert.deepEqual(told(takenNames(draftsOf([bob, renamed(bob, 'Rob')]), 'app')), ['bob']);
  assert.deepEqual(takenNames(draftsOf([bob, renamed(bob, 'B.O.B.')]), 'app'), []);
  assert.deepEqual(takenNames(draftsOf([bob, { ...bob, image: 'x' }]), 'app'), []);
  const [take] = takenNames(draftsOf([undefined, ann]), 'app');
  assert.deepEqual(take, { index: 0, userId: 'ann', name: 'Ann', key: 'ann', teams: undefined, clashes: false });
});

test('a name without a key is never checked, nor is none', () => {
  for (const name of [undefined, '', ' ', '\u200b']) {
    const drafts = draftsOf([undefined, renamed(ann, name)], [undefined, renamed(bob, name)]);
    assert.deepEqual(takenNames(drafts, 'app'), []);
  }
});

test('of two takers in one batch, the later is the fault', () => {
  assert.deepEqual(told(takenNames(draftsOf([undefined, ann], [undefined, renamed(bob, 'ANN')]), 'app')), [
    'ann',
    'bob!',
  ]);
  const three = draftsOf([undefined, ann], [bob, renamed(bob, 'ANN')], [red, renamed(red, 'a.n.n')]);
  assert.deepEqual(told(takenNames(three, 'app')), ['ann', 'bob!', 'red!']);
});

test('two users swap their names in one batch', () => {
  const swap = draftsOf([ann, renamed(ann, 'Bob')], [bob, renamed(bob, 'Ann')]);
  assert.deepEqual(told(takenNames(swap, 'app')), ['ann', 'bob']);
});

test('a name that another user of the batch gives up is free, whatever the order', () => {
  const gives = [ann, renamed(ann, 'Amy')] as const;
  const drops = [ann, renamed(ann, undefined)] as const;
  const takes = [bob, renamed(bob, 'Ann')] as const;
  assert.deepEqual(told(takenNames(draftsOf(gives, takes), 'app')), ['ann', 'bob']);
  assert.deepEqual(told(takenNames(draftsOf(takes, gives), 'app')), ['bob', 'ann']);
  assert.deepEqual(told(takenNames(draftsOf(takes, drops), 'app')), ['bob']);
});

test('a name that another user of the batch keeps is not free, whatever the order', () => {
  const keeps = [ann, { ...ann, image: 'new' }] as const;
  const takes = [bob, renamed(bob, 'ANN')] as const;
  assert.deepEqual(told(takenNames(draftsOf(keeps, takes), 'app')), ['bob!']);
  assert.deepEqual(told(takenNames(draftsOf(takes, keeps), 'app')), ['bob!']);
});

test('duplicates from before stay usable', () => {
  const twin = renamed(bob, 'Ann');
  assert.deepEqual(takenNames(draftsOf([ann, { ...ann, image: 'a' }], [twin, { ...twin, image: 'b' }]), 'app'), []);
  assert.deepEqual(takenNames(draftsOf([ann, renamed(ann, 'A.N.N.')], [twin, twin]), 'app'), []);
  assert.deepEqual(takenNames(draftsOf([ann, joined(ann, 'red')], [twin, joined(twin, 'blue')]), 'app'), []);
});

test('a deleted user holds no name; a deactivated one does', () => {
  const takes = [undefined, ann] as const;
  const twin = renamed(bob, 'Ann');
  assert.deepEqual(told(takenNames(draftsOf([twin, { ...twin, deletedAt: 5 }], takes), 'app')), ['ann']);
  assert.deepEqual(told(takenNames(draftsOf([twin, { ...twin, deactivatedAt: 5 }], takes), 'app')), ['ann!']);
  assert.deepEqual(takenNames(draftsOf([undefined, { ...twin, deletedAt: 5 }]), 'app'), []);
});

const teamTable: readonly (readonly [promise: string, drafts: Map<string, Draft>, told: readonly string[]])[] = [
  ['who shares no team shares a name', draftsOf([undefined, red], [undefined, blue]), ['red', 'blue']],
  ['who shares one does not', draftsOf([undefined, red], [undefined, joined(blue, 'x', 'red')]), ['red', 'blue!']],
  ['users without teams never clash', draftsOf([undefined, ann], [undefined, renamed(bob, 'Ann')]), []],
  ['nor do they with those in one', draftsOf([undefined, joined(red)], [undefined, blue]), ['blue']],
  ['a gained team takes the name there', draftsOf([red, red], [blue, joined(blue, 'blue', 'red')]), ['blue!']],
  ['a lost team takes nothing', draftsOf([joined(red, 'red', 'blue'), red], [blue, blue]), []],
  ['teams swap', draftsOf([red, joined(red, 'blue')], [blue, joined(blue, 'red')]), ['red', 'blue']],
  ['both join a third', draftsOf([red, joined(red, 'x')], [blue, joined(blue, 'x')]), ['red', 'blue!']],
  [
    'a new name counts in every team',
    draftsOf([red, red], [joined(bob, 'red'), joined(renamed(bob, 'Kim'), 'red')]),
    ['bob!'],
  ],
  [
    'duplicates in one team stay',
    draftsOf([red, { ...red, image: 'x' }], [joined(blue, 'red'), joined(blue, 'red')]),
    [],
  ],
];

test('where names are unique in a team, only those who share one clash', () => {
  for (const [promise, drafts, expected] of teamTable) {
    assert.deepEqual(told(takenNames(drafts, 'team')), expected, promise);
  }
});

test('a gained team is checked alone, so duplicates in the other teams stay usable', () => {
  const before = joined(red, 'red', 'green');
  const [take] = takenNames(draftsOf([before, joined(before, 'red', 'new', 'green')]), 'team');
  assert.deepEqual(take?.teams, ['new']);
  const [anew] = takenNames(draftsOf([before, renamed(joined(before, 'red', 'new'), 'Jo')]), 'team');
  assert.deepEqual(anew?.teams, ['red', 'new']);
});

/** Few names and teams, so that they meet often. */
const crowded = (userId: string) =>
  userOf(userId).chain((one) =>
    fc.constantFrom('Ann', 'ann', 'Bob', undefined).map((name) => ({ ...renamed(one, name), teamsRole: undefined })),
  );
const crowd = fc.tuple(
  ...['ann', 'bob', 'cyd', 'dan'].map((userId) =>
    fc.tuple(fc.option(crowded(userId), { nil: undefined }), crowded(userId)),
  ),
);

/** Section 6 read literally: somebody takes a name anew where, in the end, another user of the batch has it too. */
function isRefused(drafts: ReadonlyMap<string, Draft>, unique: 'app' | 'team'): boolean {
  const all = [...drafts.values()];
  return all.some(({ before, after }) => {
    const anew = before === undefined || before.nameKey !== after.nameKey;
    return all.some(({ after: other }) => {
      if (other.id === after.id || other.nameKey === '' || other.nameKey !== after.nameKey) return false;
      if (unique === 'app') return anew;
      return after.teams.some((team) => other.teams.includes(team) && (anew || !before.teams.includes(team)));
    });
  });
}

test('a batch is refused exactly when a name is taken where somebody else has it in the end', () => {
  fc.assert(
    fc.property(crowd, fc.constantFrom('app', 'team'), (ways, unique) => {
      const drafts = draftsOf(...ways);
      const clashes = takenNames(drafts, unique).some((take) => take.clashes);
      assert.equal(clashes, isRefused(drafts, unique));
    }),
    { numRuns: 500 },
  );
});

test('a user never stands in its own way', () => {
  fc.assert(
    fc.property(user, user, id, fc.constantFrom('app', 'team'), (before, after, userId, unique) => {
      const drafts = draftsOf([
        { ...before, id: userId },
        { ...after, id: userId },
      ]);
      assert.ok(takenNames(drafts, unique).every((take) => !take.clashes));
    }),
  );
});

test('taken names are refused all together, the first of the batch first', () => {
  refuseTakenNames([]);
  const held = takenNames(draftsOf([undefined, ann], [undefined, bob]), 'app');
  assert.throws(
    () => refuseTakenNames(held.toReversed()),
    (error) => {
      assert.ok(error instanceof DomainError);
      assert.equal(error.refusal, 'duplicate_username');
      assert.equal(error.message, 'a user with the name "Ann" already exists');
      assert.deepEqual(
        error.faults.map(({ at }) => at),
        ['users[ann].name', 'users[bob].name'],
      );
      return true;
    },
  );
});
