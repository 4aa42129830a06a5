import { DomainError, refusal } from '@rollcall/domain/error';
import { tellCommit } from '../commits.ts';
import { gatherer } from './gather.ts';
import { Portion } from './portion.ts';
import type { Sync } from './sync.ts';

/** A transaction at a time, on a connection that only this group uses. */
export interface Transactions {
  begin(): void;
  commit(): void;
  rollback(): void;
  /** What lets committed transactions reach the disk. */
  readonly sync: Sync;
}

/** What has to be done between groups, some of it at a time, before more may be written. */
export interface Chores {
  due(): boolean;
  /** Does about `size` rows of it, inside a transaction. */
  run(size: number): void;
}

const NO_CHORES: Chores = { due: () => false, run: () => {} };

const GROUP_ROWS = 100;
const GROUP_MS = 8;
const QUEUE_ROWS = 10_000;
/** What chores may take between two groups: the more is done at once, the less it costs each. */
const CHORES_MS = 6;
/** To wait so many times what a commit costs is worth it, where another may come: then commits take a quarter of the time. */
const WORTH = 3;
/** The weight of the last commit in what they cost. */
const NEWS = 0.2;

interface Member {
  readonly rows: number;
  run(): unknown;
  committed(): void;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** When a transaction began and when its commit did, by `performance.now()`. */
interface CommitTimes {
  readonly begunAt: number;
  readonly committingAt: number;
}

const NOTHING = (): void => {};

/**
 * Group commit: changes that arrive together run one after another in one transaction, so that one sync of the disk serves
 * them all. They are answered when it is done; meanwhile the next group may run. A refusal writes nothing and fails alone. An unexpected error rolls the group back and runs
 * its members singly. A failed commit fails them all. A group ends at 100 rows or 8 ms; then the loop turns.
 */
export class Group {
  readonly #transactions: Transactions;
  readonly #committed: () => void;
  readonly #chores: Chores;
  readonly #portion = new Portion(CHORES_MS);
  readonly #arrived: () => void;
  #queue: Member[] = [];
  #queuedRows = 0;
  /** How many transactions are committed and not yet safe. */
  #unsafe = 0;
  #idle: (() => void)[] = [];
  /** What a commit costs, of late: until it is safe. */
  #commitMs = 0;

  /** `committed` is called after each commit, between groups. */
  constructor(transactions: Transactions, committed: () => void, chores: Chores = NO_CHORES) {
    this.#transactions = transactions;
    this.#committed = committed;
    this.#chores = chores;
    this.#arrived = gatherer({
      count: () => this.#queuedRows,
      full: GROUP_ROWS,
      ms: GROUP_MS,
      patienceMs: () => Math.min(GROUP_MS, WORTH * this.#commitMs),
      // Nobody is answered before the next sync, which begins when the one on its way is done.
      held: () => this.#unsafe > 0,
      flush: () => this.#flush(),
    });
  }

