import { channel } from 'node:diagnostics_channel';

/** A transaction that was committed. */
export interface Commit {
  /** How many changes it held: one of a batch of users, one of an app. */
  readonly changes: number;
  /** From its first statement until its rows were safe. */
  readonly ms: number;
}

/** Where stores of this process tell of their transactions. While nobody listens it costs a look. */
export const COMMITS = channel('rollcall:commit');

/** Tells whoever listens that a transaction was committed that began at this `performance.now()`. */
export function tellCommit(changes: number, begunAt: number): void {
  if (COMMITS.hasSubscribers) COMMITS.publish({ changes, ms: performance.now() - begunAt } satisfies Commit);
}
