import type { Case, Group } from './case.ts';
import { madeUsers, nested, ofBytes, okUsers, patch, postRaw, readBack, refused, upsert } from './steps.ts';

const USER = 'ann~';
const FIELD = /ann~/;

function refusedCustom(name: string, custom: { readonly [key: string]: unknown }, fields?: readonly string[]): Case {
  return { name, why: '2', ...upsert([{ id: USER, ...custom }]), unchanged: [USER], expect: refused(4, FIELD, fields) };
}

function refusedRaw(name: string, custom: string): Case {
  const body = postRaw(`{"users":{"${USER}":{"id":"${USER}",${custom}}}}`);
  return { name, why: '2', ...body, unchanged: [USER], expect: refused(4, FIELD) };
}

const sizes: readonly Case[] = [
  {
    name: 'custom data may take 5,120 bytes',
    why: '2',
    ...upsert([{ id: USER, ...ofBytes(5120) }]),
    expect: madeUsers({ id: USER, ...ofBytes(5120) }),
  },
  {
    name: 'custom data of 5,121 bytes is refused, naming the user',
    why: '2',
    ...upsert([{ id: USER, ...ofBytes(5121) }]),
    unchanged: [USER],
    expect: refused(22, FIELD, [`users[${USER}]`]),
  },
  {
    name: 'custom data counts bytes, not characters',
    why: '2',
    ...upsert([{ id: USER, ...ofBytes(5120, '€') }]),
    expect: madeUsers({ id: USER, ...ofBytes(5120, '€') }),
  },
  {
    name: 'custom data of 5,121 bytes in fewer characters is refused',
    why: '2',
    ...upsert([{ id: USER, ...ofBytes(5121, '€') }]),
    unchanged: [USER],
    expect: refused(22, FIELD),
  },
  {
    name: 'name and image count as custom data',
    why: '2',
    ...upsert([{ id: USER, name: 'x'.repeat(2600), image: 'y'.repeat(2600) }]),
    unchanged: [USER],
    expect: refused(22, FIELD),
  },
  {
    name: 'built-in fields do not count as custom data',
    why: '2',
    ...upsert([{ id: USER, ...ofBytes(5120), teams: ['red', 'blue'], language: 'en', role: 'admin' }]),
    expect: madeUsers({ id: USER, teams: ['red', 'blue'] }),
  },
  {
    name: 'the custom data is measured after a partial update',
    why: '2',
    given: [upsert([{ id: USER, ...ofBytes(5120) }])],
    ...patch([{ id: USER, set: { more: 1 } }]),
    unchanged: [USER],
    expect: refused(22, FIELD, [`users[${USER}]`]),
  },
  {
    name: 'a partial update may make room for what it adds',
    why: '2',
    given: [upsert([{ id: USER, ...ofBytes(5120) }])],
    ...patch([{ id: USER, set: { more: 1 }, unset: ['blob'] }]),
    expect: okUsers({ id: USER, more: 1, blob: undefined }),
  },
];

const nesting: readonly Case[] = [
  {
    name: 'a custom value may nest 20 deep',
    why: '2',
    ...upsert([{ id: USER, value: nested(20) }]),
    expect: madeUsers({ id: USER, value: nested(20) }),
  },
  refusedCustom('a custom value that nests 21 deep is refused', { value: nested(21) }),
  {
    name: 'a partial update may nest 20 deep',
    why: '2',
    given: [upsert([{ id: USER }])],
    ...patch([{ id: USER, set: { value: nested(20) } }]),
    expect: okUsers({ id: USER, value: nested(20) }),
  },
  {
    name: 'a partial update that nests 21 deep is refused',
    why: '2',
    given: [upsert([{ id: USER }])],
    ...patch([{ id: USER, set: { value: nested(21) } }]),
    unchanged: [USER],
    expect: refused(4, FIELD),
  },
];

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'] as const;
const forbiddenKeys: readonly Case[] = FORBIDDEN.flatMap((key) => [
  refusedCustom(`a key ${key} is refused`, { [key]: { role: 'admin' } }),
  refusedCustom(`a key ${key} inside an object is refused`, { address: { [key]: 1 } }),
  refusedCustom(`a key ${key} deep inside lists and objects is refused`, { value: nested(15, { [key]: 1 }) }),
  {
    name: `a key ${key} is refused in the value of a set`,
    why: '2',
    given: [upsert([{ id: USER }])],
    ...patch([{ id: USER, set: { address: { city: { [key]: 1 } } } }]),
    unchanged: [USER],
    expect: refused(4, FIELD),
  },
  {
    name: `a path through ${key} is refused`,
    why: '2',
    given: [upsert([{ id: USER, address: {} }])],
    ...patch([{ id: USER, set: { [`address.${key}.role`]: 'admin' } }]),
    unchanged: [USER],
    expect: refused(4, FIELD),
  },
]);

