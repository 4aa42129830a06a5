/** What waits to be done together. */
export interface Waiting {
  /** How much waits now. */
  count(): number;
  /** So much that waiting longer gains nothing. */
  readonly full: number;
  /** How long the first may wait for others, in milliseconds. */
  readonly ms: number;
  /** Does what waits, or some of it. */
  flush(): void;
}

/**
 * Lets what arrives together be done together: turns the loop once more while each turn brings something new. Node accepts one
 * connection a turn, and a sync of the disk, or the waking of a client, costs more than many turns. A turn that brings nothing
 * ends the wait, so that a single caller loses one empty turn. The function it gives back is called when something arrives.
 */
export function gatherer(waiting: Waiting): () => void {
  let scheduled = false;

  function turn(seen: number, deadline: number): void {
    setImmediate(() => {
      const count = waiting.count();
      if (count > seen && count < waiting.full && performance.now() < deadline) return turn(count, deadline);
      scheduled = false;
      waiting.flush();
      if (waiting.count() > 0) arrived();
    });
  }

  function arrived(): void {
    if (scheduled) return;
    scheduled = true;
    turn(0, performance.now() + waiting.ms);
  }

  return arrived;
}
