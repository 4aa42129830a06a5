import { randomBytes } from 'node:crypto';
import type { Instant } from '@rollcall/domain/user';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Healer, RedisAway, type Way } from '../redis/link.ts';
import { type Names, SHARDS, shardOf } from '../redis/shard.ts';
import { type Call, type Calls, DUE, flipsOf, PRESENCE, runCall } from './calls.ts';
import type { MemoryTracker } from './memory.ts';
import type { Missed, Touched } from './missed.ts';
import type { Settling } from './settling.ts';
import type { Renewal, UserFlip, UserRef } from './tracker.ts';

/** What healing works with. */
export interface TrackerHealerParts {
  readonly names: Names;
  readonly calls: Calls;
  /** What this node knows by itself. */
  readonly mirror: MemoryTracker;
  readonly missed: Missed;
  readonly settling: Settling;
  readonly moments: Moments;
  /** Takes flips that nobody waits for any more. */
  readonly leave: (flips: readonly UserFlip[]) => void;
  /** Hears who was gone before Redis heard of it. */
  readonly closed: (user: UserRef, now: Instant) => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

/** What time it was. */
export interface Moments {
  /** When this node last did anything. */
  now: Instant;
  /** When it did what Redis last answered; undefined when it never did. */
  answered: Instant | undefined;
}

/** All nodes do this in the same moment: in small parts, so that none waits long for the others. */
const RENEWED_TOGETHER = 1000;
const WORD_BYTES = 8;
/** Nodes look for Redis at least once a second. */
const OTHERS_RESTORE_MS = 2000;
/** After so many rounds of what came meanwhile, the rest is left to the next sweep. */
const MOST_ROUNDS = 50;

/** Makes Redis know of this node's connections what it would know had it never been away. */
export class TrackerHealer implements Healer {
  readonly #parts: TrackerHealerParts;
  /** A word for each shard: another one, or none, says that the shard lost what it held. */
  readonly #words: (string | undefined)[] = [];
  /** The shards that did so in the last outage. */
  #lost: ReadonlySet<number> = new Set();
  #rounds = 0;

  constructor(parts: TrackerHealerParts) {
    this.#parts = parts;
  }

  async heal(way: Way): Promise<void> {
    const { names, settling, moments, missed } = this.#parts;
    this.#rounds = 0;
    for (const { text } of [PRESENCE, DUE]) await way.run(names.due(0), ['SCRIPT', 'LOAD', text]);
    const { lost, found } = await this.#compareWords(way);
    await this.#do(way, missed.takeUnsure(), true);
    this.#lost = lost;
    await this.#restore(way);
    // Of an empty Redis nobody can be told to have gone.
    if (found || moments.answered !== undefined) settling.begin(moments.answered);
  }

  async catchUp(way: Way): Promise<void> {
    const { missed, mirror, calls } = this.#parts;
    const now = this.#now();
    this.#rounds += 1;
    await this.#do(way, missed.takeUnsure(), true);
    const touched = missed.takeConnections();
    const renewals: Renewal[] = [];
    const closed: Touched[] = [];
    for (const one of touched) {
      const { leases, hiding } = await mirror.find(one.user);
      const lease = leases.get(one.connectionId);
      if (lease?.phase === 'open') {
        // What ran out is not to come back.
        if (lease.until > now) renewals.push({ ...one, held: lease, hiding });
      } else if (lease?.phase !== 'knocking') closed.push(one);
    }
    try {
      await this.#do(way, calls.renew(renewals, now));
      // Who went is told of to those who knew it to be there, also when Redis forgot that.
      const forgotten = closed.flatMap(({ was }) => (was && this.#isForgotten(was) ? [was] : []));
      await this.#do(way, calls.renew(forgotten, now, true));
      // Each at its own time: of a grace that is over nothing is left.
      await this.#do(
        way,
        closed.map(({ user, connectionId, at }) => calls.close(user, connectionId, at)),
      );
      for (const { user, at } of closed) this.#parts.closed(user, at);
    } catch (error) {
      missed.touch(touched);
      throw error;
    }
  }

  /** An empty Redis knows of the users of other nodes once those found it again as well. */
  get unsureMs(): number {
    return this.#lost.size > 0 ? OTHERS_RESTORE_MS : 0;
  }

  caughtUp(): boolean {
    return this.#parts.missed.isEmpty || this.#rounds >= MOST_ROUNDS;
  }

  /** Whether a shard holds what it held when it was last healed, by the word that lies there. */
  readonly isWhole = (shard: number, word: string): boolean => {
    const known = this.#words[shard];
    return known === undefined || known === word;
  };

  /** Finds the shards that lost what they held, and whether any held something before this process knew it. */
  async #compareWords(way: Way): Promise<{ lost: ReadonlySet<number>; found: boolean }> {
    const word = randomBytes(WORD_BYTES).toString('hex');
    const lost = new Set<number>();
    let found = false;
    const ask = async (shard: number): Promise<void> => {
      const key = this.#parts.names.born(shard);
      const answer = await way.run(key, ['SET', key, word, 'NX', 'GET']);
      const known = this.#words[shard];
      if (known !== undefined && known !== answer) lost.add(shard);
      if (typeof answer === 'string') found = true;
      this.#words[shard] = typeof answer === 'string' ? answer : word;
    };
    const before = [...this.#words];
    try {
      await Promise.all(Array.from({ length: SHARDS }, (_, shard) => ask(shard)));
    } catch (error) {
      // What is lost is to be found again by the next attempt.
      this.#words.splice(0, SHARDS, ...before);
      throw error;
    }
    return { lost, found };
  }

  /** Renews whatever is connected here. Whom others knew to be there is not told of as coming when Redis forgot it. */
  async #restore(way: Way): Promise<void> {
    const { mirror, calls, missed } = this.#parts;
    const now = this.#now();
    const held = [...mirror.held(now)];
    // Those are not to be renewed twice.
    missed.forget(held);
    for (let start = 0; start < held.length; start += RENEWED_TOGETHER) {
      const some = held.slice(start, start + RENEWED_TOGETHER);
      const forgotten = some.filter((renewal) => this.#isForgotten(renewal));
      const known = some.filter((renewal) => !this.#isForgotten(renewal));
      await this.#do(way, [...calls.renew(forgotten, now, true), ...calls.renew(known, now)]);
    }
  }

  /** Not when this node last did anything, since which it may have stood still; and not before that. */
  #now(): Instant {
    return Math.max(this.#parts.clock(), this.#parts.moments.now);
  }

  /** Whether Redis knew of a connection, and lost it. */
  #isForgotten({ user, held }: Renewal): boolean {
    return this.#lost.has(shardOf(user)) && held.connectedAt <= (this.#parts.moments.answered ?? -1);
  }

  /** Does what calls ask for. Whatever is not answered is asked again when Redis is back. */
  async #do(way: Way, calls: readonly Call[], again = false): Promise<void> {
    const { missed, leave, log } = this.#parts;
    await Promise.all(
      calls.map(async (call) => {
        try {
          leave(flipsOf(call, await runCall(way, call, again)));
        } catch (error) {
          if (error instanceof RedisAway) {
            missed.unsure(call);
            throw error;
          }
          log.error({ err: error }, 'Redis refused what it was told of presence');
        }
      }),
    );
  }
}
