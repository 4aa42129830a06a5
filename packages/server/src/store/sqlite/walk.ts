import { type After, compareValues, type Query } from '@rollcall/domain/filter';
import type { Instant, User } from '@rollcall/domain/user';
import type { Best } from '../best.ts';
import { EVER } from '../plan.ts';
import { outdoes } from './outdo.ts';
import { readRow, USER_COLUMNS } from './rows.ts';
import { allOf, type Sql, sql } from './sql.ts';
import { endOf, type Stream } from './stream.ts';
import type { Streamed } from './streams.ts';

/** A stretch of a walk. */
export interface Stretch {
  /** Those who may be meant, of all whom it came by. */
  readonly users: readonly User[];
  /** Whether nobody is left. */
  readonly ended: boolean;
  /** Whether whoever is still to come comes after this place in the order asked for. */
  readonly isPast: (place: After) => boolean;
  /** How many it looked at, where they were fewer than it was asked to. */
  readonly looked?: number;
}

/** A way past users that passes over nobody who is meant. */
export interface Walk {
  /** Whether it goes past everybody, for want of an index of those who are meant. */
  readonly everybody: boolean;
  /** Looks at `size` users more, or at fewer. */
  next(size: number, best: Best): Stretch;
}

/** What all walks of a query need. */
export interface Ground extends Streamed {
  readonly query: Query;
  /** What everybody who is found must at least be. */
  readonly where: Sql;
}

export const never = () => false;

/** How many more than are wanted are read first: enough to see that the last one ties with nobody, as a rule. */
const SOME = 8;

/** Reads the users of some rows of `user u`, those who may be meant, in no order. */
export function readUsers(
  { statements, query, where }: Ground,
  from: Sql,
  best: Best,
  rest: Sql = sql(''),
): readonly User[] {
  const condition = allOf([where, outdoes(query.sort, best.last)]);
  const text = `SELECT ${USER_COLUMNS} FROM ${from.text} AND ${condition.text} ${rest.text}`;
  const rows = statements.all({ text, parameters: [...from.parameters, ...condition.parameters, ...rest.parameters] });
  return rows.map((columns) => readRow(columns).user);
}

/** Users named by their seqs. Cross joins keep the planner from trying anything else. */
export const bySeq = (seqs: readonly number[]): Sql =>
  sql(
    `json_each(?) s CROSS JOIN user u ON u.seq = s.value LEFT JOIN user_activity a ON a.user = u.seq WHERE 1`,
    JSON.stringify(seqs),
  );

/** Walks the users of a stream. With `inOrder`, seq is the order of creation, and the first field asked for is that. */
export function seqWalk(
  ground: Ground,
  stream: Stream,
  { from, until, direction, inOrder }: { from: number; until: number; direction: 1 | -1; inOrder: boolean },
): Walk {
  let place = from;
  /** Those the stream gave who are not read yet: it gives many at once, since each step of it costs something. */
  let left: readonly number[] = [];
  let factor = 1;
  let created: Instant = direction === 1 ? EVER.low : EVER.high;
  const createdAt = (seq: number): Instant | undefined => {
    const row = ground.statements.first(sql('SELECT created_at FROM user WHERE seq = ? AND app = ?', seq, ground.app));
    return row && Number(row[0]);
  };
  return {
    everybody: false,
    next(size, best) {
      if (left.length === 0) {
        const { seqs, reached } = stream(place, size);
        place = reached;
        left = seqs;
      }
      // Where most who come are meant, few more than are wanted need to be read.
      const share = left.slice(0, inOrder ? Math.min(size, (best.missing + SOME) * factor) : size);
      left = left.slice(share.length);
      factor *= 2;
      const last = share.at(-1);
      const users = last === undefined ? [] : readUsers(ground, bySeq(share), best);
      if (inOrder && last !== undefined) created = createdAt(last) ?? created;
      const ended = left.length === 0 && (place === endOf(direction) || (place - until) * direction >= 0);
      const isPast: Stretch['isPast'] = inOrder ? (other) => isBefore(other[0], created, direction) : never;
      return { users, ended, isPast, looked: share.length };
    },
  };
}

/** Says whether one value of an order certainly comes before another. */
export function isBefore(value: After[0] | undefined, other: string | number, direction: 1 | -1): boolean {
  if (typeof value === 'number' && typeof other === 'number') return compareValues(value, other) * direction < 0;
  return typeof value === 'string' && typeof other === 'string' && compareValues(value, other) * direction < 0;
}
