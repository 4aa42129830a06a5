import fc, { type Arbitrary } from 'fast-check';
import { DEFAULT_SETTINGS } from './app.ts';
import type { Batch, Circumstances, Decision, Patch, Profile } from './change.ts';
import { faultOfCustomKey, READ_ONLY, RESERVED, WRITABLE } from './custom.ts';
import { DomainError } from './error.ts';
import { type Given, nothingGiven } from './field.ts';
import type { CustomField, Filter, Scalar, Sort } from './filter.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { type CustomChange, overlaps } from './patch.ts';
import { SERVER } from './permission.ts';
import { BLANK, type User, type Users } from './user.ts';
import { nameKey } from './username.ts';
import { needleWords } from './words.ts';

/*
 * What the properties of this package and of the protocol draw from. It holds no tests; it is named like one so that it is
 * left out of what is published.
 */

const points = (min: number, max: number): Arbitrary<string> =>
  fc.integer({ min, max }).map((point) => String.fromCodePoint(point));

/** Any character of Unicode, of all planes. */
export const character: Arbitrary<string> = fc.oneof(
  points(0, 0xff),
  points(0x100, 0xd7ff),
  points(0xe000, 0xffff),
  points(0x10000, 0x10ffff),
);

/** Text that can be stored, of all planes. */
export const text: Arbitrary<string> = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...'aÉ\u0301ßς한ก้ی\u200d\ufe0f', '\u{1f469}', '\u{1f3fd}'), maxLength: 12 }),
    fc.string({ unit: character, maxLength: 12 }),
    fc.constantFrom('Ann', 'ANN', 'a.n.n', 'Bob', 'ß', 'Ǆ', '…', '\u{1f600}'),
  )
  .map((drawn) => drawn.replaceAll('\u0000', '0'));

const isBuiltIn = (key: string): boolean =>
  key === 'id' || RESERVED.has(key) || READ_ONLY.has(key) || WRITABLE.has(key);

/** The name of a field that an app may add. */
export const customKey: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('color', 'book', 'address', 'toString', '10', '2', 'a.b', '$x') },
  { weight: 1, arbitrary: text.filter((key) => faultOfCustomKey(key) === undefined && !isBuiltIn(key)) },
);

const innerKey = customKey.filter((key) => key !== '');

/** Any JSON value that may be stored in a user. */
export const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonValue>(null, true, false, 0, -0, 1, 2 ** 53, 1e300, '', 'red'),
    fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(innerKey, tie('value'), { maxKeys: 3 }),
  ),
}));

/** Custom data of a user. */
export const custom: Arbitrary<JsonObject> = fc.dictionary(customKey, value, { maxKeys: 4, noNullPrototype: true });

export const instant: Arbitrary<number> = fc.integer({ min: 1_500_000_000_000, max: 1_900_000_000_000 });
export const id: Arbitrary<string> = fc.constantFrom('ann', 'bob', 'cyd');
export const role: Arbitrary<string> = fc.constantFrom('user', 'admin', 'moderator');
export const teams: Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('red', 'blue', '__proto__', 'größe'), {
  maxLength: 3,
});
export const language: Arbitrary<string> = fc.constantFrom('', 'en', 'pt-BR', 'zh-Hant');
const toggle = fc.record({ enabled: fc.boolean() }, { noNullPrototype: true });
export const privacySettings = fc.record(
  { typing_indicators: toggle, read_receipts: toggle, delivery_receipts: toggle },
  { requiredKeys: [], noNullPrototype: true },
);

/** Nothing, null, or a value. */
const stated = <T>(of: Arbitrary<T>): Arbitrary<T | null | undefined> =>
  fc.oneof(fc.constant(undefined), { weight: 1, arbitrary: fc.constant(null) }, { weight: 3, arbitrary: of });
