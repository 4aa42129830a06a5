import type { Chance } from './backoff.ts';
import { batchesOf, namedIn } from './batches.ts';
import { inputError, noAnswer, RollcallError } from './error.ts';
import { patiently } from './retry.ts';
import type { UserInput } from './types.ts';
import { hasId } from './users.ts';

/** A user that was not written, and why. */
export interface SyncFailure {
  readonly id: string;
  readonly error: RollcallError;
}

/** What has become of the users so far: how many were written, and which were not. */
export interface SyncResult {
  readonly synced: number;
  readonly failed: readonly SyncFailure[];
}

/** How to sync. */
export interface SyncOptions {
  /** Told after each batch. */
  readonly onProgress?: (sofar: SyncResult) => void;
  /** How many batches may be under way at once: 4. With 1, users are written strictly in order. */
  readonly concurrency?: number;
  /** Stops reading and sending, at once. A source that is waiting then is closed when it comes back. */
  readonly signal?: AbortSignal;
}

/** Any number of users; read only as fast as they are written. */
export type UserSource<Custom extends object> = Iterable<UserInput<Custom>> | AsyncIterable<UserInput<Custom>>;

/** Writes one batch, all or nothing. Must be safe to do twice. */
export type Send<Custom extends object> = (
  users: readonly UserInput<Custom>[],
  signal: AbortSignal,
) => Promise<unknown>;

/** After so many users in a row that failed without being named, it is not the users. */
const HOPELESS = 300;
/** The server refuses the caller, or is not there at all: no other batch will fare better. */
const HOPELESS_STATUS: readonly number[] = [401, 403, 404, 405, 501];

/** Writes any number of users; `RollcallServer.syncUsers` tells what it promises. */
export class Sync<Custom extends object> {
  readonly #send: Send<Custom>;
  readonly #options: SyncOptions;
  readonly #chance: Chance;
  readonly #stop = new AbortController();
  readonly #running = new Map<Promise<void>, ReadonlySet<string>>();
  readonly #failed: SyncFailure[] = [];
  #synced = 0;
  #unnamed = 0;

  constructor(send: Send<Custom>, options: SyncOptions, chance: Chance) {
    this.#send = send;
    this.#options = options;
    this.#chance = chance;
  }

  /** Runs, once. */
  async run(users: UserSource<Custom>): Promise<SyncResult> {
    const { signal } = this.#options;
    const cancel = (): void => this.#stop.abort(noAnswer('syncUsers was cancelled', signal?.reason));
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    try {
      await Promise.race([this.#feed(users), this.#stopped()]); // a source that waits would notice nothing
    } catch (error) {
      this.#stop.abort(error);
    } finally {
      await Promise.all(this.#running.keys());
      signal?.removeEventListener('abort', cancel);
    }
    this.#stop.signal.throwIfAborted();
    return this.#sofar();
  }

  /** Rejects as soon as there is no use in going on. */
  #stopped(): Promise<never> {
    const { signal } = this.#stop;
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      if (signal.aborted) reject(signal.reason);
    });
  }

  async #feed(users: UserSource<Custom>): Promise<void> {
    const concurrency = Math.max(1, this.#options.concurrency ?? 4);
    for await (const batch of batchesOf(this.#identified(users))) {
      const ids = new Set(batch.map((user) => user.id));
      while (this.#running.size >= concurrency || this.#isUnderWay(ids)) await Promise.race(this.#running.keys());
      this.#stop.signal.throwIfAborted();
      const work = this.#work(batch).finally(() => this.#running.delete(work));
      this.#running.set(work, ids);
    }
  }

  /** A user without an id would be written under some other one. */
  async *#identified(users: UserSource<Custom>): AsyncGenerator<UserInput<Custom>> {
    for await (const user of users) {
      this.#stop.signal.throwIfAborted();
      if (hasId(user)) yield user;
      else this.#failed.push({ id: String(user?.id), error: inputError('every user needs an id, a string') });
    }
  }

  /** Two batches that tell of one user must not overtake each other. */
  #isUnderWay(ids: ReadonlySet<string>): boolean {
    return [...this.#running.values()].some((others) => [...others].some((id) => ids.has(id)));
  }

  async #work(batch: readonly UserInput<Custom>[]): Promise<void> {
    try {
      await this.#deliver(batch);
      this.#options.onProgress?.(this.#sofar());
    } catch (error) {
      this.#stop.abort(error);
    }
  }

  /** Takes out whom the server names, and sends the rest again. */
  async #deliver(batch: readonly UserInput<Custom>[]): Promise<void> {
    const { signal } = this.#stop;
    let rest = batch;
    while (rest.length > 0) {
      const sent = rest;
      try {
        await patiently(() => this.#send(sent, signal), { signal, chance: this.#chance });
        this.#synced += sent.length;
        this.#unnamed = 0;
        return;
      } catch (error) {
        if (!(error instanceof RollcallError)) throw error;
        const named = namedIn(error.fields, sent);
        if (named.size === 0) return this.#settle(error, sent);
        for (const [id, fields] of named) this.#failed.push({ id, error: errorFor(error, fields) });
        rest = sent.filter((user) => !named.has(user.id));
      }
    }
  }

  /** The server refused a batch and named nobody: halves tell whom it means, unless it is not about users. */
  async #settle(error: RollcallError, batch: readonly UserInput<Custom>[]): Promise<void> {
    if (HOPELESS_STATUS.includes(error.status) || this.#unnamed >= HOPELESS) throw error;
    const aboutUsers = error.code === 4 || error.status === 400 || error.status === 413;
    if (aboutUsers && batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      await this.#deliver(batch.slice(0, middle));
      return this.#deliver(batch.slice(middle));
    }
    this.#unnamed += batch.length;
    for (const { id } of batch) this.#failed.push({ id, error });
  }

  #sofar(): SyncResult {
    return { synced: this.#synced, failed: this.#failed };
  }
}

/** What the error of a batch says of one user. */
function errorFor(error: RollcallError, fields: Readonly<Record<string, string>>): RollcallError {
  const { code, status } = error;
  return new RollcallError(Object.values(fields)[0] ?? error.message, { code, status, fields, cause: error });
}
