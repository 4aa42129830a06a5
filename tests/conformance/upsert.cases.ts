import type { Case, Group } from './case.ts';
import { made, madeUsers, ofBytes, post, refused, upsert } from './steps.ts';

const ANN = 'ann~';
const BOB = 'bob~';
const CID = 'cid~';
const manyUsers = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `many${index}-~` }));

const shapes: readonly Case[] = [
  { name: 'a batch may hold 100 users', why: '3', ...upsert(manyUsers(100)), expect: made() },
  {
    name: 'a batch of 101 users is refused whole',
    why: '11',
    ...upsert(manyUsers(101)),
    unchanged: ['many0-~', 'many100-~'],
    expect: refused(4, /^UpdateUsers failed with error: ".*100/),
  },
  ...[{}, [], null, 'ann', 5, [{ id: ANN }]].map(
    (users): Case => ({
      name: `users of ${JSON.stringify(users).replace('~', '')} are refused`,
      why: '3',
      ...post(users),
      unchanged: [ANN],
      expect: refused(4, /^UpdateUsers failed with error: "/),
    }),
  ),
  {
    name: 'a body without users is refused',
    why: '3',
    method: 'POST',
    path: '/users',
    body: {},
    expect: refused(4, /users/),
  },
  ...[null, 5, 'ann', [], true].map(
    (user): Case => ({
      name: `a user that is ${JSON.stringify(user)} is refused, and its neighbour with it`,
      why: '3',
      ...post({ [ANN]: user, [BOB]: { id: BOB } }),
      unchanged: [ANN, BOB],
      expect: refused(4, /ann~/),
    }),
  ),
  {
    name: 'a key that differs from the id is refused',
    why: '3',
    ...post({ [ANN]: { id: BOB } }),
    unchanged: [ANN, BOB],
    expect: refused(4, /ann~/),
  },
  {
    name: 'an id that is missing is taken from the key',
    why: '3',
    ...post({ [ANN]: { color: 'green' } }),
    expect: madeUsers({ id: ANN, color: 'green' }),
  },
  ...[5, null, {}, ''].map(
    (id): Case => ({
      name: `an id of ${JSON.stringify(id)} is refused`,
      why: '2',
      ...post({ [ANN]: { id } }),
      unchanged: [ANN],
      expect: refused(4, /ann~/),
    }),
  ),
];

const BAD_IDS = [
  '',
  'a b',
  'a/b',
  'a.b',
  'ünï',
  'a\nb',
  'ann\n',
  ' ann',
  'a#b',
  '__proto__',
  'x'.repeat(256),
  '\u0000',
];
const ids: readonly Case[] = [
  ...BAD_IDS.map(
    (id): Case => ({
      name: `an id ${JSON.stringify(id).slice(0, 30)} is refused, and its neighbours with it`,
      why: '2',
      ...post(
        Object.fromEntries([
          [BOB, { id: BOB }],
          [id, { id }],
        ]),
      ),
      unchanged: [BOB],
      expect: refused(4, /^UpdateUsers failed with error: "/),
    }),
  ),
  ...['@ann_~', 'ANN-~', '__ann__~', 'x'.repeat(255), 'constructor', 'toString', 'hasOwnProperty', '-', '_'].map(
    (id): Case => ({
      name: `an id ${id.replace('~', '').slice(0, 30)} is fine`,
      why: '2',
      ...upsert([{ id, color: 'green' }]),
      expect: madeUsers({ id, color: 'green' }),
    }),
  ),
  {
    name: 'two ids that differ by case are two users',
    why: '2',
    ...upsert([
      { id: 'Ann~', color: 'red' },
      { id: 'ann~', color: 'blue' },
    ]),
    expect: madeUsers({ id: 'Ann~', color: 'red' }, { id: 'ann~', color: 'blue' }),
  },
];

const faults: readonly Case[] = [
  {
    name: 'several faults in one batch: the first in the message, all in the fields, nothing written',
    why: '1',
    given: [upsert([{ id: ANN, color: 'green' }])],
    ...upsert([
      { id: CID, color: 'red' },
      { id: BOB, pk: 1 },
      { id: ANN, name: 5, color: 'red' },
    ]),
    unchanged: [ANN, BOB, CID],
    expect: refused(4, 'UpdateUsers failed with error: "users[bob~].pk is a reserved field"', [
      'users[bob~].pk',
      'users[ann~].name',
    ]),
  },
  {
    name: 'several faults in one user are all named',
    why: '1',
    ...upsert([{ id: ANN, name: 5, invisible: 'yes', pk: 1 }]),
    unchanged: [ANN],
    expect: refused(4, /users\[ann~\]\.name expects type string/, [
      'users[ann~].name',
      'users[ann~].invisible',
      'users[ann~].pk',
    ]),
  },
  {
    name: 'when too big comes first, too big is the answer',
    why: '1',
    ...upsert([
      { id: ANN, ...ofBytes(5121) },
      { id: BOB, pk: 1 },
    ]),
    unchanged: [ANN, BOB],
    expect: refused(22, /ann~/, ['users[ann~]', 'users[bob~].pk']),
  },
  {
    name: 'when too big comes second, the first fault is the answer',
    why: '1',
    ...upsert([
      { id: BOB, pk: 1 },
      { id: ANN, ...ofBytes(5121) },
    ]),
    unchanged: [ANN, BOB],
    expect: refused(4, /bob~/, ['users[bob~].pk', 'users[ann~]']),
  },
];

const batches: readonly Case[] = [
  {
    name: 'users are answered in the order of the request',
    why: '3',
    ...upsert([{ id: 'c~' }, { id: 'a~' }, { id: 'b~' }]),
    expect: { status: 201, ids: ['c~', 'a~', 'b~'] },
  },
  {
    name: 'a role that does not exist is refused',
    why: '2',
    ...upsert([{ id: BOB }, { id: ANN, role: 'no-such-role' }]),
    unchanged: [ANN, BOB],
    expect: { status: [400, 404], code: [4, 16], message: /no-such-role|role/, fields: ['users[ann~].role'] },
  },
];

/** Section 3: the shape of an upsert, and its faults. */
export const upsertGroups: readonly Group[] = [
  ['upsert.shape', shapes],
  ['user.ids', ids],
  ['envelope.faults', faults],
  ['upsert.batch', batches],
];
