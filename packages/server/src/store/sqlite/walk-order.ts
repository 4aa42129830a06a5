import type { Instant, User } from '@rollcall/domain/user';
import type { Created } from '../plan.ts';
import { type Sql, sql } from './sql.ts';
import { type Ground, isBefore, never, readUsers, type Stretch, type Walk } from './walk.ts';

/** The order of a walk past all users. */
export interface Order {
  readonly by: 'created' | 'id';
  readonly direction: 1 | -1;
  /** How it stands to the order asked for: the same; the same but for ties; another. */
  readonly is: 'exact' | 'tied' | 'other';
  readonly created: Created;
  /** Where it begins, itself left out. */
  readonly after: Place | undefined;
}

/** A place in the index. */
export interface Place {
  readonly created: Instant;
  readonly id: string;
}

export const BELOW_IDS = '';
export const ABOVE_IDS = '\u{10ffff}';

/** A walk in the order of an index, to its end. */
interface Way {
  readonly from: (place: Place, to: Place) => Sql;
  readonly orderBy: Sql;
  readonly end: Place;
  readonly start: Place;
}

function wayOf(ground: Ground, { by, direction, created, after }: Order): Way {
  const [keys, marks, index] =
    by === 'id' ? ['u.id', '(?)', 'user_id'] : ['u.created_at, u.id', '(?, ?)', 'user_created'];
  const [beyond, within, order] = direction === 1 ? ['>', '<=', 'ASC'] : ['<', '>=', 'DESC'];
  const valuesOf = (place: Place) => (by === 'id' ? [place.id] : [place.created, place.id]);
  const low = { created: created.low, id: BELOW_IDS };
  const high = { created: created.high, id: ABOVE_IDS };
  return {
    from: (place, to) =>
      sql(
        `user u INDEXED BY ${index} LEFT JOIN user_activity a ON a.user = u.seq
        WHERE u.app = ? AND (${keys}) ${beyond} ${marks} AND (${keys}) ${within} ${marks}`,
        ground.app,
        ...valuesOf(place),
        ...valuesOf(to),
      ),
    orderBy: sql(`ORDER BY ${keys.replaceAll(/u\.\w+/g, `$& ${order}`)}`),
    start: after ?? (direction === 1 ? low : high),
    end: direction === 1 ? high : low,
  };
}

/**
 * Walks all users of the app in the order of creation, or of ids. Each stretch first finds its other end in the index alone, so
 * that it is short however few are meant.
 */
export function orderWalk(ground: Ground, order: Order): Walk {
  const way = wayOf(ground, order);
  let place = way.start;
  // Of those who may be meant not all are: when so many as were wanted were not enough, more are read at once.
  let factor = 1;

  /** The last of the next `size` entries; undefined when there are not so many. */
  function placeAfter(size: number): Place | undefined {
    const from = way.from(place, way.end);
    const row = ground.statements.first({
      text: `SELECT u.created_at, u.id FROM ${from.text} ${way.orderBy.text} LIMIT 1 OFFSET ? + 0`,
      parameters: [...from.parameters, size - 1],
    });
    return row && { created: Number(row[0]), id: String(row[1]) };
  }

  return {
    everybody: true,
    next(size, best): Stretch {
      const bound = placeAfter(size);
      const from = way.from(place, bound ?? way.end);
      if (order.is !== 'exact') {
        const users = readUsers(ground, from, best);
        place = bound ?? way.end;
        const reached = order.by === 'id' ? place.id : place.created;
        const isPast = order.is === 'other' ? never : isPastOf(reached, order.direction);
        return { users, ended: !bound, isPast };
      }
      const wanted = Math.min(size, Math.max(1, best.missing) * factor);
      factor *= 2;
      const limit = sql(`${way.orderBy.text} LIMIT ? + 0`, wanted);
      const users = readUsers(ground, from, best, limit);
      const full = users.length === wanted;
      place = lastOf(users, full) ?? bound ?? way.end;
      return { users, ended: !bound && !full, isPast: () => true };
    },
  };
}

const isPastOf =
  (reached: string | number, direction: 1 | -1): Stretch['isPast'] =>
  (place) =>
    isBefore(place[0], reached, direction);

function lastOf(users: readonly User[], full: boolean): Place | undefined {
  const last = full ? users.at(-1) : undefined;
  return last && { created: last.createdAt, id: last.id };
}
