declare const nameKeyBrand: unique symbol;

/**
 * The folded form of a name, by which uniqueness compares. Only `nameKey` makes one.
 * The empty key belongs to names without any comparable character, and never clashes.
 */
export type NameKey = string & { readonly [nameKeyBrand]: true };

/** The longest key, in code points. */
export const NAME_KEY_CODE_POINTS = 128;

/** Most names of the world's user bases are plain ASCII words, for which the whole rule is one lower-casing. */
const PLAIN = /^[A-Za-z0-9 ._-]*$/;
const NOT_PLAIN_KEY = /[^A-Za-z0-9]+/g;

/**
 * The key of a name (wire.md, section 6): "John Doe", "john.doe" and "ＪＯＨＮ ＤＯＥ" have one key. It depends on no locale
 * and is its own key. At most 128 code points long.
 */
export function nameKey(name: string): NameKey {
  if (PLAIN.test(name)) {
    const key = name.replace(NOT_PLAIN_KEY, '');
    // A plain name of punctuation only keeps it: the rare case is left to the whole rule.
    if (key !== '') return key.slice(0, NAME_KEY_CODE_POINTS).toLowerCase() as NameKey; // the one place that makes keys
  }
  return wholeKey(name) as NameKey; // the one place that makes keys
}

function wholeKey(name: string): string {
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  const folded = foldText(visible).normalize('NFKC');
  const comparable = /[\p{L}\p{N}]/u.test(folded)
    ? folded.replace(/[^\p{L}\p{M}\p{N}]/gu, '')
    : folded.replace(/\p{White_Space}/gu, '');
  return firstCodePoints(comparable.normalize('NFKC'), NAME_KEY_CODE_POINTS);
}

/**
 * Folds the case of a text, whatever the locale: lower, upper, lower; ς is σ, ß is ss. It is what folding each code point by
 * itself gives (a final Σ is the one letter whose lower case depends on its place), at the speed of the engine's own.
 */
export function foldText(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

function firstCodePoints(text: string, count: number): string {
  return text.length <= count ? text : Array.from(text).slice(0, count).join('');
}
