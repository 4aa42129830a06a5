/** Chances that always fall the same way for the same seed. */
export interface Random {
  /** A whole number from 0 up to, but not including, `end`. */
  readonly below: (end: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** True this often out of a hundred times. */
  readonly percent: (share: number) => boolean;
  /** This many letters out of an alphabet. */
  readonly letters: (count: number, alphabet: string) => string;
  readonly shuffle: <T>(items: readonly T[]) => T[];
}

/** The generator mulberry32 (Tommy Ettinger, public domain): one 32-bit state, numbers in [0, 1). Not for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts a row of chances. */
export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const below = (end: number): number => Math.floor(next() * end);
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('there is nothing to pick from');
    return items[below(items.length)] as T; // in range, as the line above has seen
  };
  return {
    below,
    pick,
    percent: (share) => next() * 100 < share,
    letters: (count, alphabet) => Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join(''),
    shuffle: (items) => {
      const left = [...items];
      return items.flatMap(() => left.splice(below(left.length), 1));
    },
  };
}
