import type { Logger } from 'pino';
import type { Bus } from '../bus/bus.ts';
import { RedisBus } from '../bus/redis.ts';
import type { Clock } from '../clock.ts';
import { RedisTracker } from '../tracker/redis.ts';
import type { LeaseTimes, Tracker } from '../tracker/tracker.ts';
import { parseRedisAddress } from './address.ts';
import { Alone } from './alone.ts';
import { Link } from './link.ts';
import { openSession } from './session.ts';
import { Names } from './shard.ts';

/** What a node tells of itself, and how long leases last. */
export interface RedisOptions {
  /** The name of this process: no two that run have the same. */
  readonly node: string;
  readonly times: LeaseTimes;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** What every key and channel begins with, so that several installations may share one Redis. */
  readonly prefix?: string;
}

/** News and presence over many nodes. While Redis is away both go on for this node alone, and heal when it is back. */
export interface Redis extends AsyncDisposable {
  readonly bus: Bus;
  readonly tracker: Tracker;
  /** How long news took to come back to this node the last time that was tried; undefined while Redis is away. */
  lagMs(): number | undefined;
}

const PREFIX = 'rollcall:';

/**
 * Opens both over one Redis or Valkey (7 or later): `redis://` or `rediss://`; with `+cluster`, as in
 * `redis+cluster://a:7000,b:7000`, a Redis Cluster by some of its nodes. An address that cannot be read is an error; a
 * Redis that does not answer is not.
 */
export async function openRedis(url: string, options: RedisOptions): Promise<Redis> {
  const { node, times, clock, log, prefix = PREFIX } = options;
  if (!/^[\w-]{1,64}$/.test(node)) throw new Error('the name of a node is 1 to 64 letters, digits, _ or -');
  const address = parseRedisAddress(url);
  const names = new Names(prefix);
  const link = new Link({ open: (events) => openSession(address, events), log });
  const alone = new Alone();
  const bus = new RedisBus({ link, names, alone, node, log });
  const tracker = new RedisTracker({ link, names, alone, node, times, clock, log });
  await link.start();
  return {
    bus,
    tracker,
    lagMs: () => bus.lagMs,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}
