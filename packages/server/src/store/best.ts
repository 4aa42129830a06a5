import { type After, comparePlaces, placeInOrder, type Sort } from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';

interface Placed {
  readonly user: User;
  readonly place: After;
}

const SLACK = 64;

/** The first so many of the users it is given, in an order. It holds little more than these. */
export class Best {
  readonly #sort: readonly Sort[];
  readonly #after: After | undefined;
  readonly #wanted: number;
  #placed: Placed[] = [];
  #sorted = 0;

  /** With `after`, only users beyond that place count. */
  constructor(sort: readonly Sort[], wanted: number, after: After | undefined) {
    this.#sort = sort;
    this.#wanted = wanted;
    this.#after = after;
  }

  add(user: User): void {
    const place = placeInOrder(this.#sort, user);
    if (this.#after && comparePlaces(this.#sort, place, this.#after) <= 0) return;
    this.#placed.push({ user, place });
    if (this.#placed.length > 2 * this.#wanted + SLACK) this.#cut();
  }

  /** How many more are needed before there are as many as wanted. */
  get missing(): number {
    return Math.max(0, this.#wanted - this.#placed.length);
  }

  /** The last place that counts, once there are as many as wanted; what does not come before it is not needed. */
  get last(): After | undefined {
    if (this.missing > 0) return undefined;
    this.#cut();
    return this.#placed[this.#wanted - 1]?.place;
  }

  users(): readonly User[] {
    this.#cut();
    return this.#placed.map(({ user }) => user);
  }

  #cut(): void {
    if (this.#sorted === this.#placed.length) return;
    this.#placed.sort((a, b) => comparePlaces(this.#sort, a.place, b.place));
    if (this.#placed.length > this.#wanted) this.#placed.length = this.#wanted;
    this.#sorted = this.#placed.length;
  }
}
