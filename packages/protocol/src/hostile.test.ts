import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { at, outcome } from '@rollcall/domain/arbitrary.test';
import { connectUser, patchUsers, upsertUsers } from '@rollcall/domain/change';
import { isObject, type JsonObject } from '@rollcall/domain/json';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import { changeSettings } from './app.ts';
import { hostile, user } from './arbitrary.test.ts';
import { errorBody } from './error.ts';
import { parseDetails, parsePatches, parseProfiles } from './parse.ts';
import { parseSearch } from './query.ts';
import { ErrorAnswer, QueryPayload, SettingsBody } from './schema.ts';

const runs = { numRuns: 1000 };
const context = { operation: undefined, duration: '', baseUrl: '' };

/** Whatever is said ends well or in a refusal that can be told; anything else is thrown on, and fails the test. */
function survives(act: () => unknown): void {
  const said = outcome(act);
  if ('done' in said) return;
  const body = JSON.parse(JSON.stringify(errorBody(said.refused, context)));
  assert.ok(Check(ErrorAnswer, body));
  assert.ok(!JSON.stringify(body).includes('\\u0000') && body.message.isWellFormed(), body.message);
}

test('any JSON as a body ends in users or in a refusal', () => {
  fc.assert(
    fc.property(hostile, (json) => {
      survives(() => upsertUsers(new Map(), parseProfiles(json), at(1)));
      survives(() => patchUsers(new Map(), parsePatches(json), at(1)));
    }),
    runs,
  );
});

test('any JSON as a user, a set, an unset or details ends in a user or in a refusal', () => {
  fc.assert(
    fc.property(user, hostile, hostile, (one, json, other) => {
      const current = new Map([[one.id, one]]);
      survives(() => upsertUsers(current, parseProfiles({ users: { [one.id]: json } }), at(1)));
      survives(() => patchUsers(current, parsePatches({ users: [{ id: one.id, set: json, unset: other }] }), at(1)));
      if (isObject(json)) survives(() => connectUser(current, parseDetails(one.id, json), at(1)));
    }),
    runs,
  );
});

test('no key reaches a prototype', () => {
  fc.assert(
    fc.property(hostile, (json) => {
      outcome(() => upsertUsers(new Map(), parseProfiles({ users: { ann: json } }), at(1)));
      outcome(() => patchUsers(new Map(), parsePatches({ users: [{ id: 'ann', set: json }] }), at(1)));
      assert.deepEqual(Reflect.ownKeys(Object.getOwnPropertyDescriptors({})), []);
      for (const word of ['role', 'name', 'admin', 'users']) assert.ok(!(word in {}), word);
    }),
  );
});

test('any JSON as a payload that has the shape ends in a search or in a refusal', () => {
  const payload = fc.record(
    { filter_conditions: hostile, sort: hostile, limit: hostile, offset: hostile, next: hostile, id_gt: hostile },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.oneof(hostile, payload), hostile, (json, filter) => {
      if (Check(QueryPayload, json)) survives(() => parseSearch(json));
      if (isObject(filter)) survives(() => parseSearch({ filter_conditions: { ...filter } }));
    }),
    runs,
  );
});

test('any JSON as settings that has the shape ends in settings or in a refusal', () => {
  fc.assert(
    fc.property(hostile, (json) => {
      if (Check(SettingsBody, json)) survives(() => changeSettings(DEFAULT_SETTINGS, json));
    }),
    runs,
  );
});

test('no filter, however hostile, is read slowly or refused at length', () => {
  const wide = (count: number): JsonObject => Object.fromEntries(ids(count, (n) => [`k${n}`, { $in: [n] }] as const));
  const filters: readonly JsonObject[] = [
    wide(50_000),
    { $or: Array(50_000).fill({}) },
    { $or: Array(100).fill({ name: { $q: '\ufdfa'.repeat(1000) } }) },
    { $or: Array(100).fill({ age: { $nin: Array(1000).fill('x') } }) },
    { [`${'a.'.repeat(500_000)}a`]: 1 },
    JSON.parse(`${'{"$and":['.repeat(100_000)}{}${']}'.repeat(100_000)}`),
  ];
  for (const filter of filters) {
    const said = outcome(() => parseSearch({ filter_conditions: filter }));
    if ('refused' in said) assert.ok(said.refused.message.length < 200);
    const ms = took(() => parseSearch({ filter_conditions: filter }));
    assert.ok(ms < 300, `${JSON.stringify(filter).slice(0, 50)} took ${ms.toFixed()} ms`);
  }
});

