import type { Case, Group, Step } from './case.ts';
import { as, ok, refused } from './steps.ts';

const change = (indexed_fields: unknown): Step => ({ method: 'PATCH', path: '/app', body: { indexed_fields } });
const reads = (app: object): Step => ({ method: 'GET', path: '/app', expect: ok({ app }) });
const named = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `field${at}`);

const accepted: readonly Case[] = [
  ...[['age'], ['age', 'address.city'], named(10)].map(
    (fields): Case => ({
      name: `indexed_fields may be ${JSON.stringify(fields)}`,
      why: '8',
      settings: {},
      ...change(fields),
      expect: ok(),
      after: [reads({ indexed_fields: fields })],
    }),
  ),
  {
    name: 'a field is declared, shown with its state, and undeclared',
    why: '8',
    settings: {},
    given: [
      change(['age', 'address.city']),
      reads({
        indexed_fields_state: { age: { state: /^(building|ready)$/ }, 'address.city': { state: /^(building|ready)$/ } },
      }),
    ],
    ...change([]),
    expect: ok(),
    after: [reads({ indexed_fields: [] })],
  },
];

const WRONG: readonly unknown[] = [
  'age',
  5,
  true,
  {},
  [5],
  [null],
  [''],
  ['a..b'],
  ['.a'],
  ['a b'],
  ['$x'],
  ['__proto__'],
  ['a.constructor'],
  ['name'],
  ['id'],
  ['teams'],
  ['online'],
  ['custom'],
  ['pk'],
  ['Role'],
  [Array.from({ length: 21 }, () => 'a').join('.')],
  named(11),
];

const refusals: readonly Case[] = [
  ...WRONG.map(
    (fields): Case => ({
      name: `indexed_fields are never ${JSON.stringify(fields).slice(0, 60)}`,
      why: '8',
      settings: {},
      ...change(fields),
      expect: refused(4, /^UpdateApp failed with error: ".*indexed_fields/),
      after: [reads({ indexed_fields: [] })],
    }),
  ),
  {
    name: 'a user may not declare fields',
    why: '7',
    ...change(['age']),
    actor: as('ann~'),
    expect: refused(17),
  },
];

/** Sections 7 and 8: fields that are queried often. */
export const appIndexedGroups: readonly Group[] = [['query.indexed', [...accepted, ...refusals]]];
