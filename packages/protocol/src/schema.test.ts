import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome, privacySettings, text } from '@rollcall/domain/arbitrary.test';
import type { JsonObject, JsonValue } from '@rollcall/domain/json';
import fc, { type Arbitrary } from 'fast-check';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { upsertBody } from './arbitrary.test.ts';
import { parsePatches, parseProfiles } from './parse.ts';
import { parseSearch } from './query.ts';
import { PatchBody, QueryPayload, UpsertBody, UserInput, UserPatch } from './schema.ts';

/*
 * The shapes against the parser. A shape can say the types of the built-in fields, the lengths of teams in ASCII, what an id
 * and a language look like, and how many users a batch holds. It cannot say, and nothing here draws: an id that differs from
 * its key, reserved fields, custom data and its limits, paths and their overlaps, more than 250 teams (one said twice counts
 * once), which roles there are.
 */

const broken: Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(5, true, '', 'x', [], {}, ['x'], { x: 1 }, [1], {
  x: 'y',
});
const teams = fc.constantFrom(249, 250).map((count) => Array.from({ length: count }, (_, at) => `t${at}`));

/** Values of built-in fields, good and bad; beside them anything else is tried under each. */
const builtIns: Readonly<Record<string, Arbitrary<JsonValue>>> = {
  role: fc.constantFrom('user', 'any', ''),
  name: text,
  image: text,
  teams: fc.oneof(teams, fc.constantFrom<JsonValue>(['red', 't'.repeat(100)], ['t'.repeat(101)], ['red', ''], [null])),
  teams_role: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('user', ''), { noNullPrototype: true }),
  language: fc.constantFrom('', 'en', 'fil', 'pt-BR', 'EN', 'e', 'english', 'en-', 'en_US', 'en\n', 'en-123456789'),
  invisible: fc.boolean(),
  privacy_settings: fc.oneof(
    privacySettings,
    fc.constantFrom<JsonValue>(
      { read_receipts: true },
      { read_receipts: null },
      { read_receipts: {} },
      { x: { enabled: true } },
    ),
    fc.constantFrom<JsonValue>({ read_receipts: { enabled: 'x' } }, { read_receipts: { enabled: true, more: 1 } }),
  ),
  created_at: broken,
  revoke_tokens_issued_before: broken,
};
const field: Arbitrary<JsonObject> = fc
  .constantFrom(...Object.entries(builtIns))
  .chain(([name, values]) =>
    fc
      .oneof({ weight: 4, arbitrary: values }, broken, fc.constant(null))
      .map((value) => Object.fromEntries([[name, value]])),
  );
const input = fc.array(field, { maxLength: 2 }).map((fields): JsonObject => Object.assign({}, ...fields));
const often = <T extends JsonValue>(of: Arbitrary<T>): Arbitrary<JsonValue> =>
  fc.oneof({ weight: 8, arbitrary: of }, { weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: broken });
const body = fc.oneof(
  fc.dictionary(fc.constantFrom('ann', 'bob'), fc.oneof({ weight: 9, arbitrary: input }, broken), {
    noNullPrototype: true,
  }),
  broken,
);

/** Whether a parser finds nothing wrong. */
function isAccepted(parse: () => { readonly faults: readonly unknown[] }): boolean {
  const said = outcome(parse);
  return 'done' in said && said.done.faults.length === 0;
}

test('an upsert has the shape exactly when the parser accepts it', () => {
  let accepted = 0;
  fc.assert(
    fc.property(body, (users) => {
      const accepts = isAccepted(() => parseProfiles({ users }));
      accepted += accepts ? 1 : 0;
      assert.equal(Check(UpsertBody, { users }), accepts, JSON.stringify(users).slice(0, 300));
    }),
    { numRuns: 1000 },
  );
  assert.ok(accepted > 50 && accepted < 950, `${accepted} of 1000 were accepted: the draw is one-sided`);
});

test('whatever an upsert may say has the shape', () => {
  fc.assert(fc.property(upsertBody, (good) => assert.ok(Check(UpsertBody, good))));
});

const id = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<JsonValue>('ann', '@', 'a-b_C', 'x'.repeat(255)) },
  { weight: 1, arbitrary: fc.constantFrom<JsonValue>('', 'x'.repeat(256), 'a b', 'é', 'ann\n', 5, null) },
);
const paths = fc.constantFrom('color', 'book', 'address.city');
const set = often(fc.dictionary(paths, text, { noNullPrototype: true }));
const unset = often(fc.array(fc.constantFrom('size', 'weight.net', 'name')));
const item = fc.record({ id, set, unset, other: broken }, { requiredKeys: ['id'], noNullPrototype: true });

