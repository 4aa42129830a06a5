import type { AppId } from '@rollcall/domain/app';
import type { Needle, Range, Source } from '../plan.ts';
import { mergeStreams } from './merge.ts';
import { type Sql, type Statements, sql } from './sql.ts';
import { BEYOND, endOf, ORDER, type Stream, seqOf } from './stream.ts';
import { wordsStream } from './words-stream.ts';

/** More values of a range than these are no source: whoever they belong to is come by soon enough. */
const RANGE = 4000;

/** What streams are opened on. */
export interface Streamed {
  readonly statements: Statements;
  readonly app: AppId;
  /** Those who have all of some words and are not in their index yet. */
  readonly waiting: (needles: readonly Needle[], direction: 1 | -1) => Stream | undefined;
}

/** Opens the stream of a source; undefined when the source turns out to be no good one. */
export function openStream(streamed: Streamed, source: Source, direction: 1 | -1): Stream | undefined {
  const { statements, app, waiting } = streamed;
  switch (source.by) {
    case 'any': {
      const streams = source.sources.map((one) => openStream(streamed, one, direction));
      return mergeStreams(
        streams.filter((stream) => stream !== undefined),
        direction,
      );
    }
    case 'ids': {
      const rows = statements.all(
        sql(
          'SELECT u.seq FROM json_each(?) wanted CROSS JOIN user u ON u.app = ? AND u.id = wanted.value',
          JSON.stringify([...new Set(source.ids)]),
          app,
        ),
      );
      return listStream(rows.map(seqOf), direction);
    }
    case 'range':
      return rangeStream(statements, source, direction);
    case 'words': {
      const indexed = wordsStream(statements, app, source.words, direction);
      const others = waiting(source.words, direction);
      return others ? mergeStreams([indexed, others], direction) : indexed;
    }
    default:
      return indexStream(statements, indexOf(app, source), direction);
  }
}

interface Index {
  readonly table: string;
  readonly column: string;
  readonly where: Sql;
}

/** An index in which the users of one value lie in the order of creation. */
function indexOf(app: AppId, source: Extract<Source, { readonly by: 'name' | 'role' | 'team' | 'value' }>): Index {
  switch (source.by) {
    case 'name':
      return {
        table: 'user INDEXED BY user_name',
        column: 'seq',
        where: sql(`app = ? AND name_key = ? AND name_key <> ''`, app, source.key),
      };
    case 'role':
      return {
        table: 'user INDEXED BY user_role',
        column: 'seq',
        where: sql(`app = ? AND role = ? AND role <> 'user'`, app, source.role),
      };
    case 'team':
      return { table: 'user_team', column: 'user', where: sql('app = ? AND team = ?', app, source.team) };
    case 'value': {
      const { field, entry } = source;
      return {
        table: 'field_value',
        column: 'user',
        where: sql('field = ? AND kind = ? AND value = ?', field, entry.kind, entry.value),
      };
    }
  }
}

function indexStream(statements: Statements, { table, column, where }: Index, direction: 1 | -1): Stream {
  const text = `SELECT ${column} FROM ${table} WHERE ${where.text} AND ${column} ${BEYOND[direction]} ?
    ORDER BY ${column} ${ORDER[direction]} LIMIT ? + 0`;
  return (from, size) => {
    const seqs = statements.all(sql(text, ...where.parameters, from, size)).map(seqOf);
    return { seqs, reached: seqs.length < size ? endOf(direction) : (seqs.at(-1) ?? endOf(direction)) };
  };
}

/** The users of a range come by value: they are all read, and put in order. */
function rangeStream(
  statements: Statements,
  { field, kinds: [from, to], low, high }: Range,
  direction: 1 | -1,
): Stream | undefined {
  const kinds = from === to ? sql('kind = ?', from) : sql('kind BETWEEN ? AND ?', from, to);
  const above = low === undefined ? sql('') : sql(' AND value >= ?', low);
  const below = high === undefined ? sql('') : sql(' AND value <= ?', high);
  const text = `SELECT user FROM field_value WHERE field = ? AND ${kinds.text}${above.text}${below.text} LIMIT ${RANGE + 1}`;
  const rows = statements.all(sql(text, field, ...kinds.parameters, ...above.parameters, ...below.parameters));
  return rows.length > RANGE ? undefined : listStream(rows.map(seqOf), direction);
}

function listStream(found: readonly number[], direction: 1 | -1): Stream {
  const seqs = [...new Set(found)].sort((a, b) => (a - b) * direction);
  return (from, size) => {
    const at = firstBeyond(seqs, from, direction);
    const page = seqs.slice(at, at + size);
    return { seqs: page, reached: at + size < seqs.length ? (page.at(-1) ?? from) : endOf(direction) };
  };
}

/** The first place in a sorted list that lies beyond a seq. */
function firstBeyond(seqs: readonly number[], from: number, direction: 1 | -1): number {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (((seqs[middle] ?? 0) - from) * direction > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
