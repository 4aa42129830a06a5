import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { names } from '../../../examples/people.ts';
import { character, text } from './arbitrary.test.ts';
import { needleWords, WORD_CODE_POINTS, WORDS_OF_A_FIELD, words } from './words.ts';

/** Two of the people are called by emoji only. */
const known = names().filter((name) => /[\p{L}\p{N}]/u.test(name));

/** Whether somebody with this name is found by this needle. */
const finds = (needle: string, name: string): boolean => begins(needleWords(needle), words(name));

const begins = (starts: readonly string[], whole: readonly string[]): boolean =>
  starts.length > 0 && starts.every((start) => whole.some((word) => word.startsWith(start)));

const table: readonly (readonly [text: string, words: string])[] = [
  ['John Doe', 'john doe'],
  ['  JOHN--doe.42 ', 'john doe 42'],
  ['user_1@example-app', 'user 1 example app'],
  ["Anne-Marie O'Neil", 'anne marie o neil'],
  ['dup Dup DUP', 'dup'],
  ['a^b`c', 'abc'],
  ['José García-Ñandú', 'jose garcia nandu'],
  ['Jose\u0301 ＧＡＲＣＩＡ', 'jose garcia'],
  ['Łukasz Øre Đorđe Ħal ÆON Œuvre', 'lukasz ore dorde hal aeon oeuvre'],
  ['Straße STRASSE ẞ', 'strasse ss'],
  ['İstanbul ıI', 'istanbul ii'],
  ['Ǽ', 'ae'],
  ['John\u200b\u00adDoe', 'johndoe'],
  ['Νίκος ΝΊΚΟΣ', 'νικοσ'],
  ['Пётр Йосип', 'петр иосип'],
  ['Հայկ', 'հայկ'],
  ['ნინო', 'ნინო'],
  ['דָּוִד', 'דוד'],
  ['مُحَمَّد علي', 'محمد علي'],
  ['अमित शर्मा', 'अमित शरमा'],
  ['김민수', '김민수'],
  ['王小明', '王小明 小明 明'],
  ['コーヒー', 'コヒ ヒ'],
  ['ｶﾞｶﾞ', 'カカ カ'],
  ['ひらがな', 'ひらかな らかな かな な'],
  ['ดวงใจ', 'ดวงใจ วงใจ งใจ ใจ จ'],
  ['กิน', 'กิน น'],
  ['abc王小x3', 'abc王小x3 王小x3 小x3 x3'],
  ['第3回', '第3回 3回 回'],
  ['…!?', ''],
  ['\u{1f600}', ''],
  ['', ''],
];

test('a text is taken apart into its words, without case and accents', () => {
  for (const [whole, expected] of table) assert.equal(words(whole).join(' '), expected, whole);
});

test('a person is found by the beginnings of its names, in any order, whatever the script', () => {
  const found: readonly (readonly [needle: string, name: string])[] = [
    ['jo', 'John Doe'],
    ['doe jo', 'John Doe'],
    ['GARC', 'José García'],
    ['łuk', 'Lukasz'],
    ['lodz', 'Łódź'],
    ['nguyen', 'Nguyễn Văn'],
    ['νικ', 'ΝΊΚΟΣ'],
    ['петр', 'Пётр'],
    ['محمد', 'مُحَمَّد'],
    ['小明', '王小明'],
    ['明 王', '王小明'],
    ['ใจ', 'ดวงใจ'],
    ['カ', 'ｶﾞｶﾞ'],
    ['민', '김 민수'],
    ['3回', '第3回'],
    ['शर्मा', 'अमित शर्मा'],
  ];
  for (const [needle, name] of found) assert.ok(finds(needle, name), `${needle} in ${name}`);
  const missed: readonly (readonly [needle: string, name: string])[] = [
    ['oe', 'John Doe'],
    ['john x', 'John Doe'],
    ['johndoe', 'John Doe'],
    ['明小', '王小明'],
    ['', 'John Doe'],
    ['…', 'John … Doe'],
  ];
  for (const [needle, name] of missed) assert.ok(!finds(needle, name), `${needle} in ${name}`);
});

