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
  const { found, query } = run.ground;
  const [first] = query.sort;
  const newestFirst = ordered !== undefined && first?.field === 'created_at' && first.direction === -1;
  const buckets = await run.buckets();
  if (newestFirst && buckets.reach.length > 0 && lists.every(isRare)) {
    return bucketsInto(run, lists, buckets, ordered.look(LOOK));
  }
  if (ordered && (await lookInto(run, ordered, LOOK))) return;
  const enough = Math.ceil((LOOK * MARGIN * found.wanted) / found.count);
  const looked = ordered && enough <= Math.min(LONG_LOOK, DEARER * listed(found, buckets.open, buckets.reach.length));
  if (looked && (await lookInto(run, ordered, enough))) return;
  await bucketsInto(run, lists, newestFirst ? buckets : { ...buckets, reach: [] }, undefined);
}

/**
 * Asks the index of words: those that are still filled together; then as many of the others as should do, by what was found so far.
 * Of the rare nobody is known yet: there the newest users, if they were not looked at before, and the first of the others are asked
 * about in the same breath.
 */
async function bucketsInto(
  run: Run,
  lists: readonly (readonly Needle[])[],
  { newest, reach, open }: Buckets,
  look: Piece | undefined,
): Promise<void> {
  const { app, found } = run.ground;
  const inBuckets = (first: number, last: number): Piece => {
    const buckets = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    return piece(IN_BUCKETS, textArray(bucketQueries(app, lists, buckets)));
  };
  let upTo = newest;
  let from = reach.length;
  let seen = Math.max(open / BUCKET, LEAST_SEEN);
  let asked = false;
  if (from > 0 && found.count === 0) {
    const others = Math.max(0, from - (lists.every(isRare) ? GROWTH : FEW_OTHERS));
    const parts = { look, some: inBuckets(from, upTo), others: inBuckets(others, from - 1), border: from * BUCKET };
    const taken = await allInto(run, parts);
    if (taken === 'others') {
      seen += from - others;
      from = others;
    }
    asked = taken !== 'none';
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

/** Users who are asked about together. */
interface Parts {
  /** The newest of all: when enough of them are meant, nobody else is asked about. */
  readonly look: Piece | undefined;
  readonly some: Piece;
  /** Asked about when the others are too few. All of them have lower numbers than `border`. */
  readonly others: Piece;
  readonly border: number;
}

/**
 * Takes the first of some users into what was found, and when they are too few, of others too. Says how far nobody else can be among
 * the first; not at all when some were not meant, who may have others behind them.
 */
async function allInto({ ground, heavy }: Run, parts: Parts): Promise<'others' | 'some' | 'none'> {
  const { query, order, found, where } = ground;
  const { nodes, by } = order;
  const { wanted } = found;
  const conditions = allOf(query.after ? [where, order.after(query.after)] : [where]);
  const newest = parts.look
    ? filled('SELECT u.* FROM % % WHERE %', parts.look, nodes, conditions)
    : piece('SELECT u.* FROM app_user u WHERE false');
  const text = `WITH l AS MATERIALIZED (SELECT u.* FROM (%) u % ORDER BY % LIMIT ${wanted}),
    o AS MATERIALIZED (SELECT u.* FROM % % WHERE % AND (SELECT count(*) FROM l) < ${wanted} ORDER BY % LIMIT ${wanted})
    SELECT ${USER_COLUMNS} FROM (SELECT l.* FROM l WHERE (SELECT count(*) FROM l) >= ${wanted} UNION ALL
      SELECT o.* FROM o UNION ALL
      SELECT u.* FROM % % WHERE % AND (SELECT count(*) FROM l) < ${wanted} AND (SELECT count(*) FROM o) < ${wanted}) u %
    ORDER BY % LIMIT ${wanted}`;
  const { some, others, border } = parts;
  const first = [newest, nodes, by] as const;
  const rows = await heavy(filled(text, ...first, some, nodes, conditions, by, others, nodes, conditions, nodes, by));
  const users = rows.map((columns) => readRow(columns).user);
  const meant = users.filter((user) => matches(query.filter, user));
  for (const user of meant) found.add(user);
  if (rows.length < wanted) return 'others';
  if (meant.length < rows.length) return 'none';
  return rows.some((columns) => Number(columns[SEQ]) < border) ? 'others' : 'some';
}

/** How many the first step of a search lists, by what was found among those looked at. */
function listed({ count, wanted }: Finds, open: number, closed: number): number {
  const share = count / LOOK;
  const first = open * share;
  return first < wanted && closed > 0 ? first + BUCKET * share : first;
}
