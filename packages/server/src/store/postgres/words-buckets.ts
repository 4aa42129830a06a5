import type { Instant } from '@rollcall/domain/user';
import { BEGIN, COMMIT } from './change.ts';
import { type Connection, call } from './connection.ts';
import type { Connections } from './query.ts';
import { BUCKET_BITS } from './words.ts';

/*
 * Users lie in buckets in the order of `seq`, which is nearly that of `created_at`. A bucket is closed when nobody can come
 * into it any more; then it is noted how late any of it was created. So who is looked for by words, newest first, is looked
 * for in the newest buckets, until all others are older than what was found.
 */

/** What is known is good for so long. Meanwhile no more buckets than these are begun, on any machine. */
const FRESH_MS = 1000;
const BEGUN = 4;
const BUCKET = 2 ** BUCKET_BITS;

const READ = {
  name: 'word_buckets',
  text: `SELECT (SELECT coalesce(max(seq), 0) FROM app_user), b.bucket, b.reach
    FROM (SELECT 1) one LEFT JOIN word_bucket b ON b.bucket >= $1 ORDER BY b.bucket`,
};

/** Buckets as a query sees them. */
export interface Buckets {
  /** The newest there may be. */
  readonly newest: number;
  /** The latest creation in each of the closed ones and all before it. */
  readonly reach: readonly Instant[];
  /** How many users were numbered in those that are not closed, of any app. */
  readonly open: number;
}

/** Remembers the closed buckets, which never change. */
export class KnownBuckets {
  readonly #connections: Connections;
  readonly #reach: Instant[] = [];
  #lastSeq = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async read(): Promise<Buckets> {
    const askedAt = performance.now();
    if (askedAt - this.#readAt > FRESH_MS) {
      for (const [seq, bucket, reach] of await this.#connections.read(call(READ, this.#reach.length))) {
        this.#lastSeq = Number(seq);
        // Others may have read the same meanwhile.
        if (bucket === String(this.#reach.length))
          this.#reach.push(Math.max(Number(reach), this.#reach.at(-1) ?? Number.NEGATIVE_INFINITY));
      }
      this.#readAt = askedAt;
    }
    return {
      newest: Math.floor(this.#lastSeq / BUCKET) + BEGUN,
      reach: this.#reach,
      open: Math.max(0, this.#lastSeq - this.#reach.length * BUCKET),
    };
  }
}

/** Gives the next bucket that is full but not closed. */
export const FULL_BUCKET = call({
  name: 'full_bucket',
  text: `SELECT n.bucket FROM (SELECT coalesce(max(bucket) + 1, 0) AS bucket FROM word_bucket) n
    WHERE n.bucket < (SELECT coalesce(max(seq), 0) >> ${BUCKET_BITS} FROM app_user)`,
});

const WAIT_BRIEFLY = call({ text: `SET LOCAL lock_timeout = '50ms'` });
const WRITERS_DONE = call({ text: 'LOCK TABLE app_user IN SHARE MODE' });

const CLOSE = {
  name: 'close_bucket',
  text: `INSERT INTO word_bucket SELECT $1::bigint, coalesce(max(created_at), -9000000000000000) FROM app_user
    WHERE seq >= $1::bigint << ${BUCKET_BITS} AND seq < ($1::bigint + 1) << ${BUCKET_BITS} ON CONFLICT DO NOTHING`,
};

/**
 * Closes a full bucket, inside a transaction, which it ends. Whoever was given a number holds a lock on the table until it is
 * written: once there was a moment without any such lock, all in the bucket are there to be seen.
 */
export async function closeBucket(connection: Connection, bucket: number, until: number): Promise<void> {
  await connection.flight([WAIT_BRIEFLY, WRITERS_DONE, COMMIT], until);
  await connection.flight([BEGIN, call(CLOSE, bucket), COMMIT], until);
}
