import type { Instant } from '@rollcall/domain/user';
import type { Way } from '../redis/link.ts';
import { type Names, SHARDS } from '../redis/shard.ts';
import { DUE, runScript } from './calls.ts';
import type { UserRef } from './tracker.ts';

/** Users of one shard that are looked at in one go. */
const IN_ONE_GO = 8;
/** How long a node sweeps a shard before others may: between one and two of these parts of a lease. */
const PARTS_OF_A_LEASE = 40;
const LEAST_MS = 50;

/** Those of whom something is due. */
export interface Due {
  readonly users: readonly UserRef[];
  /** There are more. */
  readonly more: boolean;
}

/** Says whether a shard still holds what it held, by its word. */
export type IsWhole = (shard: number, word: string) => boolean;

/** Redis forgot what it held, though it was never away: somebody emptied it. */
export class Emptied extends Error {
  constructor() {
    super('it lost what it held');
  }
}

/**
 * Finds who is due. Nodes share the work: one at a time looks at a shard, for a while, then whichever comes first.
 * Should two do so, no harm is done: what ran out is told by whoever drops it.
 */
export class Sweeper {
  readonly #names: Names;
  readonly #node: string;
  readonly #turnMs: number;
  readonly #isWhole: IsWhole;
  /** Until when others sweep each shard. */
  readonly #othersUntil = new Float64Array(SHARDS);

  constructor(names: Names, node: string, leaseMs: number, isWhole: IsWhole) {
    this.#names = names;
    this.#node = node;
    this.#isWhole = isWhole;
    this.#turnMs = Math.max(LEAST_MS, leaseMs / PARTS_OF_A_LEASE);
  }

  /** Rejects with `Emptied` when a shard lost what it held. */
  async due(now: Instant, way: Pick<Way, 'run'>): Promise<Due> {
    const start = performance.now();
    const asked: Promise<Due>[] = [];
    for (let shard = 0; shard < SHARDS; shard++) {
      if ((this.#othersUntil[shard] ?? 0) <= start) asked.push(this.#dueOf(shard, now, way));
    }
    const found = await Promise.all(asked);
    return { users: found.flatMap(({ users }) => users), more: found.some(({ more }) => more) };
  }

  async #dueOf(shard: number, now: Instant, way: Pick<Way, 'run'>): Promise<Due> {
    const due = this.#names.due(shard);
    const turn = Math.round(this.#turnMs * (1 + Math.random()));
    const keys = ['3', due, this.#names.sweeper(shard), this.#names.born(shard)];
    const reply = await runScript(way, DUE, due, [...keys, this.#node, `${turn}`, `${now}`, `${IN_ONE_GO}`]);
    if (!Array.isArray(reply)) return { users: [], more: false };
    const [word, others, ...found]: unknown[] = reply;
    if (!this.#isWhole(shard, String(word))) throw new Emptied();
    this.#othersUntil[shard] = Number(others) > 0 ? performance.now() + Number(others) : 0;
    return { users: found.map((key) => this.#names.userOf(String(key))), more: found.length === IN_ONE_GO };
  }
}
