import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome } from '@rollcall/domain/arbitrary.test';
import { READ_ONLY, RESERVED } from '@rollcall/domain/custom';
import type { Fault } from '@rollcall/domain/error';
import { nothingGiven } from '@rollcall/domain/field';
import type { JsonObject, JsonValue } from '@rollcall/domain/json';
import { parseDetails, parsePatches, parseProfiles } from './parse.ts';

const profile = (user: JsonValue) => parseProfiles({ users: { ann: user } });
const patch = (said: JsonObject) => parsePatches({ users: [{ id: 'ann', ...said }] });

/** What is wrong, as the caller reads it. */
const messages = ({ faults }: { readonly faults: readonly { readonly message: string }[] }): string[] =>
  faults.map(({ message }) => message);

function refusalOf(parse: () => unknown): string | undefined {
  const said = outcome(parse);
  return 'refused' in said ? said.refused.message : undefined;
}

const wrongUsers: readonly (readonly [user: JsonValue, faults: readonly string[]])[] = [
  [null, ['users[ann] expects type object']],
  [[], ['users[ann] expects type object']],
  ['ann', ['users[ann] expects type object']],
  [{ id: 'bob' }, ['users[ann].id differs from the key of the user']],
  [{ id: null }, ['users[ann].id differs from the key of the user']],
  [{ name: 5 }, ['users[ann].name expects type string']],
  [{ pk: 1 }, ['users[ann].pk is a reserved field']],
  [{ custom: {} }, ['users[ann].custom is a reserved field']],
  [{ Role: 'admin' }, ['users[ann].Role differs from a built-in field only by case']],
  [JSON.parse('{"__proto__":{"role":"admin"}}'), ['users[ann].__proto__ is a forbidden key']],
  [JSON.parse('{"a":{"b":[{"constructor":1}]}}'), ['users[ann].a.b.0.constructor is a forbidden key']],
  [JSON.parse('{"a":[1e400]}'), ['users[ann].a.0 is not a finite number']],
  [{ '': 1 }, ['users[ann]."" is not a valid key: it must have 1 to 255 characters']],
  [{ privacy_settings: { x: {} } }, ['users[ann].privacy_settings.x is not a privacy setting']],
  [
    { name: 5, image: 5, pk: 5 },
    ['name expects type string', 'image expects type string', 'pk is a reserved field'].map(
      (fault) => `users[ann].${fault}`,
    ),
  ],
];

test('every fault of a user is named at its place', () => {
  for (const [user, faults] of wrongUsers) assert.deepEqual(messages(profile(user)), faults, JSON.stringify(user));
});

test('a body of another shape is refused at once', () => {
  for (const body of [undefined, null, [], {}, { users: null }, { users: [{ id: 'ann' }] }, { users: 'ann' }]) {
    assert.equal(
      refusalOf(() => parseProfiles(body)),
      'users expects an object of users by id',
    );
  }
  for (const body of [undefined, null, [], {}, { users: null }, { users: { ann: {} } }]) {
    assert.equal(
      refusalOf(() => parsePatches(body)),
      'users expects a list of partial updates',
    );
  }
});

const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `u${at}`);

test('a batch holds 1 to 100 users', () => {
  const whole = (count: number) => () =>
    parseProfiles({ users: Object.fromEntries(many(count).map((id) => [id, {}])) });
  const partial = (count: number) => () => parsePatches({ users: many(count).map((id) => ({ id })) });
  for (const parse of [whole, partial]) {
    assert.match(refusalOf(parse(0)) ?? '', /^users must hold at least one/);
    assert.equal(refusalOf(parse(1)), undefined);
    assert.equal(refusalOf(parse(100)), undefined);
    assert.match(refusalOf(parse(101)) ?? '', /^users must hold at most 100 .*, not 101$/);
  }
});

