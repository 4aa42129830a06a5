import type { Case, Group } from './case.ts';
import { finds, type People, refusedFilter, table } from './find.ts';
import { query } from './steps.ts';

/** One field, held in every way that JSON has, and not at all (g). */
const MIXED: People = {
  a: { v: 'x' },
  b: { v: 5 },
  c: { v: '5' },
  d: { v: true },
  e: { v: 1 },
  f: { v: null },
  g: {},
  h: { v: '' },
  i: { v: [] },
  j: { v: {} },
  k: { v: ['x', 5] },
  l: { v: { x: 1 } },
  m: { v: false },
  n: { v: 0 },
  o: { v: 'true' },
};

const plain: readonly Case[] = [
  ...table({ a: { color: 'green' }, b: { color: 'red' }, c: { color: 'Red' }, d: {} }, [
    [{ color: 'red' }, 'b'],
    [{ color: { $eq: 'red' } }, 'b'],
    [{ color: { $ne: 'red' } }, 'acd'],
    [{ color: { $in: ['red', 'green', 'blue'] } }, 'ab'],
    [{ color: { $nin: ['red', 'green'] } }, 'cd'],
    [{ color: { $gt: 'green' } }, 'b'],
    [{ color: { $exists: true } }, 'abc'],
    [{ color: { $exists: false } }, 'd'],
    [{ color: { $gte: 'a', $lt: 'h' } }, 'a'],
  ]),
  ...table({ a: { age: 5 }, b: { age: 17.5 }, c: { age: -3 }, d: { age: 1e300 }, e: {} }, [
    [{ age: 5 }, 'a'],
    [{ age: { $eq: 17.5 } }, 'b'],
    [{ age: { $ne: 5 } }, 'bcde'],
    [{ age: { $in: [5, -3, 6] } }, 'ac'],
    [{ age: { $nin: [5, -3] } }, 'bde'],
    [{ age: { $gt: 5 } }, 'bd'],
    [{ age: { $gte: 5 } }, 'abd'],
    [{ age: { $lt: 5 } }, 'c'],
    [{ age: { $lte: 5 } }, 'ac'],
    [{ age: { $gt: -4, $lt: 6 } }, 'ac'],
    [{ age: { $gt: 1e299 } }, 'd'],
  ]),
  ...table({ a: { vip: true }, b: { vip: false }, c: {} }, [
    [{ vip: true }, 'a'],
    [{ vip: false }, 'b'],
    [{ vip: { $eq: true } }, 'a'],
    [{ vip: { $ne: true } }, 'bc'],
    [{ vip: { $ne: false } }, 'ac'],
  ]),
  ...table({ a: { n: 0.1 + 0.2 }, b: { n: 0.3 }, c: { n: 2 ** 53 }, d: { n: 0 }, e: { n: 1e21 } }, [
    [{ n: 0.3 }, 'b'],
    [{ n: 0.1 + 0.2 }, 'a'],
    [{ n: 2 ** 53 }, 'c'],
    [{ n: { $gt: 0.3, $lt: 1 } }, 'a'],
    [{ n: 1e21 }, 'e'],
  ]),
  {
    ...finds({ a: { n: 0 }, b: { n: 1 } }, '-0 is 0', {}, 'a'),
    ...query('{"filter_conditions": {"teams": {"$contains": "team~"}, "n": -0}}'),
  },
];

const twoValued = table(MIXED, [
  [{ v: null }, 'f'],
  [{ v: { $eq: null } }, 'f'],
  [{ v: { $ne: null } }, 'abcdeghijklmno'],
  [{ v: { $in: [null, 'x'] } }, 'afk'],
  [{ v: { $nin: [null, 'x'] } }, 'bcdeghijlmno'],
  [{ v: { $ne: 'x' } }, 'bcdefghijklmno'],
  [{ v: { $nin: ['x'] } }, 'bcdefghijlmno'],
  [{ v: { $exists: true } }, 'abcdefhijklmno'],
  [{ v: { $exists: false } }, 'g'],
  [{ v: '' }, 'h'],
  [{ v: { $gte: '' } }, 'acho'],
  [{ v: { $in: [] } }, ''],
  [{ v: { $nin: [] } }, 'abcdefghijklmno'],
  [{ absent: null }, ''],
  [{ absent: { $ne: null } }, 'abcdefghijklmno'],
  [{ absent: { $ne: 5 } }, 'abcdefghijklmno'],
  [{ absent: { $nin: [5] } }, 'abcdefghijklmno'],
  [{ absent: { $lte: 5 } }, ''],
]);

