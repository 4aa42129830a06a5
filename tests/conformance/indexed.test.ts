import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at, type Fields } from '../support/json.ts';
import { suffix, until } from '../support/wait.ts';
import { title } from './behaviours.ts';
import { answeredUsers } from './check.ts';
import { playStep, resetSettings, setSettings } from './run.ts';
import { patch, query, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

const TEXTS = ['', 'a', 'A', 'ab', '5', 'true', '\uffee', '\u{1f600}', "'; --"];
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  5,
  5.5,
  -1e300,
  2 ** 53,
  ...TEXTS,
  [],
  [5],
  ['a', 5, null],
  {},
  { a: 1 },
];

/** Filters and orders on a field, each with an index and without. */
const questions = (field: string): readonly Fields[] => [
  ...VALUES.filter((value) => typeof value !== 'object' || value === null).flatMap((value) => [
    { [field]: value },
    { [field]: { $ne: value } },
    { [field]: { $contains: value } },
    { [field]: { $in: [value, 'none'] } },
    { [field]: { $nin: [value] } },
  ]),
  ...[0, 5, 5.2, '', 'a', '\uffee'].flatMap((bound) =>
    ['$gt', '$gte', '$lt', '$lte'].map((operator) => ({ [field]: { [operator]: bound } })),
  ),
  ...[[], [5], [null, 'a', 5]].map((list) => ({ [field]: { $eq: list } })),
  { [field]: { $exists: true } },
  { [field]: { $exists: false } },
  { [field]: { $gt: 0, $lt: 6, $ne: 5.5 } },
];

const ready = (...fields: readonly string[]): Promise<unknown> =>
  until(
    'the indexes are ready',
    async () => (await playStep(target, { method: 'GET', path: '/app' })).body.app,
    (app) => fields.every((field) => at(app, 'indexed_fields_state', field, 'state') === 'ready'),
    20_000,
  );

async function ask(team: string, filters: readonly Fields[], field: string): Promise<readonly unknown[]> {
  const payloads = filters.flatMap((filter) =>
    [undefined, [{ field: 'id', direction: 1 }], [{ field, direction: -1 }]].map((sort) => ({
      filter_conditions: { $and: [{ teams: { $contains: team } }, filter] },
      limit: 100,
      ...(sort ? { sort } : {}),
    })),
  );
  const answers: unknown[] = [];
  for (const payload of payloads) {
    const found = answeredUsers(await playStep(target, query(payload))).map((user) => at(user, 'id'));
    answers.push([JSON.stringify(payload), found]);
  }
  return answers;
}

describe(title('query.indexed'), () => {
  for (const field of ['age', 'address.city']) {
    it(`finds the same with an index and without: ${field}`, async () => {
      const team = `team${suffix()}`;
      const held = (value: unknown): Fields => (field === 'age' ? { age: value } : { address: { city: value } });
      const users = VALUES.map((value, n) => ({ id: `u${n}-${team}`, teams: [team], ...held(value) }));
      await playStep(target, upsert([...users, { id: `none-${team}`, teams: [team] }]));
      const before = await ask(team, questions(field), field);
      try {
        await setSettings(target, { indexed_fields: ['age', 'address.city'] });
        await ready('age', 'address.city');
        assert.deepEqual(await ask(team, questions(field), field), before);
      } finally {
        await resetSettings(target);
      }
      assert.deepEqual(await ask(team, questions(field), field), before);
    });
  }

  it('finds what is written while and after the index is made, and not what is gone', async () => {
    const team = `team${suffix()}`;
    const ids = Array.from({ length: 90 }, (_, n) => `u${n}-${team}`);
    await playStep(target, upsert(ids.map((id) => ({ id, teams: [team], age: 1 }))));
    const aged = async (age: number): Promise<number> =>
      answeredUsers(
        await playStep(target, query({ filter_conditions: { age, teams: { $contains: team } }, limit: 100 })),
      ).length;
    try {
      await setSettings(target, { indexed_fields: ['age'] });
      await playStep(target, patch(ids.slice(0, 30).map((id) => ({ id, set: { age: 2 } }))));
      await ready('age');
      await playStep(target, patch(ids.slice(30, 60).map((id) => ({ id, set: { age: 3 } }))));
      await playStep(target, patch(ids.slice(0, 10).map((id) => ({ id, unset: ['age'] }))));
      assert.deepEqual([await aged(1), await aged(2), await aged(3)], [30, 20, 30]);
    } finally {
      await resetSettings(target);
    }
    assert.deepEqual([await aged(1), await aged(2), await aged(3)], [30, 20, 30]);
  });
});