/** How long something takes, in milliseconds. */
function took(act: () => unknown): number {
  const began = performance.now();
  survives(act);
  return performance.now() - began;
}

const ids = <T>(count: number, write: (at: number) => T): T[] => Array.from({ length: count }, (_, n) => write(n));
const setOf = (paths: readonly string[]): JsonObject => Object.fromEntries(paths.map((path) => [path, 1]));

const roles = (count: number): JsonObject => Object.fromEntries(ids(count, (n) => [`x${n}`, 'user'] as const));

const heavy: readonly (readonly [what: string, patch: JsonObject])[] = [
  ['20,000 paths to set', { set: setOf(ids(20_000, (n) => `a.b.k${n}`)) }],
  [
    '20,000 paths that overlap',
    { set: setOf(ids(20_000, (n) => `a.b.k${n}`)), unset: ids(20_000, (n) => `a.b.k${n}.x`) },
  ],
  ['20,000 paths inside one', { set: { ...setOf(ids(20_000, (n) => `a.k${n}`)), a: 1 } }],
  ['one path of 50,000 segments', { set: { [`${'a.'.repeat(50_000)}a`]: 1 } }],
  ['a path of a million segments to unset', { unset: [`${'a.'.repeat(1_000_000)}a`] }],
  ['one key of a million characters', { set: { ['k'.repeat(1_000_000)]: 1 } }],
  ['a list of a million lists', { set: { a: Array(1_000_000).fill([]) } }],
  ['a list 100,000 deep', { set: { a: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) } }],
  ['a name of 200,000 characters that unfold to eighteen each', { set: { name: '\ufdfa'.repeat(200_000) } }],
  ['250 teams and roles in 200,000 others', { set: { teams: ids(250, (n) => `t${n}`), teams_role: roles(200_000) } }],
  ['100,000 teams', { set: { teams: ids(100_000, (n) => `t${n}`) } }],
];

test('no patch, however hostile, holds the server up', () => {
  const ann = upsertUsers(new Map(), parseProfiles({ users: { ann: { a: { b: {} } } } }), at(1)).write;
  const current = new Map(ann.map((one) => [one.id, one]));
  for (const [what, patch] of heavy) {
    const ms = took(() => patchUsers(current, parsePatches({ users: [{ id: 'ann', ...patch }] }), at(1)));
    assert.ok(ms < 700, `${what} took ${ms.toFixed()} ms`);
  }
});

test('a refusal is never much bigger than what it refuses', () => {
  const id = 'x'.repeat(255);
  const ann = upsertUsers(new Map(), parseProfiles({ users: { [id]: { a: 1 } } }), at(1)).write;
  const current = new Map(ann.map((one) => [one.id, one]));
  const wrong: readonly JsonObject[] = [
    { id, unset: ids(900, (n) => `$${n}`) },
    { id, set: setOf(ids(900, (n) => `a.k${n}`)) },
    { id, unset: ids(900, (n) => `a.k${n}`) },
  ];
  for (const patch of wrong) {
    const said = outcome(() => patchUsers(current, parsePatches({ users: Array(100).fill(patch) }), at(1)));
    assert.ok('refused' in said && said.refused.faults.length <= 1000);
    const size = JSON.stringify(errorBody(said.refused, context)).length;
    assert.ok(size < 1_000_000, `${JSON.stringify(patch).length * 100} bytes were refused with ${size}`);
  }
});

test('settings nested without end are refused, also those that are not stored when empty', () => {
  for (const key of ['policies', 'channel_configs', 'push_notifications', 'other', 'api_key']) {
    const body = JSON.parse(`{"${key}":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
    survives(() => changeSettings(DEFAULT_SETTINGS, body));
  }
});