const types = table(MIXED, [
  [{ v: 5 }, 'b'],
  [{ v: '5' }, 'c'],
  [{ v: true }, 'd'],
  [{ v: 1 }, 'e'],
  [{ v: false }, 'm'],
  [{ v: 0 }, 'n'],
  [{ v: 'true' }, 'o'],
  [{ v: 'x' }, 'a'],
  [{ v: { $in: [5, '5'] } }, 'bck'],
  [{ v: { $in: [1, true] } }, 'de'],
  [{ v: { $nin: [0, ''] } }, 'abcdefgijklmo'],
  [{ v: { $gt: 0 } }, 'be'],
  [{ v: { $gte: 0 } }, 'ben'],
  [{ v: { $lt: 6 } }, 'ben'],
  [{ v: { $gt: '' } }, 'aco'],
  [{ v: { $lt: '6' } }, 'ch'],
]);

/** Texts in the order of their code points. In UTF-16 units `e` would come before `c` and `d`. */
const POINTS: People = {
  a: { v: 'Z' },
  b: { v: 'a' },
  c: { v: '\ue000' },
  d: { v: '\uffee' },
  e: { v: '\u{1f600}' },
  f: { v: '\u{10ffff}' },
  g: { v: 'a\u{1f600}' },
  h: { v: 'a\uffee' },
};

const ranges: readonly Case[] = [
  ...table(POINTS, [
    [{ v: { $gt: '\uffee' } }, 'ef'],
    [{ v: { $gte: '\uffee' } }, 'def'],
    [{ v: { $lt: '\u{1f600}' } }, 'abcdgh'],
    [{ v: { $lte: '\u{1f600}' } }, 'abcdegh'],
    [{ v: { $gt: 'a\uffee', $lt: 'b' } }, 'g'],
    [{ v: { $gt: 'Z', $lt: 'a\u0001' } }, 'b'],
  ]),
  ...table({ a: { name: '\u{1f600}' }, b: { name: '\uffee' }, c: { name: 'z' }, d: {} }, [
    [{ name: { $gt: '\uffee' } }, 'a'],
    [{ name: { $lt: '\u{1f600}' } }, 'bc'],
    [{ name: { $gte: 'z', $lte: '\uffee' } }, 'bc'],
  ]),
  finds({ a: { v: 9 }, b: { v: 10 }, c: { v: '9' }, d: { v: '10' } }, '9 < 10', { v: { $gt: 9 } }, 'b'),
  finds({ a: { v: 9 }, b: { v: 10 }, c: { v: '9' }, d: { v: '10' } }, '"10" < "9"', { v: { $lt: '9' } }, 'd'),
];

const NESTED: People = {
  a: { address: { city: 'Rome', zip: 5, geo: { lat: 1.5 } } },
  b: { address: { city: 'Oslo', zip: '5' } },
  c: { address: { city: null } },
  d: { address: {} },
  e: { address: 'Rome' },
  f: { address: ['Rome'] },
  g: { address: null },
  h: {},
  i: { 'address.city': 'Rome' },
  j: { address: { id: 'x', role: 'admin', online: true } },
};

