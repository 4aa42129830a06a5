import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AppSettings, DEFAULT_SETTINGS, roleExists } from './app.ts';
import { someone, teams, user } from './arbitrary.test.ts';
import { ANYBODY, matches } from './filter.ts';
import {
  type Actor,
  forbiddenActions,
  isOutOfReach,
  notAllowed,
  SERVER,
  type UserActor,
  visibleTo,
} from './permission.ts';
import type { User } from './user.ts';

const ann = someone('ann', { teams: ['red'], teamsRole: { red: 'user' } });
const me: UserActor = { kind: 'user', id: 'ann', role: 'user', teams: ['red'] };

const table: readonly (readonly [change: Partial<User>, actions: readonly string[]])[] = [
  [{}, []],
  [{ name: 'Ann', image: 'x', custom: '{"a":1}', language: 'en', invisible: true }, []],
  [{ privacySettings: { read_receipts: { enabled: false } } }, []],
  [{ role: 'admin' }, ['UpdateUserRole']],
  [{ teams: ['red', 'blue'] }, ['UpdateUserTeams']],
  [{ teams: [] }, ['UpdateUserTeams']],
  [{ teamsRole: { red: 'admin' } }, ['UpdateUserTeams']],
  [{ teamsRole: undefined }, ['UpdateUserTeams']],
  [{ teamsRole: { red: 'user' } }, []],
  [{ revokeTokensIssuedBefore: 5 }, ['RevokeUserToken']],
  [{ role: 'admin', teams: [], revokeTokensIssuedBefore: 5 }, ['UpdateUserRole', 'UpdateUserTeams', 'RevokeUserToken']],
];

test('a user may change itself, but not its role, teams or tokens', () => {
  for (const [change, actions] of table) {
    assert.deepEqual(
      forbiddenActions(me, DEFAULT_SETTINGS, ann, { ...ann, ...change }).map(({ action }) => action),
      actions,
      JSON.stringify(change),
    );
  }
});

test('a user may make itself, as a user without teams', () => {
  assert.deepEqual(forbiddenActions(me, DEFAULT_SETTINGS, undefined, someone('ann', { name: 'Ann' })), []);
  const grand = someone('ann', { role: 'admin', teams: ['red'] });
  assert.deepEqual(forbiddenActions(me, DEFAULT_SETTINGS, undefined, grand), [
    { action: 'UpdateUserRole', field: 'role' },
    { action: 'UpdateUserTeams', field: 'teams' },
  ]);
});

test('nobody but the server touches another user', () => {
  const bob = someone('bob');
  const out = (actor: Actor, id: string, stored?: User) => isOutOfReach(actor, DEFAULT_SETTINGS, id, stored);
  assert.ok(out(me, 'bob', bob));
  assert.ok(out(me, 'bob'));
  assert.ok(out({ ...me, role: 'admin' }, 'bob', bob));
  assert.ok(!out(me, 'ann', ann));
  assert.ok(!out(SERVER, 'bob', bob));
  assert.equal(notAllowed(me, 'UpdateUser'), "User 'ann' with role 'user' is not allowed to perform action UpdateUser");
});

test('where permissions are not checked a user touches everybody it may see', () => {
  const unchecked = { ...DEFAULT_SETTINGS, disablePermissionsChecks: true };
  const tenants = { ...unchecked, multiTenantEnabled: true };
  for (const [settings, theirs, out] of [
    [unchecked, ['blue'], false],
    [tenants, ['blue'], true],
    [tenants, [], true],
    [tenants, ['blue', 'red'], false],
  ] as const) {
    assert.equal(isOutOfReach(me, settings, 'bob', someone('bob', { teams: theirs })), out);
    assert.equal(isOutOfReach(me, settings, 'bob', undefined), false);
    assert.equal(isOutOfReach(SERVER, settings, 'bob', someone('bob', { teams: theirs })), false);
  }
});

test('the server may do everything, and so may everyone where permissions are not checked', () => {
  const unchecked = { ...DEFAULT_SETTINGS, disablePermissionsChecks: true };
  fc.assert(
    fc.property(user, user, (before, after) => {
      assert.deepEqual(forbiddenActions(SERVER, DEFAULT_SETTINGS, before, after), []);
      assert.deepEqual(forbiddenActions(me, unchecked, before, after), []);
    }),
  );
});

const sees = (actor: Actor, settings: AppSettings, theirs: readonly string[]): boolean =>
  matches(visibleTo(actor, settings), someone('bob', { teams: theirs }));

test('with tenants a user sees whoever shares a team, and without teams those without', () => {
  const tenants = { ...DEFAULT_SETTINGS, multiTenantEnabled: true };
  const see = (mine: string[], theirs: string[]): boolean => sees({ ...me, teams: mine }, tenants, theirs);
  assert.ok(see(['red'], ['blue', 'red']));
  assert.ok(see([], []));
  assert.ok(!see(['red'], ['blue']));
  assert.ok(!see(['red'], []));
  assert.ok(!see([], ['red']));
  fc.assert(
    fc.property(teams, teams, (mine, theirs) => {
      assert.equal(see(mine, theirs), see(theirs, mine));
      assert.ok(see(mine, mine));
      assert.ok(sees(SERVER, tenants, theirs));
      assert.ok(sees({ ...me, teams: mine }, DEFAULT_SETTINGS, theirs));
    }),
  );
});

test('where permissions are not checked, tenants still do not see each other', () => {
  const settings = { ...DEFAULT_SETTINGS, multiTenantEnabled: true, disablePermissionsChecks: true };
  assert.ok(!sees(me, settings, ['blue']));
  assert.equal(visibleTo(SERVER, settings), ANYBODY);
});

test('every app has the same seven roles, and those it made', () => {
  const born = ['user', 'guest', 'anonymous', 'moderator', 'admin', 'global_moderator', 'global_admin'];
  const settings = { ...DEFAULT_SETTINGS, customRoles: [{ name: 'boss', createdAt: 1, updatedAt: 1 }] };
  for (const role of [...born, 'boss']) assert.ok(roleExists(settings, role), role);
  for (const role of ['', 'User', 'owner', 'toString']) assert.ok(!roleExists(settings, role), role);
  assert.ok(!roleExists(DEFAULT_SETTINGS, 'boss'));
});
