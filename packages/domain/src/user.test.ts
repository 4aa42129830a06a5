import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { custom, someone, user } from './arbitrary.test.ts';
import { changedFields, equalCustom, equalTeams, equalTeamsRole, parseCustom, sameUser, type User } from './user.ts';

const ann = someone('ann', {
  name: 'Ann',
  teams: ['red', 'blue'],
  teamsRole: { red: 'user', blue: 'admin' },
  privacySettings: { read_receipts: { enabled: true }, typing_indicators: { enabled: true } },
  custom: '{"a":1,"b":{"c":[1,2]}}',
});

const changes: readonly (readonly [name: string, change: Partial<User>])[] = [
  ['name', { name: undefined }],
  ['name', { name: 'ann' }],
  ['image', { image: '' }],
  ['role', { role: 'admin' }],
  ['teams', { teams: ['blue', 'red'] }],
  ['teams', { teams: ['red'] }],
  ['teams_role', { teamsRole: undefined }],
  ['teams_role', { teamsRole: { red: 'user', blue: 'user' } }],
  ['language', { language: 'en' }],
  ['invisible', { invisible: true }],
  ['privacy_settings', { privacySettings: undefined }],
  [
    'privacy_settings',
    { privacySettings: { read_receipts: { enabled: true }, typing_indicators: { enabled: false } } },
  ],
  ['revoke_tokens_issued_before', { revokeTokensIssuedBefore: 0 }],
  ['deactivated_at', { deactivatedAt: 5 }],
  ['a', { custom: '{"b":{"c":[1,2]}}' }],
  ['a', { custom: '{"a":null,"b":{"c":[1,2]}}' }],
  ['b', { custom: '{"a":1,"b":{"c":[2,1]}}' }],
  ['toString', { custom: '{"a":1,"b":{"c":[1,2]},"toString":1}' }],
];

test('a change of any field is a change, and is named as readers know it', () => {
  for (const [name, change] of changes) {
    const after = { ...ann, ...change };
    assert.deepEqual(changedFields(ann, after), [name]);
    assert.deepEqual(changedFields(after, ann), [name]);
    assert.ok(!sameUser(ann, after) && !sameUser(after, ann), name);
  }
  assert.ok(!sameUser(ann, { ...ann, deletedAt: 5 }));
});

test('another time, or another order of keys, is no change', () => {
  const same: readonly Partial<User>[] = [
    { createdAt: 1, updatedAt: 2, lastActive: 3 },
    { custom: '{"b":{"c":[1,2]},"a":1}' },
    { teamsRole: { blue: 'admin', red: 'user' } },
    { privacySettings: { typing_indicators: { enabled: true }, read_receipts: { enabled: true } } },
    { teams: ['red', 'blue'] },
  ];
  for (const change of same) {
    assert.ok(sameUser(ann, { ...ann, ...change }), JSON.stringify(change));
    assert.deepEqual(changedFields(ann, { ...ann, ...change }), []);
  }
});

test('a user changed exactly when a field of it did', () => {
  fc.assert(
    fc.property(user, user, fc.boolean(), (a, other, alike) => {
      const b = alike ? { ...a, image: other.image, custom: other.custom } : other;
      assert.equal(sameUser(a, b), changedFields(a, b).length === 0);
      assert.equal(sameUser(a, b), sameUser(b, a));
      assert.deepEqual(changedFields(a, b).toSorted(), changedFields(b, a).toSorted());
      assert.ok(sameUser(a, structuredClone(a)));
    }),
    { numRuns: 300 },
  );
});

test('custom data is parsed anew for everyone', () => {
  fc.assert(
    fc.property(custom, (fields) => {
      const one = someone('ann', { custom: JSON.stringify(fields) });
      assert.deepEqual(parseCustom(one), JSON.parse(JSON.stringify(fields)));
      assert.notEqual(parseCustom(one), parseCustom(one));
      assert.ok(equalCustom(one.custom, JSON.stringify(Object.fromEntries(Object.entries(fields).reverse()))));
    }),
  );
});

test('teams are compared in their order, roles in teams whatever theirs', () => {
  assert.ok(equalTeams([], []));
  assert.ok(!equalTeams(['a'], ['a', 'b']));
  assert.ok(!equalTeams(['a', 'b'], ['b', 'a']));
  assert.ok(equalTeamsRole(undefined, undefined));
  assert.ok(equalTeamsRole({ a: 'x', b: 'y' }, { b: 'y', a: 'x' }));
  assert.ok(!equalTeamsRole(undefined, {}));
});
