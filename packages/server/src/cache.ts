/** What a value counts of what a cache holds at most. */
export type Weigh<Value> = (value: Value) => number;

/**
 * Holds what was lately asked for, in two generations: whoever is asked for while in the older one moves to the younger, and when
 * that holds half of what may be held it becomes the older, and what was the older is let go. Nothing is put in order at a look-up,
 * as a list of all by their last use would have to be.
 */
export class Cache<Value> {
  readonly #most: number;
  readonly #weigh: Weigh<Value>;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #weight = 0;

  /** `most` is how much may be held, and `weigh` says how much of it a value is. */
  constructor(most: number, weigh: Weigh<Value> = () => 1) {
    this.#most = most;
    this.#weigh = weigh;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    this.#weight += this.#weigh(value) - this.#weightOf(key);
    this.#young.set(key, value);
    if (this.#weight * 2 < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }

  delete(key: string): void {
    this.#weight -= this.#weightOf(key);
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** What a key weighs in the younger generation. */
  #weightOf(key: string): number {
    const held = this.#young.get(key);
    return held === undefined ? 0 : this.#weigh(held);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#weight = 0;
  }
}
