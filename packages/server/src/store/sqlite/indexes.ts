import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import type { Instant, User } from '@rollcall/domain/user';
import type { Known } from './choose.ts';
import { FieldIndexes } from './field-index.ts';
import { WordsIndex, type WordsTiming } from './words-index.ts';

/** The indexes that SQLite does not keep by itself: words, declared fields, and whether seq is the order of creation. */
export class Indexes {
  readonly fields: FieldIndexes;
  readonly words: WordsIndex;
  readonly #creation: CreationOrder;
  #wordsFirst = false;

  constructor(db: DatabaseSync, timing: WordsTiming) {
    this.fields = new FieldIndexes(db);
    this.words = new WordsIndex(db, timing);
    this.#creation = new CreationOrder(db);
  }

  /** Follows a user that was written in this transaction. */
  written(app: AppId, seq: number, before: User | undefined, after: User): void {
    if (!before) this.#creation.note(app, after.createdAt);
    this.words.note(app, seq, before, after);
    this.fields.write(app, seq, before, after);
  }

  /** Forgets what was believed: after a rollback. */
  forget(): void {
    this.words.forget();
    this.fields.forget();
    this.#creation.forget();
  }

  known(app: AppId): Known {
    return {
      words: this.words.ready,
      fields: this.fields.ready(app),
      inOrder: this.#creation.holds(app),
      waiting: (needles, direction) => this.words.waiting(app, needles, direction),
    };
  }

  /**
   * Does about `size` rows of what is left to do, inside a transaction; says whether there was anything. Words can wait while others are
   * busy.
   */
  work(size: number, busy: boolean): boolean | 'later' {
    const wordsWait = busy && this.words.canWait;
    // In turn: where users come all the time, their words are never done.
    this.#wordsFirst = !this.#wordsFirst && !wordsWait;
    const done = this.#wordsFirst
      ? this.words.stepBeside(size) || this.fields.step(size)
      : this.fields.step(size) || (!wordsWait && this.words.stepBeside(size));
    return done || (wordsWait ? 'later' : false);
  }
}

/** Remembers of each app whether its users came in the order of their times: only then seq can stand for `created_at`. */
class CreationOrder {
  readonly #newest = new Map<AppId, Instant>();
  readonly #disordered = new Map<AppId, boolean>();
  readonly #readNewest: StatementSync;
  readonly #read: StatementSync;
  readonly #save: StatementSync;

  constructor(db: DatabaseSync) {
    this.#readNewest = db.prepare('SELECT max(created_at) AS newest FROM user WHERE app = ?');
    this.#read = db.prepare('SELECT 1 FROM disordered_app WHERE app = ?');
    this.#save = db.prepare('INSERT OR IGNORE INTO disordered_app VALUES (?)');
  }

  /** Takes note of a user that was just inserted. */
  note(app: AppId, createdAt: Instant): void {
    const newest = this.#newest.get(app) ?? Number(this.#readNewest.get(app)?.newest ?? createdAt);
    if (createdAt < newest && this.holds(app)) {
      this.#save.run(app);
      this.#disordered.set(app, true);
    }
    this.#newest.set(app, Math.max(newest, createdAt));
  }

  holds(app: AppId): boolean {
    let disordered = this.#disordered.get(app);
    if (disordered === undefined) {
      disordered = this.#read.get(app) !== undefined;
      this.#disordered.set(app, disordered);
    }
    return !disordered;
  }

  forget(): void {
    this.#newest.clear();
    this.#disordered.clear();
  }
}
