import type { AppId } from '@rollcall/domain/app';
import { readerOf, subjectOf } from '@rollcall/domain/field-value';
import type { WordsField } from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';
import { words } from '@rollcall/domain/words';
import type { Needle } from './plan.ts';

const FIELDS: readonly WordsField[] = ['id', 'name', 'username'];
const FIRST_TAG = 0x80;
const TAGS = 0x110000 - 0x800 - FIRST_TAG;

/**
 * The code point before each word, which keeps apps and fields apart. Past 370,000 apps two may share one: then some are come
 * by who are none of the app's, and passed over.
 */
export function tagOf(app: AppId, field: WordsField): string {
  const number = FIRST_TAG + ((app * FIELDS.length + FIELDS.indexOf(field)) % TAGS);
  return String.fromCodePoint(number < 0xd800 ? number : number + 0x800);
}

/** What to look for, in the language of FTS5: quoted beginnings of tokens. A word is letters, marks and numbers, so no quote. */
export function matchOf(app: AppId, needles: readonly Needle[]): string {
  return needles.map(({ field, word }) => `"${tagOf(app, field)}${word}" *`).join(' AND ');
}

/** What tokens must have in them, where each has a space before it. */
export function beginningsOf(app: AppId, needles: readonly Needle[]): readonly string[] {
  return needles.map(({ field, word }) => ` ${tagOf(app, field)}${word}`);
}

const USERNAME = readerOf({ path: ['username'] });

/** The username, which is a custom field. Custom data is parsed only when it may hold one. */
function usernameOf(user: User): string | undefined {
  // A quote before it would make the search slow: there are so many.
  if (!user.custom.includes('username":')) return undefined;
  const username = USERNAME(subjectOf(user));
  return typeof username === 'string' ? username : undefined;
}

/** The texts of a user by whose words it is found, in the order of the fields. */
export type Texts = readonly (string | undefined)[];

const NO_TEXTS: Texts = [];

/** What of a user is found by words; a deleted user is not. */
export function textsOf(user: User): Texts {
  return user.deletedAt === undefined ? [user.id, user.name, usernameOf(user)] : NO_TEXTS;
}

/** Says whether the same words are in some texts. */
export function sameTexts(a: Texts, b: Texts): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

/** The words of some texts, each with its field and what is put before it. */
export function* taggedWords(
  app: AppId,
  texts: Texts,
): Generator<{ readonly field: WordsField; readonly tag: string; readonly word: string }> {
  for (const [at, text] of texts.entries()) {
    const field = FIELDS[at];
    if (text === undefined || field === undefined) continue;
    const tag = tagOf(app, field);
    for (const word of words(text)) yield { field, tag, word };
  }
}

/** All tokens of some texts, a space before each. */
export function tokensIn(app: AppId, texts: Texts): string {
  let tokens = '';
  for (const { tag, word } of taggedWords(app, texts)) tokens += ` ${tag}${word}`;
  return tokens;
}

/** All tokens of a user. */
export const tokensOf = (app: AppId, user: User): string => tokensIn(app, textsOf(user));
