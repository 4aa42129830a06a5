import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, batchOf, outcome, patchOf, profileOf, someone, usersOf } from './arbitrary.test.ts';
import { type Circumstances, connectUser, type Decision, patchUsers, upsertUsers } from './change.ts';
import type { Fault } from './error.ts';
import type { JsonObject } from './json.ts';
import { parseCustom, type User, type Users } from './user.ts';

const NOW = 5000;
const ann = someone('ann', {
  name: 'Ann',
  image: 'a.png',
  role: 'admin',
  teams: ['red', 'blue'],
  teamsRole: { red: 'admin', blue: 'user' },
  language: 'en',
  invisible: true,
  privacySettings: { read_receipts: { enabled: false } },
  revokeTokensIssuedBefore: 900,
  custom: '{"color":"green","address":{"city":"Rome","zip":1}}',
});

const upsert = (current: Users, ...profiles: Parameters<typeof profileOf>[]): Decision =>
  upsertUsers(current, batchOf(profiles.map((one) => profileOf(...one))), at(NOW));
const change = (current: Users, ...patches: Parameters<typeof patchOf>[]): Decision =>
  patchUsers(current, batchOf(patches.map((one) => patchOf(...one))), at(NOW));
const connect = (current: Users, ...patch: Parameters<typeof patchOf>): Decision =>
  connectUser(current, batchOf([patchOf(...patch)]), at(NOW));

/** What is wrong, as `refusal place: message`. */
function faultsOf(decide: () => Decision): readonly string[] {
  const said = outcome(decide);
  assert.ok('refused' in said, 'was not refused');
  return said.refused.faults.map(({ refusal, at: place, message }) => `${refusal} ${place}: ${message}`);
}

const only = ({ reply }: Decision): User => {
  const [first] = reply;
  assert.ok(first && reply.length === 1);
  return first;
};
const customOf = (decision: Decision): JsonObject => parseCustom(only(decision));

test('the documented example holds: a connect gives no role, an upsert replaces what it does not name', () => {
  // The parser passes over the role that a connecting user says it has.
  const color = { path: ['favorite_color'], value: 'green' };
  const connected = only(connect(usersOf(), 'ann', {}, [color]));
  assert.deepEqual([connected.role, connected.custom], ['user', '{"favorite_color":"green"}']);
  const upserted = only(upsert(usersOf(connected), ['ann', { role: 'admin' }, { book: 'dune' }]));
  assert.deepEqual([upserted.role, upserted.custom], ['admin', '{"book":"dune"}']);
});

test('a name that an upsert leaves out is free again', () => {
  const settings = { enforceUniqueUsernames: 'app' } as const;
  const profiles = batchOf([profileOf('ann', {}), profileOf('bob', { name: 'Ann' })]);
  const { reply, takes } = upsertUsers(usersOf(ann), profiles, at(NOW, settings));
  assert.deepEqual(
    reply.map(({ name, nameKey }) => [name, nameKey]),
    [
      [undefined, ''],
      ['Ann', 'ann'],
    ],
  );
  assert.deepEqual(
    takes.map(({ userId, clashes }) => [userId, clashes]),
    [['bob', false]],
  );
});

test('a name that was given up is taken anew when it comes back', () => {
  const settings = { enforceUniqueUsernames: 'app' } as const;
  const without = only(upsert(usersOf(ann), ['ann', {}]));
  const { takes } = upsertUsers(usersOf(without), batchOf([profileOf('ann', { name: 'Ann' })]), at(NOW, settings));
  assert.deepEqual(
    takes.map(({ userId, key }) => [userId, key]),
    [['ann', 'ann']],
  );
});

test('null puts a built-in field back to its default', () => {
  const nulls = {
    role: null,
    teams: null,
    teamsRole: null,
    language: null,
    invisible: null,
    privacySettings: null,
    name: null,
    image: null,
    revokeTokensIssuedBefore: null,
  };
  for (const after of [only(upsert(usersOf(ann), ['ann', nulls])), only(change(usersOf(ann), ['ann', nulls]))]) {
    const { custom: _, updatedAt, ...rest } = after;
    const { custom: __, updatedAt: ___, ...blank } = someone('ann');
    assert.deepEqual(rest, blank);
    assert.equal(updatedAt, NOW);
  }
});

