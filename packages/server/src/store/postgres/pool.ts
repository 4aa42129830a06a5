import { refusal } from '@rollcall/domain/error';
import type { PoolState } from '../store.ts';
import type { Address } from './address.ts';
import { type Call, Connection, call, type Rows, type Session } from './connection.ts';
import { away } from './faults.ts';
import { retried } from './retry.ts';

/** How many connections, and how long things may take, in milliseconds. */
export interface PoolOptions {
  /** All connections of this process. */
  readonly size: number;
  /** A call, from its arrival to its answer. */
  readonly callMs: number;
  /** Waiting for one lock. */
  readonly lockMs: number;
  readonly connectMs: number;
}

/** How many calls may wait for a connection, and how many may be under way on one that is shared. */
const QUEUE = 1000;
const SWEEP_MS = 100;
const READERS = 2;
const ROLLBACK = call({ text: 'ROLLBACK' });

interface Waiter {
  readonly until: number;
  resolve(connection: Connection): void;
  reject(error: unknown): void;
}

/**
 * The connections of this process. Most are lent to one transaction at a time; two are shared by short reads, which stand in
 * line for nobody's transaction. Callers wait in a bounded queue, for a bounded time.
 */
export class Pool implements AsyncDisposable {
  readonly #address: Address;
  readonly #options: PoolOptions;
  readonly #lenders: number;
  readonly #readers: (Promise<Connection> | undefined)[];
  readonly #open = new Set<Connection>();
  readonly #lent = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #queue: Waiter[] = [];
  readonly #sweep: NodeJS.Timeout;
  #opening = 0;
  #nextReader = 0;
  #ended: (() => void) | undefined;
  #closed = false;

  constructor(address: Address, options: PoolOptions) {
    this.#address = address;
    this.#options = options;
    const readers = Math.max(1, Math.min(READERS, options.size - 1));
    this.#readers = Array.from({ length: readers }, () => undefined);
    this.#lenders = Math.max(1, options.size - readers);
    this.#sweep = setInterval(() => this.#check(), SWEEP_MS).unref();
  }

  /** When a call that comes now must be answered. */
  deadline(): number {
    return performance.now() + this.#options.callMs;
  }

  get state(): PoolState {
    const reading = [...this.#open].filter((connection) => connection.pending > 0 && !this.#lent.has(connection));
    return { most: this.#options.size, inUse: this.#lent.size + reading.length, waiting: this.#queue.length };
  }

  /** Runs one short read beside others. What the end of a session swallowed is asked once more, as often as `retried` does. */
  read(call: Call, until = this.deadline()): Promise<Rows> {
    return retried(until, () => this.#askReader(call, until));
  }

  async #askReader(call: Call, until: number): Promise<Rows> {
    if (this.#closed) throw closed();
    const connection = await this.#reader(until);
    connection.refreshPlans();
    return connection.ask(call, until);
  }

  /** Lends a connection for a transaction. One that was not committed is rolled back when the connection comes back. */
  async lend<T>(work: (connection: Connection) => Promise<T>, until = this.deadline()): Promise<T> {
    const connection = await this.#acquire(until);
    connection.refreshPlans();
    try {
      return await work(connection);
    } finally {
      this.#lent.delete(connection);
      this.#giveBack(connection);
    }
  }

  async #reader(until: number): Promise<Connection> {
    this.#nextReader = (this.#nextReader + 1) % this.#readers.length;
    const at = this.#nextReader;
    const known = this.#readers[at];
    if (known) {
      const connection = await known;
      if (connection.pending >= QUEUE) throw tooMany();
      if (!connection.isLost) return connection;
      if (this.#readers[at] !== known) return this.#reader(until); // somebody else replaces it
    }
    const opened = this.#connect(until);
    this.#readers[at] = opened;
    opened.catch(() => {
      if (this.#readers[at] === opened) this.#readers[at] = undefined;
    });
    return opened;
  }

  #acquire(until: number): Promise<Connection> {
    if (this.#closed) return Promise.reject(closed());
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.isLost) continue;
      this.#lent.add(idle);
      return Promise.resolve(idle);
    }
    if (this.#queue.length >= QUEUE) return Promise.reject(tooMany());
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    this.#queue.push({ until, resolve, reject });
    this.#openMore();
    return promise;
  }

  /** Opens as many connections as wait for one, as far as there is room. One that cannot be opened fails who waited longest. */
  #openMore(): void {
    const inUse = this.#lent.size + this.#idle.length;
    while (this.#opening < this.#queue.length && inUse + this.#opening < this.#lenders) {
      const [first] = this.#queue;
      if (!first) return;
      this.#opening += 1;
      this.#connect(first.until).then(
        (connection) => {
          this.#opening -= 1;
          this.#giveBack(connection);
        },
        (error: unknown) => {
          this.#opening -= 1;
          this.#queue.shift()?.reject(error);
          this.#openMore();
        },
      );
    }
  }

  #giveBack(connection: Connection): void {
    if (this.#closed) this.#endWhenIdle(connection);
    else if (connection.isLost) this.#openMore();
    else this.#passOn(connection);
  }

  #passOn(connection: Connection): void {
    if (connection.inTransaction) {
      connection.ask(ROLLBACK, this.deadline()).catch((error: unknown) => connection.lose(error));
    }
    const waiter = this.#queue.shift();
    if (!waiter) {
      this.#idle.push(connection);
      return;
    }
    this.#lent.add(connection);
    waiter.resolve(connection);
  }

  async #connect(until: number): Promise<Connection> {
    const { connectMs } = this.#options;
    const left = until - performance.now();
    if (left <= 0) throw away(new Error('the time is over'));
    const connection = await Connection.open(this.#address, Math.min(connectMs, left), this.#session());
    this.#open.add(connection);
    return connection;
  }

  #session(): Session {
    const { callMs, lockMs } = this.#options;
    return {
      client_encoding: 'UTF8',
      lock_timeout: lockMs,
      statement_timeout: callMs,
      idle_in_transaction_session_timeout: callMs * 2,
      // A session that hangs up lets go of its locks, also while it waits for one.
      client_connection_check_interval: 1000,
      // Statements look up row after row by an index, whatever is known of the tables: they may be empty when a statement is
      // planned, and grow. Planning each time anew would cost more than most of them do.
      enable_seqscan: 'off',
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      // Read by an index, users come in its order, and reading may stop: what looks cheaper to the planner sorts all of them.
      random_page_cost: 1,
      jit: 'off',
      plan_cache_mode: 'force_generic_plan',
    };
  }

  /** Gives up connections whose answers are late, and tells those that waited too long. */
  #check(): void {
    const now = performance.now();
    for (const connection of this.#open) {
      connection.check(now);
      if (connection.isLost) this.#open.delete(connection);
    }
    while (this.#queue[0] && this.#queue[0].until < now) {
      this.#queue.shift()?.reject(away(new Error('no connection came free in time')));
    }
  }

  #endWhenIdle(connection: Connection): void {
    void connection.end();
    if (this.#lent.size === 0) this.#ended?.();
  }

  /** Waits for what is under way, and ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject } of this.#queue.splice(0)) reject(closed());
    if (this.#lent.size > 0) await new Promise<void>((resolve) => (this.#ended = resolve));
    await Promise.allSettled(this.#readers);
    await Promise.allSettled([...this.#open].map((connection) => connection.end()));
    clearInterval(this.#sweep);
  }
}

const closed = (): Error => away(new Error('the store is closed'));

function tooMany(): Error {
  return refusal('unavailable', 'too many calls are waiting for the database, please try again');
}
