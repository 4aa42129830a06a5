import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { character, text } from './arbitrary.test.ts';
import { foldText, NAME_KEY_CODE_POINTS, nameKey } from './username.ts';

/** Strings in which the rule has something to do: case, marks, compatibility forms, invisible characters. */
const tricky = fc.string({
  unit: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constantFrom(...'aAßẞςσΣſKÅıİiI\u0307\u0345\u0301\u0323\u200b\u00ad\ufe0f ._-ﬃﷺ½①ǅŉΐαᾳ가ㄱᄀ'),
    },
    { weight: 1, arbitrary: character },
  ),
  maxLength: 24,
});
const long = fc.string({ unit: character, minLength: 129, maxLength: 300 });
const name = fc.oneof(text, tricky, fc.string({ unit: character }), long);

const codePoints = (key: string): number => Array.from(key).length;

/** An invisible character says nothing, but keeps a name from being plain: the whole rule is used. */
const HIDDEN = '\u200b';

test('a name key is its own key', () => {
  fc.assert(
    fc.property(name, (drawn) => assert.equal(nameKey(nameKey(drawn)), nameKey(drawn))),
    { numRuns: 2000 },
  );
});

test('a name key has at most 128 code points, however long the name', () => {
  assert.equal(NAME_KEY_CODE_POINTS, 128);
  fc.assert(
    fc.property(long, (drawn) => assert.ok(codePoints(nameKey(drawn)) <= 128 && nameKey(drawn).isWellFormed())),
    { numRuns: 300 },
  );
  for (const unit of ['a', 'é', '\u{10400}', '\u{1d54f}', '\u{1f600}', 'ﷺ']) {
    assert.equal(codePoints(nameKey(unit.repeat(200))), 128, unit);
    assert.equal(nameKey(unit.repeat(200)), nameKey(unit.repeat(300)), unit);
  }
  assert.notEqual(nameKey(`${'a'.repeat(127)}b`), nameKey(`${'a'.repeat(127)}c`));
  assert.equal(nameKey(`${'a'.repeat(128)}b`), nameKey(`${'a'.repeat(128)}c`));
});

test('a plain name has the key that the whole rule gives it', () => {
  const plain = fc.string({ unit: fc.constantFrom(...'abcxyzABCIKSXYZ0189 ._-'), maxLength: 300 });
  fc.assert(
    fc.property(plain, (drawn) => assert.equal(nameKey(drawn), nameKey(HIDDEN + drawn))),
    { numRuns: 1000 },
  );
  for (const drawn of [
    '',
    ' ',
    '.',
    '-_.',
    '. .',
    'A',
    ' a ',
    '0',
    'x'.repeat(127),
    'x'.repeat(128),
    'X'.repeat(129),
  ]) {
    assert.equal(nameKey(drawn), nameKey(HIDDEN + drawn), drawn);
  }
  for (let code = 0; code < 128; code++) {
    const one = String.fromCharCode(code);
    assert.equal(nameKey(one), nameKey(HIDDEN + one), `U+${code.toString(16)}`);
    assert.equal(nameKey(`a${one}b`), nameKey(`${HIDDEN}a${one}b`), `U+${code.toString(16)}`);
  }
});

const equal: readonly (readonly string[])[] = [
  [
    'John Doe',
    'john doe',
    'john.doe',
    'JOHN-DOE',
    'ＪＯＨＮ ＤＯＥ',
    'John\u200b Doe',
    'John\u00a0Doe',
    'johndoe',
    ' John  Doe!',
  ],
  ['STRASSE', 'Straße', 'STRAẞE', 'strasse'],
  ['Jöhn', 'JÖHN', 'Jo\u0308hn', 'jö.hn'],
  ['ΟΔΥΣΣΕΥΣ', 'Οδυσσευς', 'οδυσσευσ'],
  ['ﬃ', 'FFI', 'ffi'],
  ['K', 'k', '\u212a', '\u{1d40a}'],
  ['ſam', 'Sam', 'sam'],
  ['I', 'i', 'ı'],
  ['①', '1', '１', '¹'],
  ['Ａ\u00adB', 'ab', 'a\ufe0fb', 'a\u{e0100}b', 'a\u2060b'],
  ['❤️', '❤', '❤ '],
  ['🙂🙂', '🙂 🙂', '🙂\u200d🙂'],
  ['♥ Ann ♥', 'Ann', 'ann'],
  ['가', '\u1100\u1161'],
];

test('spellings of one name have one key', () => {
  for (const [first = '', ...others] of equal) {
    assert.notEqual(nameKey(first), '', first);
    for (const other of others) assert.equal(nameKey(other), nameKey(first), `${other} and ${first}`);
  }
});

test('different names have different keys', () => {
  const firsts = [
    ...equal.map(([first = '']) => first),
    '☀️',
    'John',
    'Johnn',
    'Иван',
    'Jóhn',
    '一',
    '二',
    '٣',
    '.',
    '..',
    '!',
  ];
  assert.equal(new Set(firsts.map(nameKey)).size, firsts.length);
});

test('a name of nothing that can be compared has no key', () => {
  for (const nothing of ['', ' ', '\t\n', '\u200b', '\u00ad\u2060\ufeff', '\ufe0f', ' \u3000\u00a0']) {
    assert.equal(nameKey(nothing), '', JSON.stringify(nothing));
  }
});

test('punctuation counts only where there is no letter and no number', () => {
  assert.equal(nameKey('. - .'), '.-.');
  assert.equal(nameKey('_a_'), 'a');
  assert.equal(nameKey('-1-'), '1');
});

test('upper and lower case of any character are one', () => {
  const letter = fc.integer({ min: 0xc0, max: 0x2fff }).map((code) => String.fromCodePoint(code));
  fc.assert(
    fc.property(fc.oneof(character, letter), (one) => {
      assert.equal(nameKey(one.toUpperCase()), nameKey(one));
      assert.equal(nameKey(one.toLowerCase()), nameKey(one));
    }),
    { numRuns: 3000 },
  );
});

test('a name of nothing but white space has no key, whatever white space that is', () => {
  for (const space of '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2028\u2029\u202f\u205f\u3000\ufeff')
    assert.equal(nameKey(space), '');
});

test('white space and invisible characters never make a difference', () => {
  const nothing = fc.constantFrom('\u200b', '\u00ad', '\u2060', '\ufeff', ' ', '\t', '\u3000');
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'É', '一', '9', 'ß')), nothing, (letters, gap) => {
      assert.equal(nameKey(letters.join(gap)), nameKey(letters.join('')));
    }),
  );
});

test('folding knows no locale', () => {
  assert.equal(foldText('TITLE İI'), 'title i\u0307i');
  assert.equal(foldText('ΑΣ ας'), 'ασ ασ');
  assert.equal(foldText('ẞß'), 'ssss');
});
