import type { DatabaseSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import type { Needle } from '../plan.ts';
import { sameTexts, textsOf, tokensIn, tokensOf } from '../words-tokens.ts';
import { readRow, USER_COLUMNS } from './rows.ts';
import type { Stream } from './stream.ts';
import { type Waiting, waitingStream } from './words-waiting.ts';

/** When the words of users are taken into their index. */
export interface WordsTiming {
  /** Past so many who wait, writers wait too, until there are fewer. */
  readonly most: number;
  /** More than these are those of a database from before there was an index: queries do without it until they were taken in. */
  readonly held: number;
  /** How long the first of some waits for others to come, in milliseconds. Infinite: until writers wait. */
  readonly afterMs: number;
}

export const WORDS_TIMING: WordsTiming = { most: 5000, held: 20_000, afterMs: 200 };

/** How far the index has come. */
interface State {
  /** All up to this seq are in the index, but for those who changed since. */
  position: number;
  /** Whether too many come after that to be held here. */
  readonly filling: boolean;
  /** The users after that, in the order of seq; none while filling. */
  readonly fresh: Map<number, Waiting>;
  /** Users up to the position whose words changed since. */
  readonly changed: Map<number, Waiting>;
}

/**
 * The words of users, taken in a little after their users were written: many at once cost a fraction of what they cost one by
 * one. Who waits is durable knowledge, written with the users, and held here too, so that a query looks at it; what the index
 * says too much of them is looked at by `matches`. All writing happens inside a transaction.
 */
export class WordsIndex {
  readonly #statements;
  readonly #timing: WordsTiming;
  #known: State | undefined;

  constructor(db: DatabaseSync, timing: WordsTiming) {
    this.#statements = prepare(db);
    this.#timing = timing;
  }

  /** Notes a user who was just written: its words are to be taken in. */
  note(app: AppId, seq: number, before: User | undefined, after: User): void {
    const texts = textsOf(after);
    if (before && sameTexts(textsOf(before), texts)) return;
    const { position, filling, fresh, changed } = this.#state;
    const waiting: Waiting = { seq, tokens: tokensIn(app, texts) };
    if (seq > position) {
      if (!filling) fresh.set(seq, waiting);
      return;
    }
    if (!changed.has(seq)) this.#statements.wait.run(seq);
    changed.set(seq, waiting);
  }

  /** Reads anew what is known: after a rollback. */
  forget(): void {
    this.#known = undefined;
  }

  /** Says whether everybody can be found by words. */
  get ready(): boolean {
    return !this.#state.filling;
  }

  /** Says whether somebody may wait. It asks no database. */
  get waits(): boolean {
    return this.#known === undefined || this.#known.filling || this.#waiting > 0;
  }

  /** Says whether so many wait that writers are to wait. It asks no database. */
  get pressing(): boolean {
    return this.#waiting > this.#timing.most;
  }

  get #waiting(): number {
    return this.#known ? this.#known.fresh.size + this.#known.changed.size : 0;
  }

  /** Those who wait and have all of some words; undefined when nobody waits. */
  waiting(app: AppId, needles: readonly Needle[], direction: 1 | -1): Stream | undefined {
    const { fresh, changed } = this.#state;
    if (this.#waiting === 0) return undefined;
    return waitingStream([...bySeq(changed), ...fresh.values()], app, needles, direction);
  }

  /** As `step`, while nobody has to wait. */
  stepBeside(size: number): boolean {
    return this.#state.filling || Number.isFinite(this.#timing.afterMs) ? this.step(size) : false;
  }

  /** Says whether somebody waits who can go on waiting. */
  get canWait(): boolean {
    return !this.#state.filling && this.#waiting > 0;
  }

  /** Takes in about `size` users; says whether there was anybody. */
  step(size: number): boolean {
    const state = this.#state;
    if (!this.waits) return false;
    // In the order of seq: at each step back FTS5 would write out what it gathered.
    const left = size - this.#putChanged(state, size);
    if (left > 0) state.filling ? this.#fill(state, left) : this.#putFresh(state, left);
    return true;
  }

  #putChanged({ changed }: State, size: number): number {
    const next = bySeq(changed).slice(0, size);
    const last = next.at(-1);
    if (!last) return 0;
    for (const waiting of next) {
      // Who has no words any more is put without any. A DELETE would leave the connection with a row number of FTS5's own,
      // which is too large for a JavaScript number, and every later run of a statement would fail over it.
      this.#statements.put.run(waiting.seq, waiting.tokens);
      changed.delete(waiting.seq);
    }
    this.#statements.waitNoMore.run(last.seq);
    return next.length;
  }

  #putFresh(state: State, size: number): void {
    let left = size;
    for (const [seq, waiting] of state.fresh) {
      if (left === 0) break;
      left -= 1;
      this.#statements.put.run(seq, waiting.tokens);
      state.fresh.delete(seq);
      state.position = seq;
    }
    if (left < size) this.#statements.save.run(state.position);
  }

  /** Takes in users from before there was an index. */
  #fill(state: State, size: number): void {
    const last = this.#last();
    const to = Math.min(last, state.position + size);
    for (const [seq, waiting] of this.#read('after', state.position, to)) {
      this.#statements.put.run(seq, waiting.tokens);
    }
    state.position = to;
    this.#statements.save.run(to);
    if (last - to <= this.#timing.held) this.forget();
  }

  get #state(): State {
    if (!this.#known) {
      const position = Number(this.#statements.position.get()?.position ?? 0);
      const filling = this.#last() - position > this.#timing.held;
      const fresh = filling ? [] : this.#read('after', position, Number.MAX_SAFE_INTEGER);
      this.#known = { position, filling, fresh: new Map(fresh), changed: new Map(this.#read('waiting')) };
    }
    return this.#known;
  }

  #last(): number {
    return Number(this.#statements.last.get()?.last ?? 0);
  }

  #read(which: 'after' | 'waiting', ...parameters: number[]): [number, Waiting][] {
    return this.#statements[which].all(...parameters).map((columns) => {
      // An array with the app behind the columns of the user.
      const [app] = (columns as unknown as unknown[]).slice(-1) as [AppId];
      const { seq, user } = readRow(columns);
      return [seq, { seq, tokens: tokensOf(app, user) }];
    });
  }
}

/** Those who changed, in the order of seq. */
const bySeq = (changed: State['changed']): readonly Waiting[] => [...changed.values()].sort((a, b) => a.seq - b.seq);

function prepare(db: DatabaseSync) {
  const columns = `${USER_COLUMNS}, u.app`;
  const after = db.prepare(`SELECT ${columns} FROM user u LEFT JOIN user_activity a ON a.user = u.seq
    WHERE u.seq > ? AND u.seq <= ? ORDER BY u.seq`);
  const waiting = db.prepare(`SELECT ${columns} FROM words_waiting w CROSS JOIN user u ON u.seq = w.user
    LEFT JOIN user_activity a ON a.user = u.seq ORDER BY u.seq`);
  after.setReturnArrays(true);
  waiting.setReturnArrays(true);
  return {
    after,
    waiting,
    put: db.prepare('INSERT OR REPLACE INTO user_words (rowid, words) VALUES (?, ?)'),
    position: db.prepare('SELECT position FROM words_position'),
    last: db.prepare('SELECT max(seq) AS last FROM user'),
    save: db.prepare('UPDATE words_position SET position = ?'),
    wait: db.prepare('INSERT OR IGNORE INTO words_waiting VALUES (?)'),
    waitNoMore: db.prepare('DELETE FROM words_waiting WHERE user <= ?'),
  };
}