test('an id that is none is named, short and fit to be shown', () => {
  const message = 'must be 1 to 255 letters, digits, or any of @ _ -';
  assert.deepEqual(messages(parseProfiles({ users: { 'a b': {} } })), [`users[a b].id ${message}`]);
  assert.deepEqual(messages(parseProfiles(JSON.parse('{"users":{"__proto__":{}}}'))), [
    `users[__proto__].id ${message}`,
  ]);
  assert.deepEqual(messages(parseProfiles({ users: { ['x'.repeat(256)]: {} } })), [
    `users[${'x'.repeat(64)}…].id ${message}`,
  ]);
  assert.deepEqual(messages(parsePatches({ users: [{}, { id: 5 }, 'ann', { id: 'a\0' }] })), [
    `users[0].id ${message}`,
    `users[1].id ${message}`,
    'users[2] expects type object',
    `users[3].id ${message}`,
  ]);
});

test('fields that nobody writes are passed over in an upsert, whatever they hold', () => {
  const said = Object.fromEntries([...READ_ONLY, 'revoke_tokens_issued_before'].map((field) => [field, { any: [1] }]));
  const { items, faults } = profile({ ...said, color: 'red' });
  assert.deepEqual(faults, []);
  assert.deepEqual(items, [{ index: 0, id: 'ann', given: nothingGiven(), custom: { color: 'red' } }]);
});

test('custom data lies beside the built-in fields', () => {
  const { items } = profile({
    id: 'ann',
    name: 'Ann',
    role: 'admin',
    color: null,
    address: { city: 'Rome' },
    toString: 1,
  });
  assert.deepEqual(items[0]?.custom, { color: null, address: { city: 'Rome' }, toString: 1 });
  assert.deepEqual(items[0]?.given, { ...nothingGiven(), name: 'Ann', role: 'admin' });
});

test('users come in the order in which the parser yields their keys', () => {
  const { items } = parseProfiles(JSON.parse('{"users":{"b":{},"10":{},"a":{},"9":{}}}'));
  assert.deepEqual(
    items.map(({ id, index }) => [id, index]),
    [
      ['9', 0],
      ['10', 1],
      ['b', 2],
      ['a', 3],
    ],
  );
});

const wrongPatches: readonly (readonly [said: JsonObject, faults: readonly string[]])[] = [
  [{ set: [] }, ['set expects type object']],
  [{ set: 'a' }, ['set expects type object']],
  [{ unset: 'a' }, ['unset expects type array of strings']],
  [{ unset: [1] }, ['unset expects type array of strings']],
  [{ unset: { a: 1 } }, ['unset expects type array of strings']],
  [{ set: { id: 'bob' } }, ['set.id is the id of the user, which never changes']],
  [{ set: { online: true } }, ['set.online is a read-only field']],
  [{ unset: ['created_at'] }, ['unset.created_at is a read-only field']],
  [{ set: { 'custom.a': 1 } }, ['set.custom.a is a reserved field']],
  [{ unset: ['role'] }, ['unset.role cannot be unset: a user always has a role']],
  [{ set: { 'name.first': 'A' } }, ['set.name.first goes into a built-in field, which is set as a whole']],
  [{ unset: ['a..b'] }, ['unset.a..b has an empty segment']],
  [{ set: { a: 1, 'a.b': 1 } }, ['set.a.b overlaps with another path']],
  [{ set: { a: 1 }, unset: ['a'] }, ['set.a overlaps with another path', 'unset.a overlaps with another path']],
  [
    { set: { name: 'A' }, unset: ['name'] },
    ['set.name overlaps with another path', 'unset.name overlaps with another path'],
  ],
  [{ set: { 'a.b': 1 }, unset: ['a'] }, ['set.a.b overlaps with another path']],
  [{ set: { name: 5 } }, ['set.name expects type string']],
  [{ set: { teams: 5 } }, ['set.teams expects type array of strings']],
  [{ set: { revoke_tokens_issued_before: 5 } }, ['set.revoke_tokens_issued_before expects type time']],
  [{ set: { revoke_tokens_issued_before: '5' } }, ['set.revoke_tokens_issued_before expects type time']],
  [{ set: { revoke_tokens_issued_before: true } }, ['set.revoke_tokens_issued_before expects type time']],
  [{ set: { revoke_tokens_issued_before: { toString: 1 } } }, ['set.revoke_tokens_issued_before expects type time']],
  [{ set: { a: JSON.parse('1e400') } }, ['set.a is not a finite number']],
  [{ set: { 'a.Role': 1, Role: 1 } }, ['set.Role differs from a built-in field only by case']],
];

