/** What waits to be done together. */
export interface Waiting {
  /** How much waits now. */
  count(): number;
  /** So much that waiting longer gains nothing. */
  readonly full: number;
  /** How long the first may wait while more arrive, in milliseconds. */
  readonly ms: number;
  /** How long it may wait while the loop has other things to do, out of which more may come. */
  patienceMs(): number;
  /** Says whether it waits for something else, unless so much waits that waiting longer gains nothing; afterwards it is called again. */
  held?(): boolean;
  /** Does what waits, or some of it. */
  flush(): void;
}

/** A turn of the loop that takes longer had something to do. */
const BUSY_MS = 0.03;

/**
 * Lets what arrives together be done together: turns the loop once more while each turn brings something new. Node accepts one
 * connection a turn, and a sync of the disk, or the waking of a client, costs more than many turns. An idle turn ends the wait, so that a single caller loses one. A turn that had something to
 * do, but brought nothing, may be on its way to bring it: how long that is worth waiting for is for the caller to say. The
 * function it gives back is called when something arrives.
 */
export function gatherer(waiting: Waiting): () => void {
  let scheduled = false;
  const isHeld = (): boolean => waiting.held?.() === true && waiting.count() < waiting.full;

  function turn(seen: number, begunAt: number, lastAt: number): void {
    setImmediate(() => {
      if (isHeld()) {
        scheduled = false;
        return;
      }
      const count = waiting.count();
      const now = performance.now();
      const worthwhile = count > seen ? waiting.ms : now - lastAt > BUSY_MS ? waiting.patienceMs() : 0;
      if (count < waiting.full && now - begunAt < worthwhile) return turn(count, begunAt, now);
      scheduled = false;
      waiting.flush();
      if (waiting.count() > 0) arrived();
    });
  }

  function arrived(): void {
    if (scheduled || isHeld()) return;
    scheduled = true;
    const now = performance.now();
    turn(0, now, now);
  }

  return arrived;
}
