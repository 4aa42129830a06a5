import type { AppId } from '@rollcall/domain/app';
import { type After, matches, placeInOrder, type Query } from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';
import { Best } from '../best.ts';
import type { Rows } from './connection.ts';
import type { Order } from './query-order.ts';
import { allOf, filled, type Piece, piece } from './query-sql.ts';
import { readRow, USER_COLUMNS } from './rows.ts';

/** Runs one statement, and gives its rows. */
export type Ask = (asked: Piece) => Promise<Rows>;

/** What all ways of finding users share. */
export interface Ground {
  readonly app: AppId;
  readonly query: Query;
  readonly order: Order;
  /** What everybody who may be found is, whatever is asked: of the app, and there. */
  readonly present: Piece;
  /** What everybody who is found must at least be. */
  readonly where: Piece;
  readonly found: Finds;
}

/** The best users so far; nobody is among them twice, although values that are sorted by may move meanwhile. */
export class Finds {
  readonly #best: Best;
  readonly #seen = new Set<string>();
  readonly #query: Query;

  constructor(query: Query) {
    this.#query = query;
    this.#best = new Best(query.sort, this.wanted, query.after);
  }

  get wanted(): number {
    return this.#query.offset + this.#query.limit;
  }

  add(user: User): void {
    if (this.#seen.has(user.id)) return;
    this.#seen.add(user.id);
    this.#best.add(user);
  }

  /** The last place that counts, once there are as many as wanted. */
  get last(): After | undefined {
    return this.#best.last;
  }

  /** How many there are, up to as many as wanted. */
  get count(): number {
    return this.wanted - this.#best.missing;
  }

  users(): readonly User[] {
    const { offset, limit } = this.#query;
    return this.#best.users().slice(offset, offset + limit);
  }
}

/** Takes all of a few users into what was found: cheaper than to have them looked at and sorted before. */
export async function readAllInto({ query, present, found }: Ground, ask: Ask, from: Piece): Promise<void> {
  for (const columns of await ask(filled(`SELECT ${USER_COLUMNS} FROM % WHERE %`, from, present))) {
    const { user } = readRow(columns);
    if (matches(query.filter, user)) found.add(user);
  }
}

const MOST_ROWS = 2000;

/**
 * Takes the first of some users, `from` being a subselect `u` of `app_user`, into what was found. SQL lets a superset through,
 * in the order asked for: while `matches` refuses some of a full helping there may be more behind it.
 */
export async function readInto(ground: Ground, ask: Ask, from: Piece, extra: Piece = piece('true')): Promise<void> {
  const { query, order, found } = ground;
  let { after } = query;
  let limit = found.wanted;
  for (;;) {
    const conditions = [ground.where, extra];
    if (after) conditions.push(order.after(after));
    const { last } = found;
    if (last) conditions.push(order.before(last));
    const chosen = filled(
      `SELECT ${USER_COLUMNS} FROM (SELECT u.* FROM % % WHERE % ORDER BY % LIMIT ${limit}) u`,
      from,
      order.nodes,
      allOf(conditions),
      order.by,
    );
    const users = (await ask(chosen)).map((columns) => readRow(columns).user);
    let refused = false;
    for (const user of users) {
      if (matches(query.filter, user)) found.add(user);
      else refused = true;
    }
    if (users.length < limit || !refused) return;
    after = furthest(ground, users, after);
    limit = Math.min(MOST_ROWS, limit * 2);
  }
}

function furthest({ order, query }: Ground, users: readonly User[], after: After | undefined): After | undefined {
  return users
    .map((user) => placeInOrder(query.sort, user))
    .reduce((far: After | undefined, place) => (far && order.compare(far, place) > 0 ? far : place), after);
}
