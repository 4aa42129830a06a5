import type { Case, Group } from './case.ts';
import { patch, refused, upsert } from './steps.ts';

const ANN = 'ann~';
const BOB = 'bob~';
const STORED = {
  id: ANN,
  name: 'Ann ~',
  color: 'green',
  nothing: null,
  list: [1, { a: 2 }],
  address: { city: 'Rome' },
  $odd: { a: 1 },
  'a b': { c: 1 },
};
const given = [upsert([STORED])];
const OPERATION = '^UpdateUsersPartial failed with error: ';

function refusedChange(name: string, change: object, fields?: readonly string[]): Case {
  const expect = refused(4, new RegExp(OPERATION), fields);
  return { name, why: '4', given, ...patch([{ id: ANN, ...change }]), unchanged: [ANN], expect };
}

function refusedBody(name: string, users: unknown): Case {
  return { name, why: '4', given, ...patch(users), unchanged: [ANN], expect: refused(4, new RegExp(OPERATION)) };
}

const shapes: readonly Case[] = [
  refusedBody('items as a map are refused', { [ANN]: { id: ANN, set: { a: 1 } } }),
  refusedBody('an empty list of items is refused', []),
  refusedBody('items of null are refused', null),
  refusedBody('an item that is null is refused', [{ id: ANN, set: { a: 1 } }, null]),
  refusedBody('an item that is an id is refused', [ANN]),
  refusedBody('an item that is a list is refused', [[]]),
  refusedBody('an item without id is refused', [{ set: { a: 1 } }]),
  refusedBody('an item with a bad id is refused', [{ id: 'a b', set: { a: 1 } }]),
  refusedBody('an item with the id __proto__ is refused', [{ id: '__proto__', set: { a: 1 } }]),
  refusedBody('an item with a number for an id is refused', [{ id: 5, set: { a: 1 } }]),
  {
    name: 'a batch of 101 partial updates is refused whole',
    why: '11',
    given,
    ...patch(Array.from({ length: 101 }, (_, index) => ({ id: ANN, set: { [`field${index}`]: index } }))),
    unchanged: [ANN],
    expect: refused(4, /100/),
  },
  {
    name: 'a batch of 100 partial updates is fine',
    why: '11',
    given,
    ...patch(Array.from({ length: 100 }, (_, index) => ({ id: ANN, set: { count: index } }))),
    expect: { status: 200, answer: { users: { [ANN]: { count: 99 } } } },
  },
  ...[5, 'color', [], true].map((set) => refusedChange(`a set of ${JSON.stringify(set)} is refused`, { set })),
  ...[5, 'color', {}, true].map((unset) => refusedChange(`an unset of ${JSON.stringify(unset)} is refused`, { unset })),
  ...[null, 5, {}, ['color']].map((name) =>
    refusedChange(`an unset that names ${JSON.stringify(name)} is refused`, { unset: [name] }),
  ),
];

const PATHS: readonly (readonly [why: string, path: string])[] = [
  ['goes through a text', 'color.dark'],
  ['goes through null', 'nothing.more'],
  ['goes through a list', 'list.0'],
  ['goes through a list into an object', 'list.1.a'],
  ['goes through a text inside an object', 'address.city.zip'],
  ['goes into the name', 'name.first'],
  ['goes into the teams', 'teams.0'],
  ['goes into the role', 'role.x'],
  ['goes into privacy_settings', 'privacy_settings.typing_indicators'],
  ['goes into teams_role', 'teams_role.red'],
  ['goes into a read-only field', 'mutes.0'],
  ['goes into a reserved field', 'custom.color'],
  ['has an empty segment', 'address..city'],
  ['begins with a dot', '.color'],
  ['ends with a dot', 'address.'],
  ['is empty', ''],
  ['is a dot', '.'],
  ['has a leading $', '$odd'],
  ['has a leading $ in the middle', 'address.$x'],
  ['has white space', 'a b'],
  ['is 21 deep', Array(21).fill('p').join('.')],
  ['names the id', 'id'],
  ['goes into the id', 'id.x'],
];

const SET_ONLY = new Set(['goes into teams_role', 'goes into privacy_settings']);

const paths: readonly Case[] = PATHS.flatMap(([why, path]) => [
  refusedChange(`a set whose path ${why} is refused`, { set: { ok: 1, [path]: 'x' } }, [`users[${ANN}].set.${path}`]),
  ...(SET_ONLY.has(why)
    ? []
    : [
        refusedChange(`an unset whose path ${why} is refused`, { unset: ['ok', path] }, [
          `users[${ANN}].unset.${path}`,
        ]),
      ]),
]);

const overlaps: readonly Case[] = [
  refusedChange('set and unset of the same field are refused', { set: { color: 'red' }, unset: ['color'] }),
  refusedChange('set inside what is unset is refused', { set: { 'address.zip': 5 }, unset: ['address'] }),
  refusedChange('unset inside what is set is refused', { set: { address: {} }, unset: ['address.city'] }),
  refusedChange('a set inside another set is refused', { set: { address: {}, 'address.zip': 5 } }),
  refusedChange('a set deep inside another set is refused', { set: { 'a.b.c': 1, a: {} } }),
  refusedChange('set and unset of a built-in are refused', { set: { name: 'Bob ~' }, unset: ['name'] }),
  refusedChange('set of a path that another set fills is refused', { set: { 'b.c': 1, 'b.c.d': 2 } }),
];

const others: readonly Case[] = [
  refusedChange('the role cannot be unset', { unset: ['role'] }, [`users[${ANN}].unset.role`]),
  ...['yesterday', '2020-01-01', 5, true, {}, '2020-13-01T00:00:00Z'].map((time) =>
    refusedChange(
      `an instant of revocation of ${JSON.stringify(time)} is refused`,
      { set: { revoke_tokens_issued_before: time } },
      [`users[${ANN}].set.revoke_tokens_issued_before`],
    ),
  ),
  {
    name: 'several faults of several users are all named, and nothing is written',
    why: '1',
    given: [upsert([STORED, { id: BOB, color: 'green' }])],
    ...patch([
      { id: BOB, set: { color: 'red' } },
      { id: ANN, set: { pk: 1, online: true } },
      { id: BOB, unset: ['id'] },
    ]),
    unchanged: [ANN, BOB],
    expect: refused(4, /users\[ann~\]\.set\.pk/, [
      'users[ann~].set.pk',
      'users[ann~].set.online',
      'users[bob~].unset.id',
    ]),
  },
  {
    name: 'a role that does not exist cannot be set',
    why: '2',
    given,
    ...patch([{ id: ANN, set: { role: 'no-such-role' } }]),
    unchanged: [ANN],
    expect: { status: [400, 404], code: [4, 16], fields: ['users[ann~].set.role'] },
  },
  {
    name: 'a good item is not written beside a bad one',
    why: '3',
    given: [upsert([STORED, { id: BOB, color: 'green' }])],
    ...patch([
      { id: BOB, set: { color: 'red' } },
      { id: ANN, set: { 'color.x': 1 } },
    ]),
    unchanged: [ANN, BOB],
    expect: refused(4, /color\.x/),
  },
];

/** Section 4: what a partial update refuses. */
export const patchRefusedGroups: readonly Group[] = [['patch.refused', [...shapes, ...paths, ...overlaps, ...others]]];