/** Keys that the engine must not read: it would take later keys for them. The bodies are written by hand, since to make such an object would do. */
const backslashKeys: readonly Case[] = [
  ...[
    '"\\\\":1',
    '"map":{"first":1,"\\\\" : 1}',
    '"map":{"first":1,"\\\\u":1}',
    '"map":{"first":1,"a\\\\":1}',
    '"C:\\\\":1',
    '"\\u005c":1',
    '"list":[{"\\u005C":1}]',
  ].map(
    (custom): Case => ({
      name: `a key with a backslash is refused: ${custom}`,
      why: '2',
      ...postRaw(`{"users":{"${USER}":{"id":"${USER}",${custom}}}}`),
      unchanged: [USER],
      expect: refused(4, /a key with a backslash/),
    }),
  ),
  {
    name: 'a path through a key with a backslash is refused',
    why: '2',
    given: [upsert([{ id: USER, map: {} }])],
    ...patch([{ id: USER, unset: ['map.a\\b'] }]),
    unchanged: [USER],
    expect: refused(4, FIELD),
  },
  {
    name: 'keys are kept apart, however they are written and whatever was sent before',
    why: '2',
    ...postRaw(
      `{"users":{"${USER}":{"id":"${USER}","list":[{"first":1,"\\u540d":2},{"first":1,"\\u540d\\u524d":2},{"first":1,"\\n":2},{"first":1,"a\\n":2}]}}}`,
    ),
    expect: madeUsers({
      id: USER,
      list: [
        { first: 1, 名: 2 },
        { first: 1, 名前: 2 },
        { first: 1, '\n': 2 },
        { first: 1, 'a\n': 2 },
      ],
    }),
  },
  {
    name: 'values may have backslashes',
    why: '2',
    ...upsert([{ id: USER, path: 'C:\\Users\\', list: ['\\', '\\d+'] }]),
    expect: madeUsers({ id: USER, path: 'C:\\Users\\', list: ['\\', '\\d+'] }),
  },
];

const LOOKALIKES = [
  'Role',
  'ROLE',
  'NAME',
  'Name',
  'Id',
  'ID',
  'Teams',
  'Online',
  'Created_At',
  'PK',
  'Custom',
  'Image',
];
const UNICODE_LOOKALIKES = [
  'revo\u212Ae_tokens_issued_before',
  'team\u017F',
  'bloc\u212Aed_user_id\u017F',
  'u\u017Fer_pk',
];
const lookalikes: readonly Case[] = [
  ...[...LOOKALIKES, ...UNICODE_LOOKALIKES].map((key) =>
    refusedCustom(`a key that looks like a built-in is refused: ${key}`, { [key]: 'x' }, [`users[${USER}].${key}`]),
  ),
  ...['Role', 'team\u017F'].map(
    (key): Case => ({
      name: `a key that looks like a built-in cannot be set: ${key}`,
      why: '2',
      given: [upsert([{ id: USER }])],
      ...patch([{ id: USER, set: { [key]: 'admin' } }]),
      unchanged: [USER],
      expect: refused(4, FIELD, [`users[${USER}].set.${key}`]),
    }),
  ),
  {
    name: 'names of built-in fields are free inside custom objects',
    why: '2',
    ...upsert([{ id: USER, address: { id: 5, role: ['x'], name: 7, pk: null, custom: {} } }]),
    expect: madeUsers({ id: USER, address: { id: 5, role: ['x'], name: 7, pk: null, custom: {} } }),
  },
];

