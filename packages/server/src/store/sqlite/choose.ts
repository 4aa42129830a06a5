import type { AppId } from '@rollcall/domain/app';
import { type After, DEFAULT_SORT, type Filter, type Query, type Sort } from '@rollcall/domain/filter';
import {
  affordable,
  type Created,
  conjunctsOf,
  createdOf,
  type Indexed,
  pathName,
  rangesOf,
  type Source,
  sourcesOf,
} from '../plan.ts';
import { allOf, FALSE, type Statements, sql } from './sql.ts';
import { endOf, type Stream, startOf } from './stream.ts';
import { openStream, type Streamed } from './streams.ts';
import { type Ground, seqWalk, type Walk } from './walk.ts';
import { fieldWalk } from './walk-field.ts';
import { ABOVE_IDS, BELOW_IDS, orderWalk, type Place } from './walk-order.ts';
import { whereOf } from './where.ts';

/** What is known of an app's indexes when a query begins. */
export interface Known extends Indexed {
  /** Whether the order of seq is that of created_at. */
  readonly inOrder: boolean;
  readonly waiting: Streamed['waiting'];
}

/** Chooses the walk that looks at the fewest users; undefined when nobody can be meant. */
export function chooseWalk(statements: Statements, app: AppId, query: Query, known: Known): Walk | undefined {
  const where = whereOf(app, query.filter);
  if (where.text === FALSE.text) return undefined;
  const present = [sql('u.app = ?', app), sql('u.deleted_at IS NULL')];
  if (!query.includeDeactivated) present.push(sql('u.deactivated_at IS NULL'));
  const ground: Ground = { statements, app, waiting: known.waiting, query, where: allOf([...present, where]) };
  const created = createdOf(query.filter);
  const first = query.sort[0] ?? DEFAULT_SORT[0];
  if (first?.field === 'created_at' && known.inOrder) {
    const source = sparsest(ground, affordable(sourcesOf(query.filter, known)), first.direction);
    return source ? inCreationOrder(ground, source.stream, first.direction, created) : past(ground, created);
  }
  return outOfOrder(ground, created, known);
}

/** A stream, and how much of all users it seems to have. */
interface Sampled {
  readonly stream: Stream;
  readonly share: number;
}

const SAMPLE = 256;

/** The stream of which there is the least, by a sample of each. */
function sparsest(ground: Ground, sources: readonly Source[], direction: 1 | -1): Sampled | undefined {
  const streams = sources
    .map((source) => openStream(ground, source, direction))
    .filter((stream) => stream !== undefined);
  const [only] = streams;
  if (only && streams.length === 1) return { stream: only, share: 0 };
  return sampled(ground, streams, direction);
}

function sampled(ground: Ground, streams: readonly Stream[], direction: 1 | -1): Sampled | undefined {
  const all = lastSeq(ground);
  const from = direction === 1 ? startOf(1) : all + 1;
  let best: Sampled | undefined;
  for (const stream of streams) {
    const { seqs, reached } = stream(from, SAMPLE);
    const looked = reached === endOf(direction) ? all : Math.abs(from - reached);
    const share = seqs.length / Math.max(1, looked);
    if (!best || share < best.share) best = { stream, share };
  }
  return best;
}

const lastSeq = ({ statements }: Ground): number =>
  Number(statements.first(sql('SELECT max(seq) FROM user'))?.[0] ?? 0);

/** Walks a stream that comes in the order asked for, but for ties, from where the page begins. */
function inCreationOrder(ground: Ground, stream: Stream, direction: 1 | -1, created: Created): Walk | undefined {
  const at = ground.query.after?.[0];
  const after = typeof at === 'number' ? at : undefined;
  const low = seqFrom(ground, direction === 1 ? Math.max(created.low, after ?? created.low) : created.low);
  const high = seqUpTo(ground, direction === -1 ? Math.min(created.high, after ?? created.high) : created.high);
  if (low === undefined || high === undefined || low > high) return undefined;
  const [from, until] = direction === 1 ? [low - 1, high] : [high + 1, low];
  return seqWalk(ground, stream, { from, until, direction, inOrder: true });
}

/** The first seq of those created at a time or later. */
function seqFrom({ statements, app }: Ground, time: number): number | undefined {
  const text = `SELECT min(seq) FROM user WHERE app = ?1
    AND created_at = (SELECT min(created_at) FROM user WHERE app = ?1 AND created_at >= ?2)`;
  return (statements.first(sql(text, app, time))?.[0] ?? undefined) as number | undefined; // seq is an integer
}

