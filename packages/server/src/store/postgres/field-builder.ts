import type { AppId } from '@rollcall/domain/app';
import { int8Array, textArray } from './arrays.ts';
import { BEGIN, COMMIT, lockIds, readUsers, rowsById } from './change.ts';
import { type Connection, call, type Rows as Found } from './connection.ts';
import { addFieldRows, type DeclaredField, PUT_ROWS, type Rows } from './field-rows.ts';
import type { Connections } from './query.ts';
import { closeBucket, FULL_BUCKET } from './words-buckets.ts';

/** So many users are locked and taken in at once, and so many rows dropped. */
const USERS = 200;
const ROWS = 2000;
const STEP_MS = 10_000;
const RETRY_MS = 1000;
/** What one node leaves, another finds after so long. */
const LOOK_MS = 10_000;
/** A part of the index of words that could not be closed is tried again after so long. */
const CLOSE_AGAIN_MS = 30_000;
/** The share of its time that building rests. */
const REST = 0.25;

/** One node builds at a time. What is lost when the machine goes down is as if it had not been built. */
const LOCK = {
  name: 'lock_building',
  text: `SELECT pg_try_advisory_xact_lock(hashtextextended('building', -1)), set_config('synchronous_commit', 'off', true)`,
};

/** Queries that began before a field was dropped may still use it. */
const UNFINISHED = {
  name: 'unfinished_fields',
  text: `SELECT b.app, b.state, b.position, b.field, b.path FROM field_index a
    JOIN field_index b ON b.app = a.app AND b.state = a.state AND b.position = a.position
    WHERE a.field = (SELECT min(field) FROM field_index
      WHERE state = 'building' OR (state = 'dropping' AND dropped_at < now() - interval '10 seconds'))
    ORDER BY b.field`,
};

const NEXT_IDS = {
  name: 'next_ids',
  text: `SELECT id FROM app_user WHERE app = $1 AND id > $2 ORDER BY id LIMIT ${USERS}`,
};

const SAVE = {
  name: 'save_field',
  text: `UPDATE field_index SET state = $2, position = $3, users = users + $4
    WHERE field = ANY ($1::bigint[]) AND state = 'building'`,
};

const DROP_ROWS = {
  name: 'drop_field_rows',
  text: `WITH gone AS (DELETE FROM field_value WHERE ctid = ANY (
      ARRAY(SELECT ctid FROM field_value WHERE field = $1 LIMIT ${ROWS})) RETURNING 1) SELECT count(*) FROM gone`,
};

const FORGET = { name: 'forget_field', text: `DELETE FROM field_index WHERE field = $1 AND state = 'dropping'` };
const PUT = { name: 'put_field_rows', text: PUT_ROWS };

interface Unfinished extends DeclaredField {
  readonly app: AppId;
  readonly state: string;
  readonly position: string;
}

/**
 * Builds and drops the indexes of declared fields, a few users at a time, each time in a transaction that says how far it
 * came: whichever node comes next goes on from there. Users are locked as a change locks them, so that none is taken in as
 * it was before a change.
 */
export class FieldBuilder implements AsyncDisposable {
  readonly #connections: Connections;
  readonly #look: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  #closeFrom = 0;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#look = setInterval(() => this.start(), LOOK_MS).unref();
  }

  /** Begins, when there may be something to do. */
  start(): void {
    this.#again = true;
    if (this.#stopped) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const startedAt = performance.now();
      try {
        if (await this.#step()) this.#again = true;
        await this.#sleep((performance.now() - startedAt) * REST);
      } catch {
        // The database is away, or full: writers are told, and this goes on when it can.
        await this.#sleep(RETRY_MS);
        this.#again = true;
      }
    }
  }

  /** Does a part of what is left; says whether there may be more. */
  #step(): Promise<boolean> {
    return this.#connections.lend(async (connection) => {
      const until = performance.now() + STEP_MS;
      const [, [[locked] = []] = [], unfinished = [], [[bucket] = []] = []] = await connection.flight(
        [BEGIN, call(LOCK), call(UNFINISHED), FULL_BUCKET],
        until,
      );
      const fields = unfinished.map(readUnfinished);
      const [first] = fields;
      // Whoever has the lock does it.
      if (locked !== 't') return false;
      if (bucket != null && performance.now() > this.#closeFrom) await this.#close(connection, Number(bucket), until);
      else if (!first) return false;
      else if (first.state === 'dropping') await drop(connection, first, until);
      else await build(connection, fields, until);
      return true;
    });
  }

  /** Writers, or what keeps the table in order, may be in the way: then they are left alone for a while. */
  async #close(connection: Connection, bucket: number, until: number): Promise<void> {
    this.#closeFrom = performance.now() + CLOSE_AGAIN_MS;
    await closeBucket(connection, bucket, until);
    this.#closeFrom = 0;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Stops after the part that is being done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#look);
    this.#wake();
    await this.#running;
  }
}

function readUnfinished([app, state, position, field, path]: Found[number]): Unfinished {
  return {
    app: Number(app) as AppId, // the number the store gave it
    state: String(state),
    position: String(position),
    field: Number(field),
    path: String(path),
  };
}

/** Takes the next users into indexes that have come equally far. */
async function build(connection: Connection, fields: readonly Unfinished[], until: number): Promise<void> {
  const [first] = fields;
  if (!first) return;
  const found = await connection.ask(call(NEXT_IDS, first.app, first.position), until);
  const ids = found.map(([id]) => String(id));
  const [, users = []] = await connection.flight([lockIds(first.app, ids), readUsers(first.app, ids)], until);
  const rows: Rows = [[], [], [], []];
  for (const { user } of rowsById(users).values()) {
    if (user.deletedAt === undefined) for (const field of fields) addFieldRows(rows, field, user);
  }
  const state = ids.length < USERS ? 'ready' : 'building';
  const numbers = int8Array(fields.map(({ field }) => field));
  const [numbersOfRows, values, times, idsOfRows] = rows;
  await connection.flight(
    [
      call(PUT, int8Array(numbersOfRows), textArray(values), int8Array(times), textArray(idsOfRows)),
      call(SAVE, numbers, state, ids.at(-1) ?? first.position, ids.length),
      COMMIT,
    ],
    until,
  );
}

async function drop(connection: Connection, { field }: Unfinished, until: number): Promise<void> {
  const [[count] = []] = await connection.ask(call(DROP_ROWS, field), until);
  await connection.flight(Number(count) === 0 ? [call(FORGET, field), COMMIT] : [COMMIT], until);
}
