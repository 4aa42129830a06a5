import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nameKey } from '@rollcall/domain/username';
import { generatePeople, PEOPLE, toNdjson } from './generate.ts';
import { LOOKALIKES, NEAR_DUPLICATES } from './near-duplicates.ts';
import { names, PEOPLE_FILE, type Person, readPeople } from './people.ts';

const SCRIPTS =
  'Latin Cyrillic Greek Arabic Hebrew Ethiopic Georgian Armenian Devanagari Bengali Gurmukhi Gujarati Tamil Telugu ' +
  'Malayalam Han Hiragana Katakana Hangul Thai';
const ROLES = new Set([undefined, 'user', 'moderator', 'admin']);
const BUILT_IN = new Set(['id', 'role', 'teams', 'teams_role', 'language', 'invisible', 'privacy_settings']);
const KEYS = new Set([
  ...BUILT_IN,
  ...'name image favorite_color age rating verified joined pronouns tags address settings'.split(' '),
]);

const people = readPeople();
const byName = new Map(people.map((person) => [person.name, person]));
const bytes = (text: string): number => Buffer.byteLength(text);

/** Says what `POST /users` would refuse in a person (wire.md, sections 2 and 11). */
function faultsOf(person: Person): string[] {
  const { id, name, role, teams = [], teams_role = {}, language } = person;
  const custom = Object.fromEntries(Object.entries(person).filter(([key]) => !BUILT_IN.has(key)));
  const promises: readonly (readonly [boolean, string])[] = [
    [/^[@\w-]{1,255}$/.test(id) && id !== '__proto__', 'id'],
    [typeof name === 'string' && nameKey(name) !== '', 'name'],
    [ROLES.has(role), 'role'],
    [teams.length <= 4 && new Set(teams).size === teams.length, 'teams'],
    [teams.every((team) => team !== '' && bytes(team) <= 100), 'team'],
    [Object.keys(teams_role).every((team) => teams.includes(team)), 'teams_role'],
    [/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/.test(language), 'language'],
    [bytes(JSON.stringify(custom)) <= 5120, 'size'],
    [Object.keys(person).every((key) => KEYS.has(key)), 'key'],
    [JSON.stringify(person).isWellFormed(), 'surrogate'],
  ];
  return promises.filter(([kept]) => !kept).map(([, what]) => what);
}

test('the file on disk is what the generator makes', () => {
  assert.ok(readFileSync(PEOPLE_FILE, 'utf8') === toNdjson(generatePeople()), 'run: node examples/generate.ts');
});

test('there are 5,000 people, each with an id of their own, in no order', () => {
  const ids = people.map((person) => person.id);
  assert.equal(people.length, PEOPLE);
  assert.equal(new Set(ids).size, PEOPLE);
  const rises = ids.filter((id, at) => id > (ids[at - 1] ?? '')).length;
  assert.ok(rises > PEOPLE * 0.4 && rises < PEOPLE * 0.6, `${rises} ids are greater than the one before`);
});

test('every person can be sent to POST /users', () => {
  assert.deepEqual(
    people.flatMap((person) => faultsOf(person).map((what) => `${person.id}: ${what}`)),
    [],
  );
});

test('names come in twenty scripts, each with fifty people or more', () => {
  for (const script of SCRIPTS.split(' ')) {
    const letter = new RegExp(`\\p{Script=${script}}`, 'u');
    const found = people.filter((person) => letter.test(person.name)).length;
    assert.ok(found >= 50, `${script}: ${found}`);
  }
});

test('near duplicates are all there: other spellings of one name, with one key', () => {
  for (const { spellings } of NEAR_DUPLICATES) {
    assert.equal(new Set(spellings).size, spellings.length, spellings[0]);
    for (const spelling of spellings) {
      assert.equal(nameKey(spelling), nameKey(spellings[0]), spelling);
      assert.ok(byName.has(spelling), spelling);
    }
  }
  const others = NEAR_DUPLICATES.flatMap(({ spellings: [, ...rest] }) => rest);
  assert.ok(others.length >= 60, `${others.length}`);
});

test('names that only look alike are all there, and no two have one key', () => {
  const plain = NEAR_DUPLICATES.map(({ spellings }) => spellings[0]);
  const keys = [...plain, ...LOOKALIKES].map(nameKey);
  assert.equal(new Set(keys).size, keys.length);
  for (const name of LOOKALIKES) assert.ok(byName.has(name), name);
});

test('apart from the near duplicates no two people have one name', () => {
  const others = NEAR_DUPLICATES.flatMap(({ spellings: [, ...rest] }) => rest);
  assert.equal(names().length, PEOPLE - others.length);
  assert.equal(new Set(names().map(nameKey)).size, names().length);
});

test('the user base is varied: roles, teams, nested data, none of it everywhere', () => {
  const count = (has: (person: Person) => boolean): number => people.filter(has).length;
  assert.ok(count((person) => person.role === 'admin') >= 5);
  assert.ok(count((person) => person.role === 'moderator') >= 20);
  assert.ok(count((person) => person.role === undefined) >= PEOPLE / 2);
  assert.equal(new Set(people.flatMap((person) => person.teams ?? [])).size, 40);
  for (const key of ['favorite_color', 'age', 'address', 'tags', 'settings', 'image'] as const) {
    const found = count((person) => person[key] !== undefined);
    assert.ok(found > PEOPLE / 10 && found < PEOPLE, `${key}: ${found}`);
  }
});
