import type { AppId } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import type { Filter, Query } from '@rollcall/domain/filter';
import pg from 'pg';
import { fieldToDeclare } from '../hint.ts';
import { Pace } from '../pace.ts';
import type { Found } from '../store.ts';
import { BEGIN, COMMIT } from './change.ts';
import { type Call, type Connection, call, type Rows } from './connection.ts';
import { findInto } from './query-choose.ts';
import { type Ask, Finds, type Ground } from './query-ground.ts';
import { Order } from './query-order.ts';
import { allOf, FALSE, type Piece, piece } from './query-sql.ts';
import { QueryStatements } from './query-statements.ts';
import { readRow, USER_COLUMNS } from './rows.ts';
import { whereOf } from './where.ts';
import { type Buckets, KnownBuckets } from './words-buckets.ts';

/** The connections that queries use: short reads share some, and what takes longer has one of its own. */
export interface Connections {
  read(asked: Call, until?: number): Promise<Rows>;
  lend<T>(work: (connection: Connection) => Promise<T>, until?: number): Promise<T>;
}

/** What is known of the declared fields of an app. */
export interface KnownFields {
  /** Those whose index knows everybody, by their paths. */
  readonly ready: ReadonlyMap<string, number>;
  /** All of them, ready or not. */
  readonly declared: ReadonlySet<string>;
}

/** How queries are walked. Times are in milliseconds. */
export interface PostgresWindows {
  /** How many entries a window has at most. */
  readonly mostSize: number;
  /** What a window should take. */
  readonly ms: number;
  /** What a query may take before it goes into the lane of what takes long. */
  readonly quickMs: number;
  /** When an answer took longer it names the field whose index would have helped. */
  readonly slowMs: number;
  /** How long a query may take in all. */
  readonly queryMs: number;
}

export const POSTGRES_WINDOWS: PostgresWindows = { mostSize: 50_000, ms: 10, quickMs: 25, slowMs: 50, queryMs: 2000 };

/** A window keeps the database at work and not this process: it need not rest as long as one that does. */
const LONGEST_REST_MS = 25;

/** How many searches of unknown length may run at once, each on a connection of its own. */
const HEAVY = 3;
/** After its time a statement is cancelled by the database; only after so long the connection is given up. */
const GRACE_MS = 2000;
const CANCELLED = '57014';

const LIMIT = { name: 'limit_query', text: `SELECT set_config('statement_timeout', $1, true)` };
const ONE = { name: 'find_one', text: `SELECT ${USER_COLUMNS} FROM app_user u WHERE u.app = $1 AND u.id = $2` };

/** What is done in one window, by statements that it asks. */
type Work = (ask: Ask) => Promise<void>;

/** A search that waits for its turn. */
interface Turn {
  readonly deadline: number;
  begin(): void;
}

/** Finds users in a PostgreSQL. */
export class PostgresFinder {
  readonly #connections: Connections;
  readonly #windows: PostgresWindows;
  readonly #fields: (app: AppId) => Promise<KnownFields>;
  readonly #statements = new QueryStatements();
  readonly #buckets: KnownBuckets;
  readonly #pace = new Pace(LONGEST_REST_MS);
  readonly #waiting: Turn[] = [];
  #heavy = 0;

  constructor(
    connections: Connections,
    fields: (app: AppId) => Promise<KnownFields>,
    windows: PostgresWindows = POSTGRES_WINDOWS,
  ) {
    this.#connections = connections;
    this.#fields = fields;
    this.#buckets = new KnownBuckets(connections);
    this.#windows = windows;
  }

