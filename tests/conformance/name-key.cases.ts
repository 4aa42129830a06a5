import type { Case, Group, Step } from './case.ts';
import { madeUsers, patch, refused, upsert } from './steps.ts';

const ANN = 'ann~';
const BOB = 'bob~';
const CID = 'cid~';
const app = { settings: { enforce_unique_usernames: 'app' } };

/** Names without letters cannot carry characters of their own, so they are given back. */
const cleanUp: readonly Step[] = [patch([{ id: ANN, unset: ['name'] }], { expect: { status: [200, 404] } })];
const cleanUpBoth: readonly Step[] = [
  ...cleanUp,
  patch([{ id: BOB, unset: ['name'] }], { expect: { status: [200, 404] } }),
];

const SAME: readonly (readonly [string, string])[] = [
  ['John Doe ~', 'John Doe ~'],
  ['John Doe ~', 'john doe ~'],
  ['John Doe ~', 'john.doe.~'],
  ['John Doe ~', 'JOHN_DOE-~'],
  ['John Doe ~', 'ＪＯＨＮ ＤＯＥ ~'],
  ['John Doe ~', 'John\u200b Doe ~'],
  ['John Doe ~', '  John   Doe\t~ '],
  ['John Doe ~', '★ John Doe ★ ~'],
  ['John Doe ~', 'J\u00ADohn D\uFEFFoe ~'],
  ['STRASSE ~', 'Straße ~'],
  ['STRASSE ~', 'STRAẞE ~'],
  ['ΟΔΟΣ ~', 'οδος ~'],
  ['ΟΔΟΣ ~', 'οδοσ ~'],
  ['Jöhn ~', 'Jo\u0308hn ~'],
  ['Jöhn ~', 'JÖHN ~'],
  ['ﬁsh ~', 'FISH ~'],
  ['Kelvin ~', '\u212Aelvin ~'],
  ['x² ~', 'x2 ~'],
  [`~${'x'.repeat(128)}a`, `~${'x'.repeat(128)}b`],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['Jöhn ~', 'John ~'],
  ['John Doe ~', 'John Do ~'],
  ['Ann1 ~', 'Ann2 ~'],
  ['Анна ~', 'Anna ~'],
  ['李小龙 ~', '李小龍 ~'],
  [`${'x'.repeat(110)}a~`, `${'x'.repeat(110)}b~`],
];

const keys: readonly Case[] = [
  ...SAME.map(
    ([first, second]): Case => ({
      name: `two spellings of one name cannot both be taken: ${show(first)} and ${show(second)}`,
      why: '6',
      ...app,
      given: [upsert([{ id: ANN, name: first }])],
      ...upsert([{ id: BOB, name: second }]),
      unchanged: [ANN, BOB],
      expect: refused(6, /^UpdateUsers failed with error: ".*a user with the name .*already exists/, [
        'users[bob~].name',
      ]),
    }),
  ),
  ...DIFFERENT.map(
    ([first, second]): Case => ({
      name: `two different names may both be taken: ${show(first)} and ${show(second)}`,
      why: '6',
      ...app,
      given: [upsert([{ id: ANN, name: first }])],
      ...upsert([{ id: BOB, name: second }]),
      expect: madeUsers({ id: BOB, name: second }),
    }),
  ),
  {
    name: 'names of symbols alone are told apart: ❤️ and ☀️',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: '❤️❤️♞' }])],
    ...upsert([{ id: BOB, name: '☀️☀️♞' }]),
    expect: madeUsers({ id: BOB }),
    after: cleanUpBoth,
  },
  {
    name: 'names of symbols alone clash when they are the same',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: '❤️ ❤️ ♜' }])],
    ...upsert([{ id: BOB, name: '❤❤♜' }]),
    unchanged: [BOB],
    expect: refused(6),
    after: cleanUpBoth,
  },
  {
    name: 'names that come to nothing are never checked',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: ' \u200b ' }])],
    ...upsert([
      { id: BOB, name: '\u2060' },
      { id: CID, name: '' },
    ]),
    expect: madeUsers({ id: BOB, name: '\u2060' }, { id: CID, name: '' }),
  },
];

function show(name: string): string {
  return JSON.stringify(name.replaceAll('~', '').replaceAll('x'.repeat(100), '…'));
}

/** Section 6: which names are one name. */
export const nameKeyGroups: readonly Group[] = [['names.key', keys]];
export const nameKeyCases: readonly Case[] = keys;