test('an upsert replaces privacy settings, a patch and a connect merge them', () => {
  const said = { privacySettings: { typing_indicators: { enabled: true } } };
  const merged = { read_receipts: { enabled: false }, typing_indicators: { enabled: true } };
  assert.deepEqual(only(upsert(usersOf(ann), ['ann', said])).privacySettings, said.privacySettings);
  assert.deepEqual(only(change(usersOf(ann), ['ann', said])).privacySettings, merged);
  assert.deepEqual(only(connect(usersOf(ann), 'ann', said)).privacySettings, merged);
});

test('roles in teams go with the teams; a role in a team that is not held is refused', () => {
  assert.deepEqual(only(change(usersOf(ann), ['ann', { teams: ['blue', 'new'] }])).teamsRole, { blue: 'user' });
  assert.equal(only(change(usersOf(ann), ['ann', { teams: ['new'] }])).teamsRole, undefined);
  assert.equal(only(change(usersOf(ann), ['ann', { teamsRole: {} }])).teamsRole, undefined);
  const wrong = { teams: ['new'], teamsRole: { red: 'nobody' } };
  assert.deepEqual(
    faultsOf(() => change(usersOf(ann), ['ann', wrong])),
    [
      'input_error users[ann].set.teams_role: users[ann].set.teams_role names the team "red", which the user is not in',
      'input_error users[ann].set.teams_role: users[ann].set.teams_role names the role "nobody", which does not exist',
    ],
  );
  assert.match(faultsOf(() => upsert(usersOf(), ['ann', wrong]))[0] ?? '', /^input_error users\[ann\]\.teams_role:/);
});

test('a role must exist, be it built in or made by the app', () => {
  assert.deepEqual(
    faultsOf(() => upsert(usersOf(), ['ann', { role: 'boss' }])),
    ['input_error users[ann].role: users[ann].role "boss" does not exist'],
  );
  const customRoles = [{ name: 'boss', createdAt: 1, updatedAt: 1 }];
  const profiles = batchOf([profileOf('ann', { role: 'boss', teams: ['x'], teamsRole: { x: 'boss' } })]);
  assert.equal(only(upsertUsers(usersOf(), profiles, at(NOW, { customRoles }))).role, 'boss');
});

test('a user named twice is changed twice, and told of once', () => {
  const decision = change(
    usersOf(ann),
    ['ann', { name: 'Amy' }, [{ path: ['a', 'b'], value: 1 }]],
    ['ann', { image: null }, [{ path: ['a', 'c'], value: 2 }]],
  );
  assert.deepEqual(customOf(decision).a, { b: 1, c: 2 });
  assert.deepEqual([decision.write.length, decision.tell.length], [1, 1]);
  assert.deepEqual([only(decision).name, only(decision).image], ['Amy', undefined]);
});

test('a user changed there and back is not changed', () => {
  const decision = change(usersOf(ann), ['ann', { name: 'Amy' }], ['ann', { name: 'Ann' }]);
  assert.deepEqual([decision.write, decision.tell, only(decision)], [[], [], ann]);
});

test('connecting makes the user, or adds to it; with create_only it adds nothing', () => {
  const said = [{ path: ['color'], value: 'red' }];
  assert.deepEqual(customOf(connect(usersOf(ann), 'ann', {}, said)), { ...parseCustom(ann), color: 'red' });
  const policy: Circumstances = at(NOW, { connectPolicy: 'create_only' });
  const batch = batchOf([patchOf('ann', { name: 'Amy' }, said)]);
  assert.deepEqual(connectUser(usersOf(ann), batch, policy).write, []);
  assert.equal(only(connectUser(usersOf(), batch, policy)).name, 'Amy');
});

const big = { text: 'x'.repeat(5200) };
const me: Circumstances = { ...at(NOW), actor: { kind: 'user', id: 'ann', role: 'user', teams: [] } };