const maybe = <T>(of: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(of, { nil: undefined });

const rolesIn = (held: readonly string[], chosen: string): User['teamsRole'] =>
  held.length === 0 ? undefined : Object.fromEntries(held.map((team) => [team, chosen]));

/** A user as the store may hold one. */
export const userOf = (userId: string): Arbitrary<User> =>
  fc
    .record({
      role,
      name: maybe(text),
      image: maybe(text),
      teams,
      teamsRole: maybe(role),
      language,
      invisible: fc.boolean(),
      privacySettings: maybe(privacySettings),
      revokeTokensIssuedBefore: maybe(instant),
      custom: custom.map((fields) => JSON.stringify(fields)),
      createdAt: instant,
      age: fc.nat(1_000_000),
      deactivatedAt: maybe(instant),
      lastActive: maybe(instant),
    })
    .map(({ age, teamsRole, ...user }) => ({
      ...BLANK,
      ...user,
      id: userId,
      nameKey: nameKey(user.name ?? ''),
      teamsRole: teamsRole === undefined ? undefined : rolesIn(user.teams, teamsRole),
      updatedAt: user.createdAt + age,
    }));

/** A user with one of the few ids that are used here. */
export const user: Arbitrary<User> = id.chain(userOf);

/** Every user there is. */
export const users: Arbitrary<Users> = fc
  .tuple(userOf('ann'), userOf('bob'), userOf('cyd'))
  .map((all) => new Map(all.map((one) => [one.id, one])));

/** A JSON value that holds no other. */
export const scalar: Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>(null, true, false, 0, 1, 2 ** 53, 1e300, '', 'red', '1'),
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((drawn) => drawn + 0),
);

/** A custom field that a filter can ask about. */
export const customField: Arbitrary<CustomField> = fc
  .array(fc.constantFrom('color', 'book', 'address', 'toString', '10'), { minLength: 1, maxLength: 2 })
  .map((parts) => ({ path: parts }));

const textField = fc.constantFrom(
  'id' as const,
  'name' as const,
  'role' as const,
  'language' as const,
  'image' as const,
);
const timeField = fc.constantFrom('created_at', 'updated_at', 'last_active', 'deactivated_at');
const flagField = fc.constantFrom('banned' as const, 'shadow_banned' as const, 'invisible' as const);
const listField = fc.oneof(fc.constant('teams' as const), customField);
const anyText = fc.oneof(text, id, role, language, fc.constantFrom('red', 'blue'));
const range = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const equality = fc.constantFrom('$eq', '$ne');
const among = fc.constantFrom('$in', '$nin');
const isThere = fc.record({
  op: fc.constant('$exists'),
  field: fc.oneof(textField, timeField, listField),
  value: fc.boolean(),
});

/** A filter of one condition. */
export const condition: Arbitrary<Filter> = fc.oneof(
  fc.record({ op: equality, field: textField, value: anyText }),
  fc.record({ op: equality, field: flagField, value: fc.boolean() }),
  fc.record({ op: fc.constant('$eq'), field: timeField, value: instant }),
  fc.record({ op: equality, field: customField, value: scalar }),
  fc.record({ op: range, field: textField, value: anyText }),
  fc.record({ op: range, field: timeField, value: instant }),
  fc.record({ op: range, field: customField, value: scalar.filter((one) => !isFlagOrNull(one)) as Arbitrary<string> }),
  fc.record({ op: among, field: textField, values: fc.array(anyText, { maxLength: 4 }) }),
  fc.record({ op: among, field: customField, values: fc.array(scalar, { maxLength: 4 }) }),
  fc.record({ op: fc.constantFrom('$in', 'same_set'), field: fc.constant('teams'), values: teams }),
  fc.record({ op: fc.constant('same_set'), field: customField, values: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ op: fc.constant('$contains'), field: fc.constant('teams'), value: anyText }),
  fc.record({ op: fc.constant('$contains'), field: customField, value: scalar }),
  isThere,
  fc.record({
    op: fc.constant('$autocomplete'),
    field: fc.constantFrom('id', 'name', 'username'),
    words: anyText.map((needle) => needleWords(needle)),
  }),
);

const isFlagOrNull = (one: Scalar): boolean => typeof one === 'boolean' || one === null;

/** Any filter that can come out of a caller's JSON. */
export const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: condition },
    fc.record({ op: fc.constantFrom('and', 'or', 'nor'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
  ),
}));