const paths: readonly Case[] = [
  ...table(NESTED, [
    [{ 'address.city': 'Rome' }, 'a'],
    [{ 'address.city': { $ne: 'Rome' } }, 'bcdefghij'],
    [{ 'address.city': { $exists: true } }, 'abc'],
    [{ 'address.city': { $exists: false } }, 'defghij'],
    [{ 'address.city': null }, 'c'],
    [{ 'address.city': { $in: ['Rome', 'Oslo'] } }, 'ab'],
    [{ 'address.zip': 5 }, 'a'],
    [{ 'address.zip': { $gte: '' } }, 'b'],
    [{ 'address.geo.lat': { $gt: 1, $lt: 2 } }, 'a'],
    [{ 'address.0': 'Rome' }, ''],
    [{ 'address.length': { $exists: true } }, ''],
    [{ 'address.toString': { $exists: true } }, ''],
    [{ 'address.role': 'admin' }, 'j'],
    [{ 'address.online': true }, 'j'],
    [{ address: { $exists: true } }, 'abcdefgj'],
  ]),
  ...table({ a: { ключ: { 値: 1 } }, b: { "o'key": { '"x"': 2 } }, c: { 'a-b': { '%_*': 3 } } }, [
    [{ 'ключ.値': 1 }, 'a'],
    [{ 'o\'key."x"': 2 }, 'b'],
    [{ 'a-b.%_*': 3 }, 'c'],
  ]),
  ...['.', 'a.', '.a', 'a..b', 'a b', 'a.b c', '$x', 'a.$x', ' a', '', '__proto__', 'a.constructor', 'prototype.a'].map(
    (path) => refusedFilter({ [path]: 1 }),
  ),
  refusedFilter({ [Array.from({ length: 21 }, () => 'a').join('.')]: 1 }),
];

const LISTS: People = {
  a: { tags: ['red', 'blue'] },
  b: { tags: ['blue', 'red', 'red'] },
  c: { tags: ['red'] },
  d: { tags: [] },
  e: { tags: 'red' },
  f: {},
  g: { tags: [5, '5', true, null] },
  h: { tags: [['red'], { red: 1 }] },
};

const lists: readonly Case[] = [
  ...table(LISTS, [
    [{ tags: { $contains: 'red' } }, 'abc'],
    [{ tags: { $contains: 'green' } }, ''],
    [{ tags: { $contains: 5 } }, 'g'],
    [{ tags: { $contains: true } }, 'g'],
    [{ tags: { $contains: null } }, 'g'],
    [{ tags: { $contains: 1 } }, ''],
    [{ tags: { $in: ['blue', 'green'] } }, 'ab'],
    [{ tags: { $in: ['red'] } }, 'abce'],
    [{ tags: { $in: [] } }, ''],
    [{ tags: { $nin: ['red'] } }, 'dfgh'],
    [{ tags: { $eq: ['red', 'blue'] } }, 'ab'],
    [{ tags: { $eq: ['blue', 'red', 'blue'] } }, 'ab'],
    [{ tags: { $eq: ['red'] } }, 'c'],
    [{ tags: { $eq: [] } }, 'd'],
    [{ tags: { $eq: [null, true, '5', 5] } }, 'g'],
    [{ tags: { $ne: ['red'] } }, 'abdefgh'],
    [{ tags: { $eq: 'red' } }, 'e'],
    [{ tags: { $exists: true } }, 'abcdegh'],
    [{ $and: [{ tags: { $contains: 'red' } }, { tags: { $contains: 'blue' } }] }, 'ab'],
  ]),
  refusedFilter({ tags: { $contains: ['red'] } }, 'field "tags" expects type'),
  refusedFilter({ tags: { $contains: { red: 1 } } }, 'field "tags" expects type'),
  refusedFilter({ tags: { $in: [['red']] } }, 'field "tags" expects type'),
  refusedFilter({ tags: { $eq: [{}] } }, 'field "tags" expects type'),
];

/** Section 8: filters on custom data. */
export const queryCustomGroups: readonly Group[] = [
  ['query.custom', plain],
  ['query.two-valued', twoValued],
  ['query.types', types],
  ['query.ranges', ranges],
  ['query.paths', paths],
  ['query.lists', lists],
];
