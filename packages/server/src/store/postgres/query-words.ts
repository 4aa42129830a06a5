import { matches } from '@rollcall/domain/filter';
import type { Needle } from '../plan.ts';
import { textArray } from './arrays.ts';
import type { Run } from './query.ts';
import { type Finds, readInto } from './query-ground.ts';
import { allOf, filled, type Piece, piece } from './query-sql.ts';
import { lookInto } from './query-walk.ts';
import type { Way } from './query-ways.ts';
import { readRow, USER_COLUMNS } from './rows.ts';
import { BUCKET_BITS, bucketQueries } from './words.ts';
import type { Buckets } from './words-buckets.ts';

/** So many are looked at first: whoever has a common word is among them. */
const LOOK = 300;
/** When some but not enough of them have it, as many more as should do; at most so many. */
const LONG_LOOK = 6000;
const MARGIN = 1.6;
/** One that the index of words lists costs about as much as so many that are looked at. */
const DEARER = 4;
/** So many times as much of the index as before is looked at in a step, at most. */
const GROWTH = 16;
/** So many of the others should do for what none of the newest has; several words at once are rarer by far. */
const FEW_OTHERS = 2;
/** Shorter ones very many have. In bytes: a letter of a script that has many says more. */
const TELLING_BYTES = 3;
const isRare = (needles: readonly Needle[]): boolean =>
  needles.length > 1 && needles.every(({ word }) => Buffer.byteLength(word) >= TELLING_BYTES);
/** Nothing is said by fewer than this part of a bucket. */
const LEAST_SEEN = 0.1;

const BUCKET = 2 ** BUCKET_BITS;
/** Where in a row of `USER_COLUMNS` the number of the user lies. */
const SEQ = 0;

const IN_BUCKETS = `(SELECT w.* FROM unnest(?::text[]) AS q (search) CROSS JOIN LATERAL (
  SELECT w.* FROM app_user w WHERE bucket_words(w.words, w.seq) @@ q.search::tsquery OFFSET 0) w) u`;

/** Finds who has all words of any of some lists: among the newest when they are common, by the index of words otherwise. */
export async function wordsInto(
  run: Run,
  lists: readonly (readonly Needle[])[],
  ordered: Way | undefined,
): Promise<void> {
  const { found } = run.ground;
  if (ordered && (await lookInto(run, ordered, LOOK))) return;
  const buckets = await run.buckets();
  const enough = Math.ceil((LOOK * MARGIN * found.wanted) / found.count);
  const looked = ordered && enough <= Math.min(LONG_LOOK, DEARER * listed(found, buckets.open, buckets.reach.length));
  if (looked && (await lookInto(run, ordered, enough))) return;
  await bucketsInto(run, lists, buckets, ordered !== undefined);
}

/** Asks the index of words: those that are still filled together; then as many of the others as should do, by what was found so far. */
async function bucketsInto(
  run: Run,
  lists: readonly (readonly Needle[])[],
  { newest, reach, open }: Buckets,
  ordered: boolean,
): Promise<void> {
  const { app, query, found } = run.ground;
  const inBuckets = (first: number, last: number): Piece => {
    const buckets = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    return piece(IN_BUCKETS, textArray(bucketQueries(app, lists, buckets)));
  };
  const [first] = query.sort;
  let upTo = newest;
  let from = ordered && first?.field === 'created_at' && first.direction === -1 ? reach.length : 0;
  let seen = Math.max(open / BUCKET, LEAST_SEEN);
  let asked = false;
  if (from > 0 && found.count === 0) {
    // Of the rare nobody is known yet: the first of the others are asked about in the same breath, should the newest not do.
    const others = Math.max(0, from - (lists.every(isRare) ? GROWTH : FEW_OTHERS));
    const taken = await bothInto(run, inBuckets(from, upTo), inBuckets(others, from - 1), from * BUCKET);
    if (taken === 'both') {
      seen += from - others;
      from = others;
    }
    asked = taken !== 'neither';
  }
  for (;;) {
    if (!asked) await readInto(run.ground, run.heavy, inBuckets(from, upTo));
    asked = false;
    if (from === 0) return;
    const created = found.last?.[0];
    const older = reach[from - 1];
    if (typeof created === 'number' && older !== undefined && created > older) return;
    upTo = from - 1;
    from = Math.max(0, from - nextCount(found, seen));
    seen += upTo - from + 1;
  }
}

/** How many buckets more should do, by what was found in those that were seen. */
function nextCount({ wanted, count }: Finds, seen: number): number {
  const missing = MARGIN * (wanted - count);
  const next = Math.max(1, Math.ceil((seen * missing) / Math.max(count, 0.5)));
  return Math.min(next, Math.ceil(GROWTH * Math.max(seen, 1)));
}

/**
 * Takes the first of some users into what was found, and when they are too few, of others too, all of whom have lower numbers than
 * `border`. Says of whom nobody else can be among the first; of neither when some were not meant, who may have others behind them.
 */
async function bothInto(
  { ground, heavy }: Run,
  some: Piece,
  others: Piece,
  border: number,
): Promise<'both' | 'some' | 'neither'> {
  const { query, order, found, where } = ground;
  const conditions = allOf(query.after ? [where, order.after(query.after)] : [where]);
  const text = `WITH o AS MATERIALIZED (SELECT u.* FROM % WHERE % ORDER BY % LIMIT ${found.wanted})
    SELECT ${USER_COLUMNS} FROM (SELECT o.* FROM o UNION ALL
      SELECT u.* FROM % WHERE % AND (SELECT count(*) FROM o) < ${found.wanted}) u ORDER BY % LIMIT ${found.wanted}`;
  const rows = await heavy(filled(text, some, conditions, order.by, others, conditions, order.by));
  const users = rows.map((columns) => readRow(columns).user);
  const meant = users.filter((user) => matches(query.filter, user));
  for (const user of meant) found.add(user);
  if (rows.length < found.wanted) return 'both';
  if (meant.length < rows.length) return 'neither';
  return rows.some((columns) => Number(columns[SEQ]) < border) ? 'both' : 'some';
}

/** How many the first step of a search lists, by what was found among those looked at. */
function listed({ count, wanted }: Finds, open: number, closed: number): number {
  const share = count / LOOK;
  const first = open * share;
  return first < wanted && closed > 0 ? first + BUCKET * share : first;
}
