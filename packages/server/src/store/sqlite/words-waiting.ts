import type { AppId } from '@rollcall/domain/app';
import type { Needle } from '../plan.ts';
import { beginningsOf } from '../words-tokens.ts';
import { endOf, type Stream } from './stream.ts';

/** A user whose words are not yet in their index as they are now. */
export interface Waiting {
  readonly seq: number;
  /** Made when it was written, and not by the first query that looks: that would have those of thousands to make. */
  readonly tokens: string;
}

/** So many are looked at in a step. */
const LOOKED_AT = 6000;

/**
 * Those of some waiting users, given in the order of seq, who have all of some words. They stay those who waited when it was
 * opened: who is taken in meanwhile might be taken in where the index was looked into before.
 */
export function waitingStream(
  waiting: readonly Waiting[],
  app: AppId,
  needles: readonly Needle[],
  direction: 1 | -1,
): Stream {
  const beginnings = beginningsOf(app, needles);
  return (from, size) => {
    const seqs: number[] = [];
    let reached = from;
    let at = direction === 1 ? firstNotBelow(waiting, from + 1) : firstNotBelow(waiting, from) - 1;
    for (let looked = 0; looked < LOOKED_AT && seqs.length < size; looked += 1) {
      const one = waiting[at];
      if (!one) return { seqs, reached: endOf(direction) };
      if (beginnings.every((beginning) => one.tokens.includes(beginning))) seqs.push(one.seq);
      reached = one.seq;
      at += direction;
    }
    return { seqs, reached };
  };
}

/** The first place in a list of users, in the order of seq, from where on they are not below one. */
function firstNotBelow(waiting: readonly Waiting[], seq: number): number {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((waiting[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
