import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { given as statements } from './arbitrary.test.ts';
import { type Given, isUserId, nothingGiven, parseField } from './field.ts';
import type { JsonValue } from './json.ts';

interface Read {
  readonly value: Given[keyof Given];
  readonly complaints: readonly string[];
}

/** Reads one field alone. A complaint about a part of it begins with the part. */
function read(field: keyof Given, value: JsonValue): Read {
  const given = nothingGiven();
  const complaints: string[] = [];
  parseField(given, field, value, (message, part) => {
    complaints.push(part === undefined ? message : `${part}: ${message}`);
  });
  return { value: given[field], complaints };
}

const wrong: readonly (readonly [keyof Given, JsonValue, RegExp])[] = [
  ['role', 5, /^expects type string$/],
  ['role', '', /^must not be empty$/],
  ['role', 'a\0', /lone surrogate or a NUL/],
  ['name', 5, /^expects type string$/],
  ['name', false, /^expects type string$/],
  ['name', ['Ann'], /^expects type string$/],
  ['name', { first: 'Ann' }, /^expects type string$/],
  ['name', '\ud800', /lone surrogate or a NUL/],
  ['image', 0, /^expects type string$/],
  ['image', 'a\0b', /lone surrogate or a NUL/],
  ['teams', 'red', /^expects type array of strings$/],
  ['teams', { 0: 'red' }, /^expects type array of strings$/],
  ['teams', ['red', 1], /^expects type string$/],
  ['teams', [null], /^expects type string$/],
  ['teams', [''], /^expects teams of 1 to 100 bytes$/],
  ['teams', ['t'.repeat(101)], /^expects teams of 1 to 100 bytes$/],
  ['teams', ['é'.repeat(51)], /^expects teams of 1 to 100 bytes$/],
  ['teams', ['a\ud800'], /lone surrogate or a NUL/],
  ['teams', Array.from({ length: 251 }, (_, at) => `t${at}`), /^has more than 250 teams$/],
  ['teamsRole', [], /^expects type object of strings$/],
  ['teamsRole', 'admin', /^expects type object of strings$/],
  ['teamsRole', { red: 1 }, /^expects type string$/],
  ['teamsRole', { red: null }, /^expects type string$/],
  ['teamsRole', { red: '' }, /^must not be empty$/],
  ['language', 5, /^expects type string$/],
  ['language', 'EN', /is not a language code/],
  ['language', 'e', /is not a language code/],
  ['language', 'engl', /is not a language code/],
  ['language', 'en-', /is not a language code/],
  ['language', 'en-x', /is not a language code/],
  ['language', 'en-123456789', /is not a language code/],
  ['language', 'en_US', /is not a language code/],
  ['language', 'en\n', /is not a language code/],
  ['invisible', 'true', /^expects type boolean$/],
  ['invisible', 1, /^expects type boolean$/],
  ['privacySettings', [], /^expects type object$/],
  ['privacySettings', 'none', /^expects type object$/],
  ['privacySettings', { location: { enabled: true } }, /^location: is not a privacy setting$/],
  ['privacySettings', { read_receipts: true }, /^read_receipts: expects \{"enabled"/],
  ['privacySettings', { read_receipts: null }, /^read_receipts: expects \{"enabled"/],
  ['privacySettings', { read_receipts: {} }, /^read_receipts: expects \{"enabled"/],
  ['privacySettings', { read_receipts: { enabled: 1 } }, /^read_receipts: expects \{"enabled"/],
  ['privacySettings', { read_receipts: { enabled: true, since: 1 } }, /^read_receipts: expects \{"enabled"/],
  ['privacySettings', JSON.parse('{"__proto__":{"enabled":true}}'), /^__proto__: is not a privacy setting$/],
  ['revokeTokensIssuedBefore', 'soon', /^expects type time$/],
  ['revokeTokensIssuedBefore', true, /^expects type time$/],
];

test('a field of the wrong type is complained of once, never coerced', () => {
  for (const [field, value, complaint] of wrong) {
    const { complaints } = read(field, value);
    assert.equal(complaints.length, 1, `${field} ${JSON.stringify(value)}: ${complaints}`);
    assert.match(complaints[0] ?? '', complaint, field);
  }
});

test('every wrong privacy setting is named', () => {
  const { complaints } = read('privacySettings', { a: 1, read_receipts: 1, typing_indicators: { enabled: true } });
  assert.deepEqual(
    complaints.map((complaint) => complaint.split(':')[0]),
    ['a', 'read_receipts'],
  );
});

const right: readonly (readonly [keyof Given, JsonValue])[] = [
  ['role', 'chess-club'],
  ['name', ''],
  ['name', '  \u{1f600} '],
  ['image', 'not a url'],
  ['teams', []],
  ['teams', ['t'.repeat(100), 'é'.repeat(50), '__proto__']],
  ['teams', Array.from({ length: 250 }, (_, at) => `t${at}`)],
  ['teamsRole', {}],
  ['teamsRole', { red: 'admin' }],
  ['language', ''],
  ['language', 'en'],
  ['language', 'fil'],
  ['language', 'pt-BR'],
  ['language', 'zh-Hant'],
  ['language', 'en-12345678'],
  ['invisible', false],
  ['privacySettings', {}],
  ['privacySettings', { typing_indicators: { enabled: true }, read_receipts: { enabled: false } }],
  ['privacySettings', { delivery_receipts: { enabled: false } }],
  ['revokeTokensIssuedBefore', 0],
];

test('a field of the right type is taken as it is', () => {
  for (const [field, value] of right) assert.deepEqual(read(field, value), { value, complaints: [] }, field);
});

test('a team said twice is said once, the first wins', () => {
  assert.deepEqual(read('teams', ['red', 'blue', 'red']).value, ['red', 'blue']);
  assert.deepEqual(read('teams', Array(1000).fill('red')), { value: ['red'], complaints: [] });
});

test('null means back to the default, for every field', () => {
  for (const field of Object.keys(nothingGiven()) as (keyof Given)[]) {
    assert.deepEqual(read(field, null), { value: null, complaints: [] });
  }
});

test('what may be stated is read as it was stated', () => {
  fc.assert(
    fc.property(statements, (statement) => {
      for (const [field, said] of Object.entries(statement) as [keyof Given, JsonValue | undefined][]) {
        if (said !== undefined) assert.deepEqual(read(field, said), { value: said, complaints: [] });
      }
    }),
  );
});

test('an id is 1 to 255 letters, digits, or any of @ _ -', () => {
  for (const good of ['a', '@', '_', '-', '0', 'Ann_B-c@d', 'x'.repeat(255), 'constructor', 'toString', 'proto']) {
    assert.ok(isUserId(good), good);
  }
  const bad = [
    '',
    'x'.repeat(256),
    'a b',
    'a.b',
    'é',
    'a\n',
    '\na',
    'a/b',
    '__proto__',
    '!',
    'ａ',
    5,
    null,
    undefined,
    ['a'],
  ];
  for (const id of bad) assert.ok(!isUserId(id), String(id));
});