  async query(app: AppId, query: Query): Promise<Found> {
    if (isLookup(query)) return this.#lookUp(app, query);
    const where = whereOf(app, query.filter);
    const found = new Finds(query);
    if (where.text === FALSE.text) return { users: [], walked: undefined };
    const startedAt = performance.now();
    const known = asksCustom(query) ? await this.#fields(app) : NO_FIELDS;
    const present = presentOf(app, query);
    const ground = { app, query, order: new Order(query.sort), present, where: allOf([present, where]), found };
    const run = new Run(this, ground, known, startedAt + this.#windows.queryMs);
    try {
      await findInto(run, known);
    } catch (error) {
      if (error instanceof TooSlow) throw tooSlow(query, known.declared, this.#windows.queryMs);
      throw error;
    }
    const slow = performance.now() - startedAt > this.#windows.slowMs;
    return { users: found.users(), walked: slow ? fieldToDeclare(query, known.declared) : undefined };
  }

  async #lookUp(app: AppId, { filter, includeDeactivated }: Lookup): Promise<Found> {
    const [columns] = await this.#connections.read(call(ONE, app, filter.value));
    const user = columns && readRow(columns).user;
    const hidden = !user || user.deletedAt !== undefined || (user.deactivatedAt !== undefined && !includeDeactivated);
    return { users: hidden ? [] : [user], walked: undefined };
  }

  get windows(): PostgresWindows {
    return this.#windows;
  }

  buckets(): Promise<Buckets> {
    return this.#buckets.read();
  }

  /** A short read beside others. */
  quick(asked: Piece): Promise<Rows> {
    return this.#connections.read(this.#statements.call(asked));
  }

  /** Waits for its turn in the lane, and runs statements on a connection of its own. Says how long they took. */
  async inLane(deadline: number, work: Work, spentMs: number): Promise<number> {
    let ms = 0;
    const run = async (): Promise<number> => {
      const startedAt = performance.now();
      await this.#connections.lend((connection) =>
        work((asked) => connection.ask(this.#statements.call(asked), deadline + GRACE_MS)),
      );
      ms = performance.now() - startedAt;
      return ms;
    };
    if (!(await this.#pace.run(deadline, run, spentMs))) throw new TooSlow();
    return ms;
  }

  /** Runs one statement that may take long, with few others of its kind; the database cancels it when its time is over. */
  async heavy(asked: Piece, deadline: number): Promise<Rows> {
    await this.#turn(deadline);
    try {
      const left = Math.floor(deadline - performance.now());
      if (left <= 0) throw new TooSlow();
      const flight = [BEGIN, call(LIMIT, `${left}ms`), this.#statements.call(asked), COMMIT];
      const [, , rows = []] = await this.#connections.lend((connection) =>
        connection.flight(flight, deadline + GRACE_MS),
      );
      return rows;
    } catch (error) {
      throw error instanceof pg.DatabaseError && error.code === CANCELLED ? new TooSlow() : error;
    } finally {
      // Who came first goes on first: were all served by turns, all would be late.
      const [next] = this.#waiting.toSorted((a, b) => a.deadline - b.deadline);
      if (next) {
        this.#waiting.splice(this.#waiting.indexOf(next), 1);
        next.begin();
      } else this.#heavy -= 1;
    }
  }

  async #turn(deadline: number): Promise<void> {
    if (this.#heavy < HEAVY) this.#heavy += 1;
    else await new Promise<void>((begin) => this.#waiting.push({ deadline, begin }));
  }
}

/** The time of a query is over. */
export class TooSlow extends Error {}

/** One query on its way. */
export class Run {
  readonly ground: Ground;
  readonly known: KnownFields;
  readonly windows: PostgresWindows;
  readonly #finder: PostgresFinder;
  readonly #deadline: number;
  readonly #startedAt = performance.now();
  /** What it has had of the lane. */
  #spentMs = 0;

  constructor(finder: PostgresFinder, ground: Ground, known: KnownFields, deadline: number) {
    this.#finder = finder;
    this.ground = ground;
    this.known = known;
    this.windows = finder.windows;
    this.#deadline = deadline;
  }

  /** Runs a statement that is known to be short. */
  readonly quick = (asked: Piece): Promise<Rows> => this.#finder.quick(asked);

  /** Runs a statement of unknown length. */
  readonly heavy = (asked: Piece): Promise<Rows> => this.#finder.heavy(asked, this.#deadline);

  buckets(): Promise<Buckets> {
    return this.#finder.buckets();
  }

  /** Does one window's work: at once while the query is young, later in the lane. */
  async window(work: Work): Promise<void> {
    if (performance.now() > this.#deadline) throw new TooSlow();
    if (performance.now() - this.#startedAt < this.windows.quickMs) await work(this.quick);
    else this.#spentMs += await this.#finder.inLane(this.#deadline, work, this.#spentMs);
  }
}

const NO_FIELDS: KnownFields = { ready: new Map(), declared: new Set() };

/** Says whether declared fields can be of use to a query. */
function asksCustom({ filter, sort }: Query): boolean {
  return sort.some(({ field }) => typeof field === 'object') || filtersCustom(filter);
}

function filtersCustom(filter: Filter): boolean {
  return 'filters' in filter ? filter.filters.some(filtersCustom) : typeof filter.field === 'object';
}

function presentOf(app: AppId, query: Query): Piece {
  const present = [piece('u.app = ?', app), piece('u.deleted_at IS NULL')];
  if (!query.includeDeactivated) present.push(piece('u.deactivated_at IS NULL'));
  return allOf(present);
}

function tooSlow(query: Query, declared: ReadonlySet<string>, ms: number) {
  const field = fieldToDeclare(query, declared);
  const advice =
    field === undefined
      ? 'ask for fewer users, or sort by created_at or id'
      : `declare "${field}" in indexed_fields, or ask for fewer users`;
  return refusal('request_timeout', `the query took longer than ${ms / 1000} s: ${advice}`);
}

type Lookup = Query & { readonly filter: { readonly op: '$eq'; readonly field: 'id'; readonly value: string } };

/** Says whether a query asks for one user by id, and nothing else. */
function isLookup(query: Query): query is Lookup {
  const { filter, after, offset } = query;
  const byId = filter.op === '$eq' && filter.field === 'id' && typeof filter.value === 'string';
  return byId && after === undefined && offset === 0;
}
