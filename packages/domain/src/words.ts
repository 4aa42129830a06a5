import { foldText } from './username.ts';

/** The longest word, in code points: of what is longer only the beginning can be found. */
export const WORD_CODE_POINTS = 32;
/** How many different words of a field can be found. A name has a few; what has more is no name. */
export const WORDS_OF_A_FIELD = 64;
/** How much of a text is looked at, in UTF-16 units. */
export const WORDS_UNITS = 1024;

/** Most names and ids are plain ASCII, for which the whole rule is one lower-casing. */
const PLAIN = /^[A-Za-z0-9 ._@'-]*$/;
const PLAIN_RUN = /[a-z0-9]+/g;

const UNSEEN = /[\p{Diacritic}\p{Default_Ignorable_Code_Point}]/gu;
const LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ħ: 'h',
  ı: 'i',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
};
const SPECIAL = /[łøđħıæœß]/g;
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts that write no spaces: a word begins at each of their characters, and after them. A mark belongs to its letter. */
const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const MARK = /\p{M}/u;

/**
 * The words of a text, by which it is found (wire.md, section 8): blind to case and accents, in every script, each cut to
 * 32 code points. The first 64 count, each said once: every store keeps, and `matches` looks at, these only.
 */
export function words(text: string): readonly string[] {
  return collect(text, wordsOfRun);
}

/**
 * The words of what somebody looks for. Those that are found wherever another one is are left out: who finds `小明` finds
 * `明`.
 */
export function needleWords(text: string): readonly string[] {
  return collect(text, needleWordsOfRun);
}

function collect(text: string, wordsOf: (run: string) => Iterable<string>): readonly string[] {
  const short = text.length <= WORDS_UNITS ? text : text.slice(0, WORDS_UNITS).toWellFormed();
  if (PLAIN.test(short)) return plainWords(short);
  const seen = short.normalize('NFKD').replace(UNSEEN, '');
  const plain = foldText(seen).replace(SPECIAL, (letter) => LETTERS[letter] ?? letter);
  const found: string[] = [];
  for (const [run] of plain.normalize('NFC').matchAll(RUN)) {
    for (const word of wordsOf(run)) if (found.push(word) === WORDS_OF_A_FIELD) return firstOf(found);
  }
  return firstOf(found);
}

function plainWords(text: string): readonly string[] {
  const runs = text.toLowerCase().match(PLAIN_RUN) ?? [];
  return firstOf(text.length <= WORD_CODE_POINTS ? runs : runs.map((run) => run.slice(0, WORD_CODE_POINTS)));
}

/** The words that count, each once. They are few: a look through them costs less than a set of them. */
function firstOf(found: readonly string[]): readonly string[] {
  const different: string[] = [];
  for (const word of found.slice(0, WORDS_OF_A_FIELD)) if (!different.includes(word)) different.push(word);
  return different;
}

function* wordsOfRun(run: string): Generator<string> {
  if (run.length <= WORD_CODE_POINTS && !SPACELESS.test(run)) {
    yield run;
    return;
  }
  const characters = Array.from(run);
  for (const start of startsOf(characters)) yield wordAt(characters, start);
}

/** As `wordsOfRun`, but no further than the first word that reaches the end: whoever has that has the rest of it too. */
function* needleWordsOfRun(run: string): Generator<string> {
  const characters = Array.from(run);
  for (const start of startsOf(characters)) {
    yield wordAt(characters, start);
    if (start + WORD_CODE_POINTS >= characters.length) return;
  }
}

const wordAt = (characters: readonly string[], start: number): string =>
  characters.slice(start, start + WORD_CODE_POINTS).join('');

/** Where in a run words begin. */
function* startsOf(characters: readonly string[]): Generator<number> {
  let afterSpaceless = false;
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const spaceless = SPACELESS.test(character);
    const isMark = MARK.test(character);
    if (at === 0 || ((spaceless || afterSpaceless) && !isMark)) yield at;
    afterSpaceless = spaceless || (afterSpaceless && isMark);
  }
}
