import { isPassing, unavailable } from './faults.ts';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 10;

/** How far work has come: what is lost while it commits may have happened. */
export interface Progress {
  committing: boolean;
}

/**
 * Does work, once more where it came to nothing through no fault of its own: two were in each other's way, the table of locks
 * was full, a connection was lost before the commit. A bounded number of times, in the time given, then refuses with
 * `unavailable`.
 */
export async function retried<T>(until: number, work: (progress: Progress) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const progress: Progress = { committing: false };
    try {
      return await work(progress);
    } catch (error) {
      // Chance keeps those apart who were in each other's way.
      const pause = Math.random() * FIRST_PAUSE_MS * 2 ** attempt;
      const inTime = attempt < ATTEMPTS && performance.now() + pause < until;
      if (!inTime || !isPassing(error, progress.committing)) throw unavailable(error);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
