import type { Needle } from '../plan.ts';
import { textArray } from './arrays.ts';
import type { Run } from './query.ts';
import { type Finds, readInto } from './query-ground.ts';
import { piece } from './query-sql.ts';
import { lookInto } from './query-walk.ts';
import type { Way } from './query-ways.ts';
import { BUCKET_BITS, bucketQueries } from './words.ts';

/** So many are looked at first: whoever has a common word is among them. */
const LOOK = 300;
/** When some but not enough of them have it, as many more as should do; at most so many. */
const LONG_LOOK = 6000;
const MARGIN = 1.6;
/** One that the index of words lists costs about as much as so many that are looked at. */
const DEARER = 4;
/** So many times as much of the index as before is looked at in a step, at most. */
const GROWTH = 16;
/** Nothing is said by fewer than this part of a bucket. */
const LEAST_SEEN = 0.1;

const IN_BUCKETS = `(SELECT w.* FROM unnest(?::text[]) AS q (search) CROSS JOIN LATERAL (
  SELECT w.* FROM app_user w WHERE bucket_words(w.words, w.seq) @@ q.search::tsquery OFFSET 0) w) u`;

/** Finds who has all words of any of some lists: among the newest when they are common, by the index of words otherwise. */
export async function wordsInto(
  run: Run,
  lists: readonly (readonly Needle[])[],
  ordered: Way | undefined,
): Promise<void> {
  const { app, query, found } = run.ground;
  if (ordered && (await lookInto(run, ordered, LOOK))) return;
  const { newest, reach, open } = await run.buckets();
  const enough = Math.ceil((LOOK * MARGIN * found.wanted) / found.count);
  const looked = ordered && enough <= Math.min(LONG_LOOK, DEARER * listed(found, open, reach.length));
  if (looked && (await lookInto(run, ordered, enough))) return;
  const [first] = query.sort;
  const newestFirst = ordered !== undefined && first?.field === 'created_at' && first.direction === -1;
  // Those that are still filled are looked at together; then as many of the others as should do, by what was found so far.
  let upTo = newest;
  let from = newestFirst ? reach.length : 0;
  let seen = Math.max(open / 2 ** BUCKET_BITS, LEAST_SEEN);
  for (;;) {
    const buckets = Array.from({ length: upTo - from + 1 }, (_, at) => from + at);
    await readInto(run.ground, run.heavy, piece(IN_BUCKETS, textArray(bucketQueries(app, lists, buckets))));
    if (from === 0) return;
    const created = found.last?.[0];
    const older = reach[from - 1];
    if (typeof created === 'number' && older !== undefined && created > older) return;
    const missing = MARGIN * (found.wanted - found.count);
    const next = Math.max(1, Math.ceil((seen * missing) / Math.max(found.count, 0.5)));
    const most = Math.ceil(GROWTH * Math.max(seen, 1));
    upTo = from - 1;
    from = Math.max(0, from - Math.min(next, most));
    seen += upTo - from + 1;
  }
}

/** How many the first step of a search lists, by what was found among those looked at. */
function listed({ count, wanted }: Finds, open: number, closed: number): number {
  const share = count / LOOK;
  const first = open * share;
  return first < wanted && closed > 0 ? first + 2 ** BUCKET_BITS * share : first;
}
