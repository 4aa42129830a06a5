import { words } from '@rollcall/domain/words';
import { personAt } from './people.ts';

/** What people type when they look for somebody, by how many it finds. */
export interface Needles {
  /** Beginnings that very many names have. */
  readonly common: readonly string[];
  /** Words that the fewest have, about one of 5,000. */
  readonly rare: readonly string[];
  /** Two beginnings of one name, as somebody types who looks for that person. */
  readonly twoOfOne: readonly string[];
  /** Two beginnings that very many names have, but few or none together. */
  readonly twoCommon: readonly string[];
}

const SAMPLE = 20_000;
/** So much of two words is typed by somebody who looks for one person. */
const TYPED = 3;
const COMMON = 20;
const RARE = 200;
/** Shorter words are the beginning of too many others. */
const UNMISTAKABLE = 4;
const PAIRS = 500;

const beginning = (word: string, length: number): string => Array.from(word).slice(0, length).join('');

/** Looks at the names of the first users: those of all others are combined out of the same ones. */
export function needles(): Needles {
  const wordCounts = new Map<string, number>();
  const beginnings = new Map<string, number>();
  const twoOfOne: string[] = [];
  for (let index = 0; index < SAMPLE; index += 1) {
    const found = words(personAt(index).name);
    for (const word of found) count(wordCounts, word);
    for (const each of new Set(found.flatMap(beginningsOf))) count(beginnings, each);
    const [first, last] = [found[0], found.at(-1)];
    if (first && last && first !== last && twoOfOne.length < PAIRS) {
      twoOfOne.push(`${beginning(first, TYPED)} ${beginning(last, TYPED)}`);
    }
  }
  const common = mostFrequent(beginnings);
  return { common, rare: leastFrequent(wordCounts), twoOfOne, twoCommon: pairsOf(common) };
}

const beginningsOf = (word: string): string[] => [1, 2].map((length) => beginning(word, length));

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const mostFrequent = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, COMMON)
    .map(([key]) => key);

const leastFrequent = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts]
    .filter(([key]) => Array.from(key).length >= UNMISTAKABLE)
    .sort(([, a], [, b]) => a - b)
    .slice(0, RARE)
    .map(([key]) => key);

function pairsOf(common: readonly string[]): string[] {
  const pairs = common.flatMap((one, at) => common.slice(at + 1).map((other) => [one, other] as const));
  return pairs.filter(([one, other]) => !other.startsWith(one)).map((pair) => pair.join(' '));
}
