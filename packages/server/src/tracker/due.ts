import type { Instant } from '@rollcall/domain/user';

interface Due<Item> {
  readonly at: Instant;
  readonly item: Item;
}

/** Things that are due some time, the earliest at hand: a binary heap. */
export class DueQueue<Item> {
  readonly #heap: Due<Item>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(at: Instant, item: Item): void {
    const heap = this.#heap;
    const due = { at, item };
    let place = heap.push(due) - 1;
    for (;;) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (place === 0 || above === undefined || above.at <= at) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = due;
  }

  /** Takes out the earliest, if it is due. */
  pop(now: Instant): Due<Item> | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  /** Says whether something is due. */
  isDue(now: Instant): boolean {
    const first = this.#heap[0];
    return first !== undefined && first.at <= now;
  }

  /** Puts one where the first was, and below all that are earlier. */
  #sink(due: Due<Item>): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const onRight = right !== undefined && left !== undefined && right.at < left.at;
      const earlier = onRight ? right : left;
      if (earlier === undefined || due.at <= earlier.at) break;
      heap[place] = earlier;
      place = 2 * place + (onRight ? 2 : 1);
    }
    heap[place] = due;
  }
}
