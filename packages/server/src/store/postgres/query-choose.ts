import type { Filter, SortField } from '@rollcall/domain/filter';
import { affordable, conjunctsOf, createdOf, pathName, type Range, rangesOf, type Source, sourcesOf } from '../plan.ts';
import { textArray } from './arrays.ts';
import type { KnownFields, Run } from './query.ts';
import { readInto } from './query-ground.ts';
import { idsOf, isWholeField, keysOf, spanOf, wordsOf } from './query-sources.ts';
import { allOf, filled, joined, type Piece, piece } from './query-sql.ts';
import { lookInto, walkInto } from './query-walk.ts';
import {
  createdWay,
  fieldWay,
  idWay,
  keysWay,
  type Likeness,
  ofIds,
  type Place,
  PRESENT,
  type Way,
} from './query-ways.ts';
import { wordsInto } from './query-words.ts';

/** So many users are read at once, whatever the order. */
const FEW = 1000;
/** So many are looked at before the index of a field is asked who is in a range. */
const FIRST_LOOK = 300;

/** Finds the users of a query, by the way that looks at the fewest. */
export async function findInto(run: Run, known: KnownFields): Promise<void> {
  const { app, query } = run.ground;
  const indexed = { fields: known.ready, words: true };
  const sources = affordable(sourcesOf(query.filter, indexed));
  const ids = sources.find((source) => source.by === 'ids');
  if (ids) {
    const text = '(SELECT w.* FROM app_user w WHERE w.app = ? AND w.id = ANY(?::text[]) OFFSET 0) u';
    // When nothing else is asked, whoever has one of the ids is meant: to look for it in the list once more costs as much again.
    const { ground } = run;
    const where = conjunctsOf(query.filter).length === 1 ? ground.present : ground.where;
    return readInto({ ...ground, where }, run.quick, piece(text, app, textArray(ids.ids)));
  }
  const words = sources.map(wordsOf).find((found) => found !== undefined);
  const lists = sources.filter((source) => wordsOf(source) === undefined);
  const [first] = run.ground.query.sort;
  const streamed = first?.field === 'created_at' ? lists.filter((source) => keysOf(app, source)) : [];
  if (words === undefined && streamed.length === 1 && lists.length === 1) return stream(run, streamed[0]);
  const along = run.ground.query.sort[0]?.field;
  if (words === undefined && lists.length === 1 && lists[0]?.by === 'range' && onlyAbout(run, along)) {
    return byField(run, known, lists[0].field);
  }
  const ordered = orderedWay(run);
  // Whoever is in a range that very many are in is among the first, and neither counted nor listed.
  const mayBeMany = words === undefined && lists.length > 0 && lists.every((source) => source.by === 'range');
  if (ordered && mayBeMany && (await lookInto(run, ordered, FIRST_LOOK))) return;
  const few = await fewestOf(run, lists);
  if (few && few.count <= FEW) return readInto(run.ground, run.quick, ofIds(app, few.ids, FEW));
  if (words !== undefined) return wordsInto(run, words, ordered);
  if (streamed.length > 0) return stream(run, streamed[0]);
  return inOrder(run, known);
}

interface Listed {
  readonly ids: Piece;
  readonly count: number;
}

/** The source of which there are the fewest, counted no further than it matters. */
async function fewestOf(run: Run, sources: readonly Source[]): Promise<Listed | undefined> {
  const lists = sources.map((source) => idsOf(run.ground.app, source, FEW + 1)).filter((ids) => ids !== undefined);
  if (lists.length === 0) return undefined;
  const counts = lists.map((ids) => filled(`(SELECT count(*) FROM (SELECT id FROM (%) l LIMIT ${FEW + 1}) n)`, ids));
  const [row = []] = await run.quick(filled('SELECT %', joined(counts, ', ')));
  const listed = lists.map((ids, at) => ({ ids, count: Number(row[at]) }));
  return listed.reduce((a, b) => (b.count < a.count ? b : a));
}

/** Of more values than these, some entries of each would be too many for a first look. */
const LOOKED_AT = 32;

/** Walks the users of some values in the order of creation. */
async function stream(run: Run, source: Source | undefined): Promise<void> {
  const { app, query } = run.ground;
  const keys = source && keysOf(app, source);
  if (!keys || keys.length === 0) return;
  const direction = query.sort[0]?.direction ?? -1;
  const { likeness, after } = likenessOf(run);
  const way = keysWay(app, keys, { direction, likeness, created: createdOf(query.filter), after });
  if (likeness === 'exact' && keys.length <= LOOKED_AT && (await lookInto(run, way, lookSize(run)))) return;
  await walkInto(run, way);
}

/** How many are looked at first: with conditions some of those who come by are not meant. */
function lookSize({ ground }: Run): number {
  const { filter } = ground.query;
  const conditions = 'filters' in filter ? filter.filters.length : 1;
  return ground.found.wanted + (conditions > 1 ? 256 : 32);
}