const texts: readonly Case[] = [
  refusedRaw('a lone high surrogate in a text is refused', '"bio":"a\\ud800b"'),
  refusedRaw('a lone low surrogate in a text is refused', '"bio":"a\\udc00b"'),
  refusedRaw('a lone surrogate in a key is refused', '"bi\\ud800o":1'),
  refusedRaw('a lone surrogate deep inside is refused', '"bio":[{"x":["\\udfff"]}]'),
  refusedRaw('a lone surrogate in a name is refused', '"name":"a\\ud800"'),
  refusedRaw('a NUL in a text is refused', '"bio":"a\\u0000b"'),
  refusedRaw('a NUL in a key is refused', '"bi\\u0000o":1'),
  refusedRaw('a NUL in a name is refused', '"name":"a\\u0000"'),
  refusedRaw('a NUL in a team is refused', '"teams":["a\\u0000"]'),
  {
    name: 'every other character is kept as it was sent',
    why: '2',
    ...upsert([
      { id: USER, name: ' Zoë 𝄞 ~', bio: '\u200b\ufeff\u2028 \u{1F469}\u200d\u{1F680} \t\n\u0001', ключ: '值' },
    ]),
    expect: madeUsers({
      id: USER,
      name: ' Zoë 𝄞 ~',
      bio: '\u200b\ufeff\u2028 \u{1F469}\u200d\u{1F680} \t\n\u0001',
      ключ: '值',
    }),
    after: [readBack({ id: USER, name: ' Zoë 𝄞 ~' })],
  },
];

const numbers: readonly Case[] = [
  refusedRaw('a number that is not finite is refused', '"score":1e400'),
  refusedRaw('a number that is not finite is refused deep inside', '"score":[{"x":-1e999}]'),
  {
    name: 'minus zero is zero, and integers beyond 2^53 are rounded',
    why: '2',
    ...postRaw(`{"users":{"${USER}":{"id":"${USER}","zero":-0,"big":9007199254740993,"tiny":1e-400,"half":0.5}}}`),
    expect: madeUsers({ id: USER, zero: 0, big: 9007199254740992, half: 0.5 }),
    after: [readBack({ id: USER, zero: 0, big: 9007199254740992 })],
  },
];

const keys: readonly Case[] = [
  {
    name: 'a key may have 255 characters',
    why: '2',
    ...upsert([{ id: USER, ['k'.repeat(255)]: 1 }]),
    expect: madeUsers({ id: USER, ['k'.repeat(255)]: 1 }),
  },
  refusedCustom('a key of 256 characters is refused', { ['k'.repeat(256)]: 1 }),
  refusedCustom('an empty key is refused', { '': 1 }),
  refusedCustom('an empty key deep inside is refused', { address: { '': 1 } }),
  {
    name: 'keys with a dot, white space or a leading $ are stored',
    why: '2',
    ...upsert([{ id: USER, 'a.b': 1, 'a b': 2, $a: 3 }]),
    expect: madeUsers({ id: USER, 'a.b': 1, 'a b': 2, $a: 3 }),
    after: [readBack({ id: USER, 'a.b': 1, 'a b': 2, $a: 3 })],
  },
  {
    name: 'keys that JavaScript objects know are plain keys here',
    why: '2',
    ...upsert([{ id: USER, toString: 'x', hasOwnProperty: 1, valueOf: null, 5: 'five' }]),
    expect: madeUsers({ id: USER, toString: 'x', hasOwnProperty: 1, valueOf: null, 5: 'five' }),
  },
  {
    name: 'empty objects, empty lists and null are kept as they are',
    why: '2',
    ...upsert([{ id: USER, nothing: null, list: [], object: {}, text: '', no: false, matrix: [[], [null]] }]),
    expect: madeUsers({ id: USER, nothing: null, list: [], object: {}, text: '', no: false, matrix: [[], [null]] }),
    after: [readBack({ id: USER, nothing: null, list: [], object: {}, text: '', no: false, matrix: [[], [null]] })],
  },
];

/** Section 2: what an app adds. */
export const customGroups: readonly Group[] = [
  ['user.size', sizes],
  ['user.custom', [...nesting, ...texts, ...numbers, ...keys]],
  ['user.keys', [...forbiddenKeys, ...backslashKeys, ...lookalikes]],
];