  /**
   * Runs `work` in the next group and answers when what it wrote is safe; `committed` is called before that, as soon as it is
   * written. Refuses with `unavailable` when the queue is full, or the disk in trouble: once written it is never said to have failed
   * while it may still be safe.
   */
  run<T>(size: number, work: () => T, committed = NOTHING): Promise<T> {
    const rows = Math.max(1, size);
    const { trouble } = this.#transactions.sync;
    if (trouble !== undefined) return Promise.reject(away(trouble));
    if (this.#queuedRows + rows > QUEUE_ROWS && this.#queue.length > 0) {
      return Promise.reject(refusal('unavailable', 'too many writes are waiting, please try again'));
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // The member is settled with what its own `run` returned.
    this.#queue.push({ rows, run: work, committed, resolve: resolve as (value: unknown) => void, reject });
    this.#queuedRows += rows;
    this.#arrived();
    return promise;
  }

  /** Resolves when nothing is waiting, and all that was written is safe or lost. */
  drained(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #flush(): void {
    if (this.#chores.due()) this.#doChores();
    else this.#commitNext();
    this.#tellIdle();
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && this.#unsafe === 0;
  }

  #tellIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Does what is due; who waits goes on waiting, and is told when it cannot be done. */
  #doChores(): void {
    this.#portion.begin();
    try {
      this.#transactions.begin();
      this.#chores.run(this.#portion.size);
      this.#transactions.commit();
      this.#portion.end();
    } catch (cause) {
      this.#transactions.rollback();
      for (const member of this.#take(this.#queue.length)) member.reject(unavailable(cause));
      return;
    }
    this.#committed();
  }

  #commitNext(): void {
    const begunAt = performance.now();
    try {
      this.#transactions.begin();
    } catch (cause) {
      // Somebody else has the database: who waits is told so now, rather than after the callers gave up.
      for (const member of this.#take(this.#queue.length)) member.reject(unavailable(cause));
      return;
    }
    const done: (() => void)[] = [];
    let taken: number;
    try {
      taken = this.#runMembers(done);
    } catch {
      this.#transactions.rollback();
      this.#runSingly();
      return;
    }
    const members = this.#take(taken);
    const committingAt = performance.now();
    try {
      this.#transactions.commit();
    } catch (cause) {
      this.#transactions.rollback();
      for (const member of members) member.reject(unavailable(cause));
      return;
    }
    this.#settle(members, done, { begunAt, committingAt });
    this.#committed();
  }

  /** Answers who was committed, once that is safe. */
  #settle(members: readonly Member[], done: readonly (() => void)[], times: CommitTimes): void {
    for (const { committed } of members) committed();
    this.#unsafe += 1;
    this.#transactions.sync.wait({
      safe: () => {
        this.#commitMs += (performance.now() - times.committingAt - this.#commitMs) * NEWS;
        for (const settle of done) settle();
        tellCommit(members.length, times.begunAt);
        this.#goOn();
      },
      failed: (cause) => {
        for (const member of members) member.reject(away(cause));
        this.#goOn();
      },
    });
  }

  /** A transaction is safe, or lost. */
  #goOn(): void {
    this.#unsafe -= 1;
    if (this.#queue.length > 0) this.#arrived();
    this.#tellIdle();
  }

  /** Runs members until the group is full; says how many. Throws what is not a refusal. */
  #runMembers(done: (() => void)[]): number {
    const deadline = performance.now() + GROUP_MS;
    let rows = 0;
    let taken = 0;
    for (const member of this.#queue) {
      if (taken > 0 && (rows + member.rows > GROUP_ROWS || performance.now() > deadline)) break;
      taken += 1;
      rows += member.rows;
      try {
        const value = member.run();
        done.push(() => member.resolve(value));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        done.push(() => member.reject(error));
      }
    }
    return taken;
  }

  /** Runs what waits one by one, each in a transaction of its own, so that only what fails is failed. */
  #runSingly(): void {
    const deadline = performance.now() + GROUP_MS;
    do {
      const [member] = this.#take(1);
      if (!member) return;
      const begunAt = performance.now();
      try {
        this.#transactions.begin();
        const value = member.run();
        const committingAt = performance.now();
        this.#transactions.commit();
        this.#settle([member], [() => member.resolve(value)], { begunAt, committingAt });
      } catch (error) {
        this.#transactions.rollback();
        member.reject(error instanceof DomainError ? error : unavailable(error));
      }
    } while (performance.now() < deadline);
    this.#committed();
  }

  #take(count: number): Member[] {
    const members = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    for (const { rows } of members) this.#queuedRows -= rows;
    return members;
  }
}

/** What SQLite says when the machine, not our statement, is at fault: busy, locked, read-only, I/O, corrupt, full, no database. */
const AWAY = new Set([5, 6, 8, 10, 11, 13, 14, 26]);

/** Turns a fault of the machine into a refusal; a fault of ours stays what it is, for the log. */
export function unavailable(cause: unknown): unknown {
  const errcode = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) : 0;
  return AWAY.has(errcode & 0xff) ? away(cause) : cause;
}

/** The refusal of what the database could not do just now. */
export function away(cause: unknown): DomainError {
  const error = refusal('unavailable', 'the database cannot be reached, please try again');
  error.cause = cause;
  return error;
}
