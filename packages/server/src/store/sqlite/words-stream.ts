import type { AppId } from '@rollcall/domain/app';
import type { WordsField } from '@rollcall/domain/filter';
import { words } from '@rollcall/domain/words';
import type { Needle } from '../plan.ts';
import { matchOf } from '../words-tokens.ts';
import { type Statements, sql } from './sql.ts';
import { endOf, ORDER, type Stream, seqOf, startOf } from './stream.ts';

const FIRST_WIDTH = 300_000;
const LEAST_WIDTH = 100_000;
const QUICK_MS = 4;
const SLOW_MS = 10;

/**
 * The users who have some words, looked for in stretches of seqs: two common words that few have together would otherwise be
 * looked for to the end in one statement, which nothing can interrupt. Each stretch costs a millisecond or two before it
 * begins, so that they are long.
 */
export function wordsStream(statements: Statements, app: AppId, needles: readonly Needle[], direction: 1 | -1): Stream {
  // The longest tells most, and is worth a sample; of the other long ones the beginning will do.
  const lookedUp = needles.map((needle, at) => (at === 0 ? lookUp(statements, app, needle) : beginningOf(needle)));
  const match = matchOf(app, lookedUp);
  const last = Number(statements.first(sql('SELECT max(seq) FROM user'))?.[0] ?? 0);
  const text = matching(direction);
  // Who has a long word is collected anew for each stretch: they are few, so one is enough.
  let width = lookedUp.some(({ word }) => isLong(word)) ? last + 1 : FIRST_WIDTH;
  return (from, size) => {
    const near = direction === 1 ? from + 1 : Math.min(from - 1, last);
    const far = near + (width - 1) * direction;
    const startedAt = performance.now();
    const seqs = statements.all(sql(text, match, Math.min(near, far), Math.max(near, far), size)).map(seqOf);
    const ms = performance.now() - startedAt;
    if (ms > SLOW_MS) width = Math.max(LEAST_WIDTH, Math.floor(width / 2));
    else if (ms < QUICK_MS) width *= 4;
    if (seqs.length >= size) return { seqs, reached: seqs.at(-1) ?? far };
    return { seqs, reached: far <= 1 || far >= last ? endOf(direction) : far };
  };
}

const matching = (direction: 1 | -1): string => `SELECT rowid FROM user_words
  WHERE user_words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid ${ORDER[direction]} LIMIT ? + 0`;

/** Beginnings of words up to this length have lists of their own, and come one after another. */
const LISTED = 5;
const SAMPLE = 64;
/** So many of a sample are enough to come by who is meant soon. */
const COMMON = 2;

const isLong = (word: string): boolean => word.length > LISTED && Array.from(word).length > LISTED;

const beginningOf = (needle: Needle): Needle =>
  isLong(needle.word) ? { ...needle, word: Array.from(needle.word).slice(0, LISTED).join('') } : needle;

/**
 * What to look up for a word. All who have a long one would be collected before the first is known: well for few, slow for
 * many. Whether they are many among those who have its beginning is seen in a sample; if so, the beginning is looked up, and
 * the rest left to `matches`.
 */
function lookUp(statements: Statements, app: AppId, needle: Needle): Needle {
  if (!isLong(needle.word)) return needle;
  const beginning = beginningOf(needle);
  const found = statements.all(sql(matching(-1), matchOf(app, [beginning]), 0, startOf(-1), SAMPLE)).map(seqOf);
  if (found.length < SAMPLE) return beginning;
  const text = `SELECT ${TEXT_OF[needle.field]} FROM json_each(?) s CROSS JOIN user u ON u.seq = s.value`;
  let common = 0;
  for (const [value] of statements.all(sql(text, JSON.stringify(found)))) {
    if (typeof value === 'string' && words(value).some((word) => word.startsWith(needle.word))) common += 1;
    if (common >= COMMON) return beginning;
  }
  return needle;
}

const TEXT_OF: Readonly<Record<WordsField, string>> = {
  id: 'u.id',
  name: 'u.name',
  // A number of more than 53 bits cannot be read.
  username: `CASE json_type(u.custom, '$.username') WHEN 'text' THEN json_extract(u.custom, '$.username') END`,
};
