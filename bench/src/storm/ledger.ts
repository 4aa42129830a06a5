import type { Plan } from './plan.ts';

/** What went wrong, and how much arrived. */
export interface Balance {
  /** Frames that arrived as they should have. */
  readonly told: number;
  /** Changes that somebody who was to be told was not told of. */
  readonly missing: number;
  /** Frames that came once more, or after a newer one of the same user. */
  readonly repeated: number;
  /** Frames of users that their receiver is not told of. */
  readonly strange: number;
}

/** Keeps, for every client and every user it is told of, which change is next: each change must arrive, once and in order. */
export class Ledger {
  readonly #plan: Plan;
  /** The change that is next, by client and slot. */
  readonly #next: Float64Array;
  #told = 0;
  #missing = 0;
  #repeated = 0;
  #strange = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    const { clients, distances } = plan;
    const first = new Float64Array(clients);
    for (let change = 0; change < clients; change += 1) first[plan.userOf(change)] = change;
    this.#next = new Float64Array(clients * distances.length);
    for (let client = 0; client < clients; client += 1) {
      for (const [slot, distance] of distances.entries()) {
        this.#next[client * distances.length + slot] = first[(client + distance) % clients] ?? 0;
      }
    }
  }

  /** A client was told of a change. Says whether that was right. */
  note(client: number, change: number): boolean {
    const slot = this.#plan.slotOf(client, this.#plan.userOf(change));
    if (slot === undefined) {
      this.#strange += 1;
      return false;
    }
    const place = client * this.#plan.distances.length + slot;
    const next = this.#next[place] ?? 0;
    if (change < next) {
      this.#repeated += 1;
      return false;
    }
    this.#missing += (change - next) / this.#plan.clients;
    this.#next[place] = change + this.#plan.clients;
    this.#told += 1;
    return true;
  }

  /** A client was told something that is no change, where nothing else was to be told. */
  noteStrange(): void {
    this.#strange += 1;
  }

  get told(): number {
    return this.#told;
  }

  /** What came out after so many changes. */
  balance(changes: number): Balance {
    let missing = this.#missing;
    for (const next of this.#next) if (next < changes) missing += Math.ceil((changes - next) / this.#plan.clients);
    return { told: this.#told, missing, repeated: this.#repeated, strange: this.#strange };
  }
}