test('everybody of the examples is found by the name, its words and their beginnings, shouted or whispered', () => {
  assert.ok(known.length > 4000);
  for (const name of known) {
    const all = words(name);
    assert.ok(all.length > 0 && all.length < WORDS_OF_A_FIELD, name);
    for (const needle of [name, name.toUpperCase(), name.toLowerCase(), name.normalize('NFD'), all.join(' ')])
      assert.ok(finds(needle, name), needle);
    assert.deepEqual(words(name.toUpperCase()), all);
    assert.deepEqual(words(name.normalize('NFD')), all);
    for (const word of all) {
      const points = Array.from(word);
      for (let end = 1; end <= points.length; end++) assert.ok(finds(points.slice(0, end).join(''), name), name);
    }
  }
});

/** Text of scripts with and without spaces, marks and digits among them. */
const mixed = fc.string({
  unit: fc.constantFrom(...'aZ9 -éßŁ\u0301ıİΣς', ...'王小明のーガกิ์นद्धে한ㅎ', '\u{20000}', '\u{1f600}', '\u200d'),
  maxLength: 30,
});
const anyText = fc.oneof(mixed, text, fc.string({ unit: character, maxLength: 20 }));

test('words are their own words', () => {
  fc.assert(
    fc.property(anyText, (whole) => {
      const all = words(whole);
      for (const word of all) {
        const [first] = words(word);
        assert.equal(first, word);
        assert.ok(begins(words(word), all));
        assert.match(word, /^[\p{L}\p{M}\p{N}]{1,32}$/u);
      }
      assert.equal(new Set(all).size, all.length);
    }),
    { numRuns: 3000 },
  );
});

test('what is left out of a needle changes nothing', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.nat(40), fc.nat(40), (name, other, from, length) => {
      const part = Array.from(name)
        .slice(from, from + length)
        .join('');
      for (const needle of [part, other, `${part} ${other}`])
        assert.equal(begins(needleWords(needle), words(name)), begins(words(needle), words(name)));
    }),
    { numRuns: 3000 },
  );
});

test('case is nothing to words', () => {
  fc.assert(
    fc.property(mixed, (whole) => {
      assert.deepEqual(words(whole.toUpperCase()), words(whole));
      assert.deepEqual(words(whole.toLowerCase()), words(whole));
    }),
    { numRuns: 1000 },
  );
});

test('of a long word the beginning can be found', () => {
  assert.deepEqual(words('a'.repeat(40)), ['a'.repeat(WORD_CODE_POINTS)]);
  assert.deepEqual(words('ж'.repeat(40)), ['ж'.repeat(WORD_CODE_POINTS)]);
  assert.deepEqual(words('\u{10400}'.repeat(40)), ['\u{10428}'.repeat(WORD_CODE_POINTS)]);
  assert.ok(finds('a'.repeat(50), 'a'.repeat(40)));
});

test('of a text without end the first words count', () => {
  const many = Array.from({ length: 3000 }, (_, at) => `w${at}`);
  assert.deepEqual(words(many.join(' ')), many.slice(0, WORDS_OF_A_FIELD));
  assert.deepEqual(words(many.map((word) => `é${word}`).join(' ')).length, WORDS_OF_A_FIELD);
  assert.ok(words('王小明'.repeat(600)).length <= WORDS_OF_A_FIELD);
  assert.equal(needleWords('王小明李'.repeat(8)).length, 1);
});

test('no text takes long, and a plain name takes no time', () => {
  const hostile = [
    '\ufdfa'.repeat(1700),
    '王'.repeat(1700),
    'a '.repeat(2500),
    'é '.repeat(1700),
    '\u0301'.repeat(2500),
  ];
  for (const whole of hostile) {
    const began = performance.now();
    words(whole);
    needleWords(whole);
    const took = performance.now() - began;
    assert.ok(took < 50, `${whole.slice(0, 4)} took ${took.toFixed(1)} ms`);
  }
  const began = performance.now();
  for (let turn = 0; turn < 20_000; turn++) words('John Doe');
  const took = performance.now() - began;
  assert.ok(took < 200, `20,000 plain names took ${took.toFixed()} ms`);
});
