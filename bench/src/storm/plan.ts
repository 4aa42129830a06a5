import { scattered, stepFor } from '../data/order.ts';

/** How many users each client watches. */
export const WATCHED = 20;

/**
 * Who watches whom, and who changes when. As many users as clients; client c is connected as user c, and watches those at fixed
 * distances from its own number: so everybody is watched by as many as it watches. Change s is one of user s × step.
 */
export class Plan {
  readonly clients: number;
  /** The distance to the own user, 0, and to those watched. */
  readonly distances: readonly number[];
  readonly #slots = new Map<number, number>();
  readonly #step: number;

  constructor(clients: number) {
    if (clients <= WATCHED) throw new Error(`a storm needs more than ${WATCHED} clients`);
    this.clients = clients;
    this.distances = scattered(clients, 0, WATCHED + 1);
    for (const [slot, distance] of this.distances.entries()) this.#slots.set(distance, slot);
    this.#step = stepFor(clients);
  }

  /** Whom a client watches. */
  watchedBy(client: number): readonly number[] {
    return this.distances.slice(1).map((distance) => (client + distance) % this.clients);
  }

  /** The user of a change. Each changes again after as many changes as there are users. */
  userOf(change: number): number {
    return ((change % this.clients) * this.#step) % this.clients;
  }

  /** At which place among those it is told of a client has a user; undefined when it is not told of it. */
  slotOf(client: number, user: number): number | undefined {
    return this.#slots.get((user - client + this.clients) % this.clients);
  }
}
