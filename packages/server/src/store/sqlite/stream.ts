/** One step on the way through the users of an index. */
export interface Step {
  /** The seqs of users between where the step began, left out, and where it ended, in order. */
  readonly seqs: readonly number[];
  /** Where it ended: nobody between was passed over. `END` in the direction of the stream when nobody is left. */
  readonly reached: number;
}

/** Reads users in the order of their creation, by their seqs, from a place on: about `size` of them. */
export type Stream = (from: number, size: number) => Step;

/** Beyond every seq, in either direction. */
export const endOf = (direction: 1 | -1): number => (direction === 1 ? Number.MAX_SAFE_INTEGER : 0);
/** Before every seq. */
export const startOf = (direction: 1 | -1): number => endOf(direction === 1 ? -1 : 1);

export const seqOf = (row: readonly unknown[]): number => Number(row[0]);

export const BEYOND = { 1: '>', [-1]: '<' } as const;
export const ORDER = { 1: 'ASC', [-1]: 'DESC' } as const;