/** How the order of creation stands to the order asked for, and where in it the page begins. */
function likenessOf({ ground }: Run): { readonly likeness: Likeness; readonly after: Place | undefined } {
  const { sort, after } = ground.query;
  const [first, second] = sort;
  if (first?.field !== 'created_at') return { likeness: 'other', after: undefined };
  const exact = second?.field === 'id' && second.direction === first.direction;
  const [created, id] = after ?? [];
  if (typeof created !== 'number') return { likeness: exact ? 'exact' : 'tied', after: undefined };
  if (exact && typeof id === 'string') return { likeness: 'exact', after: [created, id] };
  return { likeness: 'tied', after: [created, first.direction === 1 ? '' : '\u{10ffff}'] };
}

/** Walks past all users in the order asked for, where an index has it. */
function orderedWay({ ground }: Run): Way | undefined {
  const { app, query } = ground;
  const [first] = query.sort;
  if (first?.field === 'id') {
    const [id] = query.after ?? [];
    const after = typeof id === 'string' ? id : undefined;
    return idWay(app, { direction: first.direction, likeness: 'exact', after });
  }
  const { likeness, after } = likenessOf({ ground } as Run);
  if (likeness !== 'exact') return undefined;
  return createdWay(app, { direction: first?.direction ?? -1, likeness, created: createdOf(query.filter), after });
}

const LOOK = 1000;

/** Walks in the order asked for, and where no index has it, past all there are. */
async function inOrder(run: Run, known: KnownFields): Promise<void> {
  const { app, query } = run.ground;
  const ordered = orderedWay(run);
  if (ordered) {
    const size = isAnybody(query.filter) ? run.ground.found.wanted + 32 : LOOK;
    if (await lookInto(run, ordered, size)) return;
    return walkInto(run, ordered);
  }
  const [first] = query.sort;
  const field = typeof first?.field === 'object' ? known.ready.get(pathName(first.field)) : undefined;
  if (field !== undefined) return byField(run, known, field);
  const { likeness, after } = likenessOf(run);
  const direction = first?.direction ?? -1;
  return walkInto(run, createdWay(app, { direction, likeness, created: createdOf(query.filter), after }));
}

const isAnybody = (filter: Filter): boolean => filter.op === 'and' && filter.filters.length === 0;

/** Walks in the order of a declared field, and then past those who have nothing in it. */
async function byField(run: Run, known: KnownFields, field: number): Promise<void> {
  const { app, query, order, found } = run.ground;
  const [first, second] = query.sort;
  const direction = first?.direction ?? 1;
  const exact = second?.field === 'id' && second.direction === direction;
  const range = rangeOf(run, known, field);
  if (query.after?.[0] !== null) {
    const span = range && !isWholeField(range) ? spanOf(range) : PRESENT;
    const way = fieldWay(app, field, { direction, exact, span, after: query.after });
    const size = onlyAbout(run, query.sort[0]?.field) ? found.wanted + 8 : lookSize(run);
    if (exact && (await lookInto(run, way, size))) return;
    await walkInto(run, way);
  }
  if (found.last && query.after?.[0] !== null) return;
  if (range && !isWholeField(range)) return;
  await pastMissing(run, field, order.firstIsMissing);
}

/** Says whether nothing else is asked than where in the order of a field users must lie. */
function onlyAbout({ ground }: Run, field: SortField | undefined): boolean {
  const name = typeof field === 'object' ? pathName(field) : undefined;
  return conjunctsOf(ground.query.filter).every(
    (one) => 'field' in one && typeof one.field === 'object' && pathName(one.field) === name,
  );
}

function rangeOf({ ground }: Run, known: KnownFields, field: number): Range | undefined {
  const ranges = rangesOf(conjunctsOf(ground.query.filter), { fields: known.ready, words: true });
  return ranges.find((one) => one.field === field && one.kinds[0] === one.kinds[1]);
}

/** Those whose field is null or not there come last, by what comes second in the order. */
async function pastMissing(run: Run, field: number, isMissing: Piece): Promise<void> {
  const { app, query } = run.ground;
  const text = `SELECT f.id FROM field_value f WHERE f.field = ? AND f.value >= 'e' AND f.value < 'g' LIMIT ${FEW + 1}`;
  const ids = piece(text, field);
  const rows = await run.quick(filled('SELECT count(*) FROM (%) n', ids));
  if (Number(rows[0]?.[0]) <= FEW) return readInto(run.ground, run.quick, ofIds(app, ids, FEW), isMissing);
  const second = query.sort[1];
  const likeness = second?.field === 'id' ? 'exact' : 'other';
  const after = query.after?.[0] === null && likeness === 'exact' ? query.after[1] : undefined;
  const way = idWay(app, {
    direction: second?.direction ?? 1,
    likeness,
    after: typeof after === 'string' ? after : undefined,
  });
  await walkInto(run, way, allOf([isMissing]));
}