test('faults are told by phases: shape and limits, permission, existence; the first phase wins', () => {
  const gone = { ...someone('gone'), deletedAt: 7 };
  const parsed: Fault = { refusal: 'input_error', at: 'users[z].pk', message: 'reserved', index: 9 };
  const patches = batchOf([patchOf('gone', {}), patchOf('none', {}), patchOf('ann', { role: 'boss' })]);
  const current = usersOf(gone, someone('ann'));
  assert.deepEqual(
    faultsOf(() => patchUsers(current, { ...patches, faults: [parsed] }, me)),
    ['input_error users[ann].set.role: users[ann].set.role "boss" does not exist', 'input_error users[z].pk: reserved'],
  );
  const forbidden = batchOf([patchOf('gone', {}), patchOf('ann', { role: 'admin' }), patchOf('none', {})]);
  assert.deepEqual(
    faultsOf(() => patchUsers(current, forbidden, me)),
    [
      "not_allowed users[gone]: User 'ann' with role 'user' is not allowed to perform action UpdateUser",
      "not_allowed users[ann].set.role: User 'ann' with role 'user' is not allowed to perform action UpdateUserRole",
      "not_allowed users[none]: User 'ann' with role 'user' is not allowed to perform action UpdateUser",
    ],
  );
  assert.deepEqual(
    faultsOf(() => patchUsers(current, patches.items.length ? batchOf(patches.items.slice(0, 2)) : patches, at(NOW))),
    ['not_found users[gone]: the user gone was deleted', 'not_found users[none]: the user none does not exist'],
  );
});

test('all that a user may not change of itself is named, each by its field', () => {
  const batch = batchOf([profileOf('ann', { role: 'admin', teams: ['red'] })]);
  const refused = (action: string) => `User 'ann' with role 'user' is not allowed to perform action ${action}`;
  assert.deepEqual(
    faultsOf(() => upsertUsers(usersOf(), batch, me)),
    [
      `not_allowed users[ann].role: ${refused('UpdateUserRole')}`,
      `not_allowed users[ann].teams: ${refused('UpdateUserTeams')}`,
    ],
  );
});

test('what a user is told of another one it may not touch says nothing of what is stored', () => {
  const tenants = { multiTenantEnabled: true };
  const secrets = someone('bob', { role: 'admin', teams: ['t1'], custom: `{"a":"${'x'.repeat(4000)}"}` });
  const through = patchOf('bob', {}, [{ path: ['a', 'b'], value: 1 }]);
  const long = { image: 'y'.repeat(2000) };
  for (const settings of [tenants, { ...tenants, disablePermissionsChecks: true }]) {
    const about = { ...me, ...at(NOW, settings), actor: { ...me.actor, teams: ['t2'] } };
    for (const patch of [through, patchOf('bob', { teamsRole: { t1: 'admin' } }), patchOf('bob', long)]) {
      const told = (stored: User) => faultsOf(() => patchUsers(usersOf(stored), batchOf([patch]), about));
      const nothing = someone('bob', { teams: ['t3'] });
      assert.deepEqual(told(secrets), told(nothing));
      assert.equal(told(secrets).length, 1);
    }
  }
});

test('what was too big before may not stay so, and the user is named', () => {
  const message = 'payload_too_big users[ann]: users[ann] has more than 5120 bytes of custom data';
  assert.deepEqual(
    faultsOf(() => upsert(usersOf(), ['ann', {}, big])),
    [message],
  );
  assert.deepEqual(
    faultsOf(() => change(usersOf(ann), ['ann', { name: 'x'.repeat(5200) }])),
    [message],
  );
  assert.deepEqual(
    faultsOf(() => connect(usersOf(), 'ann', { image: 'x'.repeat(5200) })),
    [message],
  );
});

test('a deleted user is not revived by any way', () => {
  const gone = usersOf({ ...ann, deletedAt: 7 });
  const message = 'not_found users[ann]: the user ann was deleted';
  assert.deepEqual(
    faultsOf(() => upsert(gone, ['ann', {}])),
    [message],
  );
  assert.deepEqual(
    faultsOf(() => change(gone, ['ann', {}])),
    [message],
  );
  assert.deepEqual(
    faultsOf(() => connect(gone, 'ann', {})),
    [message],
  );
});

test('a path through what is not an object is named as the caller wrote it', () => {
  const changes = [
    { path: ['color', 'hue'], value: 1 },
    { path: ['color', 'sat'], value: undefined },
  ];
  assert.deepEqual(
    faultsOf(() => change(usersOf(ann), ['ann', {}, changes])),
    [
      'input_error users[ann].set.color.hue: users[ann].set.color.hue goes through "color", which is not an object',
      'input_error users[ann].unset.color.sat: users[ann].unset.color.sat goes through "color", which is not an object',
    ],
  );
});