test('a partial update has the shape exactly when the parser accepts it', () => {
  let accepted = 0;
  // `x` is a path, `[]` sets or unsets nothing: a drawn `{x: 1}` to set meets `["x"]` to unset, which no shape can refuse.
  const meets = (one: { set?: JsonValue; unset?: JsonValue }): boolean =>
    /"x"/.test(JSON.stringify(one.set ?? 0)) && /"x"/.test(JSON.stringify(one.unset ?? 0));
  const items = fc.array(
    item.filter((one) => !meets(one)),
    { maxLength: 2 },
  );
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: items }, broken), (users) => {
      const accepts = isAccepted(() => parsePatches({ users }));
      accepted += accepts ? 1 : 0;
      assert.equal(Check(PatchBody, { users }), accepts, JSON.stringify(users).slice(0, 300));
    }),
    { numRuns: 1000 },
  );
  assert.ok(accepted > 50 && accepted < 950, `${accepted} of 1000 were accepted: the draw is one-sided`);
});

test('the shape and the parser count alike', () => {
  for (const count of [0, 1, 100, 101]) {
    const ids = Array.from({ length: count }, (_, at) => `u${at}`);
    const whole = { users: Object.fromEntries(ids.map((one) => [one, {}])) };
    const partial = { users: ids.map((one) => ({ id: one })) };
    assert.equal(
      Check(UpsertBody, whole),
      isAccepted(() => parseProfiles(whole)),
    );
    assert.equal(
      Check(PatchBody, partial),
      isAccepted(() => parsePatches(partial)),
    );
  }
});

test('an id inside a user is an id, or not there', () => {
  for (const [one, good] of [
    ['ann', true],
    ['a b', false],
    ['', false],
    [5, false],
    [null, false],
  ] as const) {
    assert.equal(Check(UserInput, { id: one }), good);
    assert.equal(Check(UserPatch, { id: one }), good);
  }
  assert.ok(Check(UserInput, {}));
  assert.ok(!Check(UserPatch, {}));
});

test('a team said many times counts once, for the shape too', () => {
  const users = { ann: { teams: Array(251).fill('red') } };
  assert.ok(isAccepted(() => parseProfiles({ users })));
  assert.ok(Check(UpsertBody, { users }));
});

const payloads: readonly (readonly [payload: JsonValue, good: boolean])[] = [
  [{}, true],
  [{ filter_conditions: {}, sort: [], limit: 30, offset: 0 }, true],
  [{ filter_conditions: null, sort: null, limit: null, offset: null, next: null, presence: null }, true],
  [{ limit: 1 }, true],
  [{ limit: 100 }, true],
  [{ limit: 0 }, false],
  [{ limit: 101 }, false],
  [{ limit: 1.5 }, false],
  [{ limit: '10' }, false],
  [{ offset: 1000 }, true],
  [{ offset: 1001 }, false],
  [{ offset: -1 }, false],
  [{ sort: [{ field: 'id' }, { field: 'name', direction: 1 }, { field: 'created_at', direction: -1 }] }, true],
  [{ sort: Array(4).fill({ field: 'id' }) }, false],
  [{ sort: [{ field: 'id', direction: 2 }] }, false],
  [{ sort: [{ field: 'id', direction: 0 }] }, false],
  [{ sort: [{ field: 'id', direction: '1' }] }, false],
  [{ sort: [{ direction: 1 }] }, false],
  [{ sort: { field: 'id' } }, false],
  [{ filter_conditions: [] }, false],
  [{ filter_conditions: 'id' }, false],
  [{ id_gt: 5 }, false],
  [{ next: 5 }, false],
  [{ presence: 'true' }, false],
  [{ presence: true, connection_id: 'c1' }, true],
  [{ presence: true, connection_id: null }, true],
  [{ connection_id: 5 }, false],
  [[], false],
  ['x', false],
  [null, false],
];

test('a query has the shape of the contract', () => {
  for (const [payload, good] of payloads) {
    const shape: TSchema = QueryPayload;
    assert.equal(Check(shape, payload), good, JSON.stringify(payload));
    if (good && Check(QueryPayload, payload)) assert.ok('done' in outcome(() => parseSearch(payload)));
  }
});
