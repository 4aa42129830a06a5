import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Tracker } from '../tracker/tracker.ts';

/** Hands the leases of a process that stops to the next one, so that a restart makes no flips. */
export interface Handover {
  /** Writes down what would be forgotten with this process, in parts between which the loop turns. */
  leave(): Promise<void>;
  /** Takes up what the process before left, each lease with what is left of its time. */
  resume(): Promise<void>;
}

/** What the service works with. */
export interface HandoverParts {
  readonly store: Store;
  readonly tracker: Tracker;
  readonly clock: Clock;
}

/** How many leases are written in one go. */
const SAVED_TOGETHER = 500;

export function createHandover({ store, tracker, clock }: HandoverParts): Handover {
  return {
    async leave() {
      const left = await tracker.leave(clock());
      for (let start = 0; start < left.length; start += SAVED_TOGETHER) {
        await store.saveLeases(left.slice(start, start + SAVED_TOGETHER));
      }
    },
    async resume() {
      const taken = await store.takeLeases();
      if (taken.length > 0) await tracker.resume(taken, clock());
    },
  };
}
