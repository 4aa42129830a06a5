import type { Case, Group } from './case.ts';
import { BY_ID, finds, foundLetters, OURS, type People, refusedFilter, table } from './find.ts';
import { found, query } from './steps.ts';

const PEOPLE: People = {
  a: { name: 'John Ronald Tolkien', username: 'jrr_tolkien' },
  b: { name: 'Johanna van der Berg', username: 'Jo.Berg' },
  c: { name: "Miles O'Brien-Smith" },
  d: { name: 'ron', username: 'x' },
  e: { username: ['john'] },
  f: {},
};

const search = (needle: string) => ({ name: { $autocomplete: needle } });

const words: readonly Case[] = [
  ...table(PEOPLE, [
    [search('john'), 'a'],
    [search('joh'), 'ab'],
    [search('j'), 'ab'],
    [search('ron'), 'ad'],
    [search('tolkien john'), 'a'],
    [search('to jo'), 'a'],
    [search('jo jo'), 'ab'],
    [search('john berg'), ''],
    [search('ohn'), ''],
    [search('johnx'), ''],
    [search('van der'), 'b'],
    [search('brien'), 'c'],
    [search("o'b"), 'c'],
    [search('smith'), 'c'],
    [search('  JOHN,  (tolkien)!  '), 'a'],
    [{ name: { $q: 'joh' } }, 'ab'],
    [{ username: { $autocomplete: 'tolk' } }, 'a'],
    [{ username: { $q: 'berg' } }, 'b'],
    [{ username: { $autocomplete: 'john' } }, ''],
    [{ $and: [search('jo'), { username: { $autocomplete: 'jo' } }] }, 'b'],
    [{ $or: [search('miles'), search('ron')] }, 'acd'],
    [{ $nor: [search('jo')] }, 'cdef'],
    [{ ...search('jo'), id: { $gt: 'a~' } }, 'b'],
    [search('-'), ''],
    [search(' '), ''],
    [search('?!…'), ''],
    [search('❤️'), ''],
  ]),
  {
    ...finds({ Ann_Lee: {}, 'bob-lee': {}, lea: {} }, 'finds an id by its words', { id: { $autocomplete: 'lee' } }, ''),
    expect: found('Ann_Lee~', 'bob-lee~'),
  },
  finds(
    { a: { name: 'x'.repeat(40) }, b: { name: 'x'.repeat(31) } },
    'words count up to 32 characters',
    search('x'.repeat(36)),
    'a',
  ),
  {
    ...finds(PEOPLE, 'sorts and cuts what it finds', {}, ''),
    ...query({
      filter_conditions: { ...OURS, ...search('jo') },
      sort: [{ field: 'name', direction: -1 }],
      limit: 1,
    }),
    expect: { ...foundLetters('a'), answer: { next: /^.+$/ } },
  },
  ...['id', 'name', 'username'].flatMap((field) => [
    refusedFilter({ [field]: { $autocomplete: '' } }, `field "${field}" with "$autocomplete"`),
    refusedFilter({ [field]: { $q: '' } }, `field "${field}" with "$q"`),
    ...[5, null, ['a'], {}, true].map((needle) =>
      refusedFilter({ [field]: { $autocomplete: needle } }, `field "${field}" expects type string`),
    ),
  ]),
];