/** Up to three steps of an order. */
export const sort: Arbitrary<Sort[]> = fc.array(
  fc.record({
    field: fc.oneof(fc.constantFrom('id' as const, 'name' as const, 'role' as const), timeField, customField),
    direction: fc.constantFrom(1, -1),
  }),
  { maxLength: 3 },
);

/** Built-in fields a caller may state; the roles in teams are of teams that it states too. */
export const given: Arbitrary<Given> = fc
  .record({
    role: stated(role),
    name: stated(text),
    image: stated(text),
    teams: stated(teams),
    teamsRole: stated(role),
    language: stated(language),
    invisible: stated(fc.boolean()),
    privacySettings: stated(privacySettings),
    revokeTokensIssuedBefore: stated(instant),
  })
  .map((drawn) => ({
    ...drawn,
    teamsRole: drawn.teamsRole == null ? drawn.teamsRole : (rolesIn(drawn.teams ?? [], drawn.teamsRole) ?? null),
  }));

const segment = fc.constantFrom('color', 'address', 'city', 'a', 'b', 'toString');
/** A path into custom data, as a caller writes it. */
export const path: Arbitrary<string> = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'));

/** Changes that a patch may bring: none overlaps another. */
export const changes: Arbitrary<CustomChange[]> = fc
  .tuple(fc.uniqueArray(path, { maxLength: 4 }), fc.array(path, { maxLength: 3 }), fc.array(value, { minLength: 4 }))
  .map(([set, unset, values]) => {
    const bad = overlaps(set, unset);
    const isGood = (one: string): boolean => !bad.set.includes(one) && !bad.unset.includes(one);
    const setting = set.filter(isGood).map((one, at) => ({ path: one.split('.'), value: values[at] ?? null }));
    return [...setting, ...unset.filter(isGood).map((one) => ({ path: one.split('.'), value: undefined }))];
  });

export const patch: Arbitrary<Patch> = fc.record({ index: fc.constant(0), id, given, changes });
export const profile: Arbitrary<Profile> = fc.record({
  index: fc.constant(0),
  id,
  given: given.map((drawn) => ({ ...drawn, revokeTokensIssuedBefore: undefined })),
  custom,
});

/** Items as the parser hands them on: each knows its place. */
export const batchOf = <Item extends { readonly index: number }>(items: readonly Item[]): Batch<Item> => ({
  items: items.map((item, index) => ({ ...item, index })),
  faults: [],
});

/** A patch that says this and no more. */
export const patchOf = (userId: string, said: Partial<Given>, changed: readonly CustomChange[] = []): Patch => ({
  index: 0,
  id: userId,
  given: { ...nothingGiven(), ...said },
  changes: changed,
});

/** A profile that says this and no more. */
export const profileOf = (userId: string, said: Partial<Given>, fields: JsonObject = {}): Profile => ({
  index: 0,
  id: userId,
  given: { ...nothingGiven(), ...said },
  custom: fields,
});

/** A user of which nothing is known but this. */
export const someone = (userId: string, said: Partial<User> = {}): User => ({
  ...BLANK,
  id: userId,
  createdAt: 1000,
  updatedAt: 1000,
  nameKey: nameKey(said.name ?? ''),
  ...said,
});

/** Users by their ids. */
export const usersOf = (...all: readonly User[]): Users => new Map(all.map((one) => [one.id, one]));

/** The app's own server, in an app without wishes. */
export const at = (now: number, settings: Partial<Circumstances['settings']> = {}): Circumstances => ({
  actor: SERVER,
  settings: { ...DEFAULT_SETTINGS, ...settings },
  now,
});

/** The users after a decision was stored. */
export function stored(current: Users, decision: Decision): Users {
  return new Map([...current, ...decision.write.map((one) => [one.id, one] as const)]);
}

/** What a decision says, or the refusal that it ends in. Anything else that is thrown is thrown on. */
export function outcome<T>(decide: () => T): { readonly done: T } | { readonly refused: DomainError } {
  try {
    return { done: decide() };
  } catch (error) {
    if (error instanceof DomainError) return { refused: error };
    throw error;
  }
}