test('every fault of a patch is named at its path', () => {
  for (const [said, faults] of wrongPatches) {
    assert.deepEqual(
      messages(patch(said)),
      faults.map((fault) => `users[ann].${fault}`),
      JSON.stringify(said),
    );
  }
});

test('a patch may say nothing', () => {
  for (const said of [{}, { set: null, unset: null }, { set: {}, unset: [] }, { other: 1 }]) {
    assert.deepEqual(patch(said), { items: [{ index: 0, id: 'ann', given: nothingGiven(), changes: [] }], faults: [] });
  }
});

test('what a patch sets and unsets is read as it was said', () => {
  const set = { name: null, 'a.b': 1, image: 'x', revoke_tokens_issued_before: '2024-01-01T00:00:00Z' };
  const { items, faults } = patch({ set, unset: ['teams', 'c', 'c', 'd.e'] });
  assert.deepEqual(faults, []);
  const revoked = Date.UTC(2024, 0, 1);
  assert.deepEqual(items[0]?.given, {
    ...nothingGiven(),
    name: null,
    image: 'x',
    teams: null,
    revokeTokensIssuedBefore: revoked,
  });
  assert.deepEqual(items[0]?.changes, [
    { path: ['a', 'b'], value: 1 },
    { path: ['c'], value: undefined },
    { path: ['c'], value: undefined },
    { path: ['d', 'e'], value: undefined },
  ]);
});

test('an item knows its place, so that the first fault is the first in the order of the batch', () => {
  const { items, faults } = parsePatches({ users: [{ id: 'a' }, { id: 'b', set: { id: 1 } }, null, { id: 'a' }] });
  assert.deepEqual(
    items.map(({ id, index }) => [id, index]),
    [
      ['a', 0],
      ['b', 1],
      ['a', 3],
    ],
  );
  assert.deepEqual(
    faults.map(({ index }) => index),
    [1, 2],
  );
});

test('a connecting user says what it may say; the rest is passed over in silence', () => {
  const silent = {
    id: 'x',
    role: 'admin',
    teams: ['red'],
    teams_role: { red: 'admin' },
    revoke_tokens_issued_before: 'x',
  };
  const more = Object.fromEntries([...READ_ONLY, ...RESERVED].map((field) => [field, true]));
  const { items, faults } = parseDetails('ann', { ...silent, ...more, name: 'Ann', image: null, 'a.b': { c: null } });
  assert.deepEqual(faults, []);
  assert.deepEqual(items, [
    {
      index: 0,
      id: 'ann',
      given: { ...nothingGiven(), name: 'Ann' },
      changes: [{ path: ['a.b'], value: { c: null } }],
    },
  ]);
});

test('a connecting user that says something wrong is refused', () => {
  for (const [details, message] of [
    [{ name: 5 }, 'users[ann].name expects type string'],
    [{ invisible: 'yes' }, 'users[ann].invisible expects type boolean'],
    [{ Name: 'x' }, 'users[ann].Name differs from a built-in field only by case'],
    [JSON.parse('{"a":{"__proto__":1}}'), 'users[ann].a.__proto__ is a forbidden key'],
  ] as const) {
    assert.equal(
      refusalOf(() => parseDetails('ann', details)),
      message,
    );
  }
});

test('more fields than can ever fit are too big, and are not looked at one by one', () => {
  const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`$k${at}`, 1]));
  const parses: readonly (() => { readonly faults: readonly Fault[] })[] = [
    () => profile(fields),
    () => patch({ set: fields }),
    () => parseDetails('ann', fields),
  ];
  for (const parse of parses) {
    const said = outcome(parse);
    const faults = 'refused' in said ? said.refused.faults : said.done.faults;
    assert.deepEqual(
      faults.map(({ refusal, at }) => [refusal, at]),
      [['payload_too_big', 'users[ann]']],
    );
  }
  assert.equal(patch({ unset: Object.keys(fields) }).faults.length, 1);
});
