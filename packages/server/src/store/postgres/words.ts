import type { AppId } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import type { Needle } from '../plan.ts';
import { sameTexts, taggedWords, tagOf, textsOf } from '../words-tokens.ts';

/** Says whether two states of a user have the same words, without looking for them. */
export const sameWords = (before: User, after: User): boolean => sameTexts(textsOf(before), textsOf(after));

/**
 * First letters in names are tokens of their own, with this mark behind them: very many have each. Two letters are found fast
 * enough by all words that begin so, and every token makes a write dearer.
 */
const LETTER_MARK = '\u0001';

/**
 * The tokens of a user for `array_to_tsvector`: words, each behind the tag of its app and field, and the first letters in
 * names. None holds white space.
 */
export function wordTokens(app: AppId, user: User): readonly string[] {
  const tokens = new Set<string>();
  for (const { field, tag, word } of taggedWords(app, textsOf(user))) {
    tokens.add(tag + word);
    if (field !== 'id') tokens.add(tag + firstLetter(word) + LETTER_MARK);
  }
  return [...tokens];
}

const firstLetter = (word: string): string => String.fromCodePoint(word.codePointAt(0) ?? 0);

/** A `tsquery` over `words` of those who have some words, each by its beginning. A tag or a word holds no quote and no backslash. */
export function wordsQuery(app: AppId, needles: readonly Needle[]): string {
  return needles.map(({ field, word }) => `'${tagOf(app, field)}${word}':*`).join(' & ');
}

const FIRST_BUCKET = 0x10000;
const BUCKETS = 1_000_000;

/** How many users in the order of `seq` share the character that is put before their tokens, as a power of two. */
export const BUCKET_BITS = 16;

/**
 * For each of some buckets a `tsquery` over `bucket_words` of those in it who have all words of any of some lists. In one query
 * for all buckets the index would ask about whoever has any of the words.
 */
export function bucketQueries(
  app: AppId,
  lists: readonly (readonly Needle[])[],
  buckets: readonly number[],
): readonly string[] {
  return buckets.map((bucket) => {
    const character = String.fromCodePoint(FIRST_BUCKET + (bucket % BUCKETS));
    const all = lists.map(
      (needles) => `(${needles.map((needle) => bucketNeedle(app, character, needle)).join(' & ')})`,
    );
    return all.join(' | ');
  });
}

function bucketNeedle(app: AppId, character: string, { field, word }: Needle): string {
  const token = `${character}${tagOf(app, field)}${word}`;
  return field !== 'id' && word === firstLetter(word) ? `'${token}${LETTER_MARK}'` : `'${token}':*`;
}