/** The last seq of those created up to a time. */
function seqUpTo({ statements, app }: Ground, time: number): number | undefined {
  const text = `SELECT max(seq) FROM user WHERE app = ?1
    AND created_at = (SELECT max(created_at) FROM user WHERE app = ?1 AND created_at <= ?2)`;
  return (statements.first(sql(text, app, time))?.[0] ?? undefined) as number | undefined; // seq is an integer
}

/** Walks past all users: in the order asked for where an index has it. */
function past(ground: Ground, created: Created): Walk {
  const { sort, after } = ground.query;
  const [first, second] = sort;
  if (first?.field === 'id') {
    const place = typeof after?.[0] === 'string' ? { created: 0, id: after[0] } : undefined;
    return orderWalk(ground, { by: 'id', direction: first.direction, is: 'exact', created, after: place });
  }
  const direction = first?.direction ?? -1;
  if (first?.field !== 'created_at') {
    // Whoever changed last often came last, too: the sooner the best are found, the fewer of the others are read.
    return orderWalk(ground, { by: 'created', direction, is: 'other', created, after: undefined });
  }
  const is = second?.field === 'id' && second.direction === direction ? 'exact' : 'tied';
  const place = placeAfter(after, is, direction);
  return orderWalk(ground, {
    by: 'created',
    direction,
    is,
    created,
    after: place && within(place, created, direction),
  });
}

function placeAfter(after: After | undefined, is: 'exact' | 'tied', direction: 1 | -1): Place | undefined {
  const [created, id] = after ?? [];
  if (typeof created !== 'number') return undefined;
  if (is === 'exact' && typeof id === 'string') return { created, id };
  return { created, id: direction === 1 ? BELOW_IDS : ABOVE_IDS };
}

/** The later beginning of two: that of the page, and that of the times asked for. */
function within(place: Place, { low, high }: Created, direction: 1 | -1): Place {
  if (direction === 1) return place.created < low ? { created: low, id: BELOW_IDS } : place;
  return place.created > high ? { created: high, id: ABOVE_IDS } : place;
}

/** Walks in another order than that of creation: either that order to where enough are found, or a stream to its end. */
function outOfOrder(ground: Ground, created: Created, known: Known): Walk {
  const { sort, filter, limit, offset } = ground.query;
  const ordered = orderOf(ground, sort, created, known);
  const sources = sourcesOf(filter, known).filter((source) => !(ordered && isAlong(source, sort, known)));
  const source = sparsest(ground, affordable(sources), 1);
  if (!source) return ordered ?? past(ground, created);
  if (ordered) {
    const all = lastSeq(ground);
    const share = source.share > 0 ? source.share : (sampled(ground, [source.stream], 1)?.share ?? 0);
    // So many must be looked at until enough are found, if who is meant lies evenly; the stream has so many in all.
    if (share > 0 && (limit + offset) / share < share * all) return ordered;
  }
  return seqWalk(ground, source.stream, { from: startOf(1), until: endOf(1), direction: 1, inOrder: false });
}

/** Says whether a source is the range of the field that is walked along: the walk keeps to it by itself, and stops sooner. */
function isAlong(source: Source, [first]: readonly Sort[], known: Known): boolean {
  return (
    source.by === 'range' &&
    typeof first?.field === 'object' &&
    known.fields.get(pathName(first.field)) === source.field
  );
}

/** The walk in the order asked for, where an index has it. */
function orderOf(ground: Ground, [first]: readonly Sort[], created: Created, known: Known): Walk | undefined {
  if (first === undefined) return undefined;
  if (first.field === 'id' || first.field === 'created_at') return past(ground, created);
  if (typeof first.field === 'string') return undefined;
  const field = known.fields.get(pathName(first.field));
  if (field === undefined) return undefined;
  const range = rangesOf(conjunctsOf(ground.query.filter), known).find((one) => one.field === field);
  return fieldWalk(ground, { field, direction: first.direction, after: ground.query.after, range });
}

/** How much dearer than usual a user is to look at, for the size of the first window. */
export function weightOf(filter: Filter): number {
  if ('filters' in filter)
    return Math.max(
      1,
      filter.filters.reduce((sum, inner) => sum + weightOf(inner), 0),
    );
  return 'values' in filter ? 1 + filter.values.length / 100 : 1;
}
