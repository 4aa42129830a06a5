import type { Instant } from '@rollcall/domain/user';
import type { Call } from './calls.ts';
import type { Renewal, UserRef } from './tracker.ts';

/** A connection that came, went or was renewed without Redis hearing of it, and as what it was known before. */
export interface Touched {
  readonly user: UserRef;
  readonly connectionId: string;
  readonly was: Renewal | undefined;
  /** When that was. */
  readonly at: Instant;
}

/** So many are remembered. Of the rest leases run out by themselves. */
const MOST_CONNECTIONS = 100_000;
const MOST_CALLS = 10_000;

/** What Redis missed while it was away, and what it may have done without our hearing of it. */
export class Missed {
  #connections = new Map<string, Touched>();
  #unsure: Call[] = [];

  get isEmpty(): boolean {
    return this.#connections.size === 0 && this.#unsure.length === 0;
  }

  touch(touched: readonly Touched[]): void {
    for (const one of touched) {
      if (this.#connections.size < MOST_CONNECTIONS) this.#connections.set(one.connectionId, one);
    }
  }

  /** Redis is told of these connections in another way. */
  forget(connections: Iterable<Pick<Touched, 'connectionId'>>): void {
    for (const { connectionId } of connections) this.#connections.delete(connectionId);
  }

  /** The answer to a call was lost: it may have been done, and have told something. */
  unsure(call: Call): void {
    if (this.#unsure.length < MOST_CALLS) this.#unsure.push(call);
  }

  takeConnections(): readonly Touched[] {
    const taken = [...this.#connections.values()];
    this.#connections = new Map();
    return taken;
  }

  takeUnsure(): readonly Call[] {
    const taken = this.#unsure;
    this.#unsure = [];
    return taken;
  }
}
