import { at, custom, id, instant, language, privacySettings, role, teams, text } from '@rollcall/domain/arbitrary.test';
import { upsertUsers } from '@rollcall/domain/change';
import type { JsonObject, JsonValue } from '@rollcall/domain/json';
import type { User, Users } from '@rollcall/domain/user';
import fc, { type Arbitrary } from 'fast-check';
import { parseProfiles } from './parse.ts';
import type { Reader, Seen } from './write.ts';

/*
 * What the properties of the protocol draw from: JSON as callers write it, good and hostile. It holds no tests; it is named
 * like one so that it is left out of what is published.
 */

const maybeNull = <T>(of: Arbitrary<T>): Arbitrary<T | null> => fc.option(of, { freq: 8 });

/** Built-in fields of a user, as an upsert may state them. */
export const builtIns: Arbitrary<JsonObject> = fc
  .record(
    {
      role: maybeNull(role),
      name: maybeNull(text),
      image: maybeNull(text),
      teams: maybeNull(teams),
      language: maybeNull(language),
      invisible: maybeNull(fc.boolean()),
      privacy_settings: maybeNull(privacySettings),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .chain((fields) => {
    const [team] = fields.teams ?? [];
    if (team === undefined) return fc.constant<JsonObject>(fields);
    return fc.option(role).map((given) => ({ ...fields, teams_role: given === null ? null : roles(team, given) }));
  });

/** An object with one key, whatever the key is. */
const roles = (team: string, given: string): JsonObject => Object.fromEntries([[team, given]]);

/** A user as an upsert may state it. */
export const userInput: Arbitrary<JsonObject> = fc
  .tuple(custom, builtIns)
  .map(([fields, stated]) => ({ ...fields, ...stated }));

/** A body of an upsert that nothing is wrong with. */
export const upsertBody: Arbitrary<{ readonly users: JsonObject }> = fc
  .dictionary(id, userInput, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
  .map((users) => ({ users }));

/** Users as they are stored after an upsert; some of them are deactivated or were revoked. */
export const users: Arbitrary<Users> = fc
  .record({
    body: upsertBody,
    now: instant,
    deactivatedAt: fc.option(instant, { nil: undefined }),
    revokeTokensIssuedBefore: fc.option(instant, { nil: undefined }),
  })
  .map(({ body, now, ...more }) => {
    const { write } = upsertUsers(new Map(), parseProfiles(body), at(now));
    return new Map(write.map((user) => [user.id, { ...user, ...more }]));
  });

/** One stored user. */
export const user: Arbitrary<User> = users.map((all) => {
  const [first] = all.values();
  if (first === undefined) throw new Error('an upsert names at least one user');
  return first;
});

export const seen: Arbitrary<Seen> = fc.record({
  online: fc.boolean(),
  lastActive: fc.option(instant, { nil: undefined }),
});
export const reader: Arbitrary<Reader> = fc.constantFrom('server', 'self', 'other');

/** Words that mean something on this wire, or to JavaScript. */
export const WORDS = `users id set unset name image role teams teams_role language invisible privacy_settings online pk
custom Role revoke_tokens_issued_before read_receipts enabled filter_conditions sort field direction limit offset next
id_gt presence connection_id $and $or $nor $in $eq $contains $autocomplete created_at a.b a.b.c a..b __proto__ constructor toString hasOwnProperty`.split(
  /\s+/,
);

const word = fc.constantFrom(...WORDS, '', '\ud800', '\0', 'k'.repeat(300), '2020-01-01T00:00:00Z');
const anyKey = fc.oneof(word, fc.string());

/** JSON as nobody should write it, out of a real JSON parser: `__proto__` is a key like any other. */
export const hostile: Arbitrary<JsonValue> = fc
  .letrec<{ json: JsonValue }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(fc.constantFrom<JsonValue>(null, true, false, 0, -1, 1e300, 1), word, fc.string()),
      fc.array(tie('json'), { maxLength: 4 }),
      entries(anyKey, tie('json')),
    ),
  }))
  .json.map(reparsed);

/** An object whose keys are all its own, `__proto__` too. */
function entries(key: Arbitrary<string>, value: Arbitrary<JsonValue>): Arbitrary<JsonObject> {
  return fc.array(fc.tuple(key, value), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs));
}

/** What a JSON parser yields of a value. */
export function reparsed(json: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(json));
}