/** For every script a name, beginnings that find it, and what does not. */
const SCRIPTS: readonly (readonly [script: string, name: string, found: readonly string[], not: readonly string[]])[] =
  [
    ['Latin', 'José Ángel Muñoz', ['jose', 'JOSÉ', 'angel mu', 'munoz', 'Jose\u0301'], ['osé', 'ñoz']],
    ['Latin, further letters', 'Łukasz Øystein Đorđević', ['lukasz', 'oyst', 'dord', 'ŁUK', 'đorđ'], ['ukasz']],
    ['Latin, ligatures', 'Straße Ærø Œuvre', ['strasse', 'STRASSE', 'straß', 'aero', 'oeuvre'], ['trasse']],
    ['Latin, Turkish', 'Işık İstanbul Çağrı', ['isik', 'istanbul', 'ISTANBUL', 'cagri'], ['tanbul']],
    ['Latin, Vietnamese', 'Nguyễn Văn Đức', ['nguyen', 'van duc', 'Nguyê'], ['guyen']],
    ['Latin, full width', 'ＡＮＮ Ｌｅｅ', ['ann', 'lee', 'ａｎ'], ['nn']],
    ['Greek', 'Γιώργος Παπαδόπουλος', ['γιωργος', 'ΓΙΩΡΓΟΣ', 'Παπα', 'γιώ παπ'], ['ργος']],
    ['Cyrillic', 'Алексей Ёлкин', ['алексей', 'АЛЕКС', 'елкин', 'ёлк але'], ['ексей']],
    ['Armenian', 'Արամ Խաչատրյան', ['արամ', 'ԽԱՉ'], ['րամ']],
    ['Georgian', 'შოთა რუსთაველი', ['შოთა', 'რუს შო'], ['ოთა']],
    ['Hebrew', 'שָׁלוֹם עליכם', ['שלום', 'שָׁלוֹם', 'עלי'], ['לום']],
    ['Arabic', 'مُحَمَّد علي', ['محمد', 'مُحَمَّد', 'علي مح'], ['حمد']],
    ['Devanagari', 'हरिवंश राय', ['हरि', 'राय', 'हरिवंश'], ['वंश']],
    ['Bengali', 'রবীন্দ্রনাথ ঠাকুর', ['রবী', 'ঠাকুর'], ['নাথ']],
    ['Tamil', 'சுப்பிரமணிய பாரதி', ['சுப்', 'பாரதி'], ['ரதி']],
    ['Thai', 'สมชาย ใจดี', ['สมชาย', 'สม', 'ชาย', 'ใจดี', 'ดี'], ['ยส']],
    ['Han', '王小明', ['王', '小', '小明', '王小明', '明'], ['王明', '明小']],
    ['Hiragana', 'やまだ はなこ', ['やま', 'まだ', 'だ', 'なこ はな'], ['やだ']],
    ['Katakana', 'ガルシア', ['ガル', 'カル', 'ルシ', 'ｶﾞﾙ'], ['ガシ']],
    ['Han and Kana', '山田たろう', ['山田', '田た', 'たろ', 'ろう'], ['山た']],
    ['Hangul', '김철수 박', ['김', '김철', '박', '김철수'], ['철수']],
    ['Ethiopic', 'አበበ ቢቂላ', ['አበ', 'ቢቂላ'], ['በበ']],
    ['digits', 'Agent 007 ٣٤', ['007', '00', 'agent 0', '٣'], ['07']],
    ['astral letters', '𐐀𐐁𐐂 𝔘nicode', ['𐐀𐐁', '𐐨', 'unicode'], ['𐐁']],
  ];

const scripts: readonly Case[] = SCRIPTS.flatMap(([script, name, found, not]): Case[] => [
  ...found.map((needle) =>
    finds({ a: { name }, b: { name: 'Zoe' } }, `${script}: ${needle} finds ${name}`, search(needle), 'a'),
  ),
  ...not.map((needle) => finds({ a: { name } }, `${script}: ${needle} does not find ${name}`, search(needle), '')),
]);

const unseen: readonly Case[] = [
  finds({ a: { name: 'Zo\u200be\u00ad Lee' } }, 'what is not seen does not count', search('zoe'), 'a'),
  finds({ a: { name: 'Zoe Lee' } }, 'what is not seen in the needle does not count', search('z\u200bo\u2060e'), 'a'),
  finds({ a: { name: 'Ann\u00a0Lee\u3000Kim' } }, 'any white space parts words', search('lee kim'), 'a'),
  {
    ...finds(
      { a: { name: 'a '.repeat(500) }, b: { name: '王'.repeat(800) } },
      'a long name is found by its beginning',
      {},
      '',
    ),
    ...query({ filter_conditions: { ...OURS, $or: [search('a'), search('王王王')] }, sort: BY_ID }),
    expect: foundLetters('ab'),
  },
];

/** Section 8: search by words. */
export const queryWordsGroups: readonly Group[] = [
  ['query.autocomplete', words],
  ['query.scripts', [...scripts, ...unseen]],
];
