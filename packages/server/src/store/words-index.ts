import type { DatabaseSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import { readerOf, subjectOf } from '@rollcall/domain/field-value';
import type { WordsField } from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';
import { words } from '@rollcall/domain/words';
import type { Needle } from './plan.ts';
import { readRow, USER_COLUMNS } from './rows.ts';

const FIELDS: readonly WordsField[] = ['id', 'name', 'username'];
const FIRST_TAG = 0x80;
const TAGS = 0x110000 - 0x800 - FIRST_TAG;

/**
 * The code point before each word, which keeps apps and fields apart. Past 370,000 apps two may share one: then some are come
 * by who are none of the app's, and passed over.
 */
function tagOf(app: AppId, field: WordsField): string {
  const number = FIRST_TAG + ((app * FIELDS.length + FIELDS.indexOf(field)) % TAGS);
  return String.fromCodePoint(number < 0xd800 ? number : number + 0x800);
}

/** What to look for, in the language of FTS5: quoted beginnings of tokens. A word is letters, marks and numbers, so no quote. */
export function matchOf(app: AppId, needles: readonly Needle[]): string {
  return needles.map(({ field, word }) => `"${tagOf(app, field)}${word}" *`).join(' AND ');
}

const USERNAME = readerOf({ path: ['username'] });

/** The username, which is a custom field. Custom data is parsed only when it may hold one. */
function usernameOf(user: User): string | undefined {
  if (!user.custom.includes('"username":')) return undefined;
  const username = USERNAME(subjectOf(user));
  return typeof username === 'string' ? username : undefined;
}

/** What of a user is found by words; a deleted user is not. */
function textsOf(user: User): readonly (string | undefined)[] {
  return user.deletedAt === undefined ? [user.id, user.name, usernameOf(user)] : [];
}

/** All tokens of a user, one space between them. */
export function tokensOf(app: AppId, user: User): string {
  const tokens: string[] = [];
  for (const [at, text] of textsOf(user).entries()) {
    const field = FIELDS[at];
    if (text === undefined || field === undefined) continue;
    const tag = tagOf(app, field);
    for (const word of words(text)) tokens.push(tag + word);
  }
  return tokens.join(' ');
}

/**
 * The words of users. What a group writes is kept until it commits, and goes to FTS5 in the order of seq: each step back
 * would make it write what it gathered.
 */
export class WordsIndex {
  readonly #statements;
  readonly #changed = new Map<number, string>();
  #filling: { position: number; until: number } | undefined;

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db);
  }

  /** Notes what a user is found by from now on. */
  note(app: AppId, seq: number, before: User | undefined, after: User): void {
    if (before && sameTexts(textsOf(before), textsOf(after))) return;
    this.#changed.set(seq, tokensOf(app, after));
  }

  /** Writes what was noted: before a commit. */
  flush(): void {
    if (this.#changed.size === 0) return;
    const inOrder = [...this.#changed].sort(([a], [b]) => a - b);
    this.#changed.clear();
    // Who has no words any more is put without any. A DELETE would leave the connection with a row number of FTS5's own, which
    // is too large for a JavaScript number, and every later run of a statement would fail over it.
    for (const [seq, tokens] of inOrder) this.#statements.put.run(seq, tokens);
  }

  /** Forgets what was noted: after a rollback. */
  forget(): void {
    this.#changed.clear();
    this.#filling = undefined;
  }

  /** Says whether everybody can be found by words. */
  get ready(): boolean {
    const { position, until } = this.#progress();
    return position >= until;
  }

  /** Takes in about `size` users from before there was an index, inside a transaction; says whether more are left. */
  fill(size: number): boolean {
    const { position, until } = this.#progress();
    if (position >= until) return false;
    const to = Math.min(until, position + size);
    for (const columns of this.#statements.users.all(position, to)) {
      // An array with the app behind the columns of the user.
      const [app] = (columns as unknown as unknown[]).slice(-1) as [AppId];
      const { seq, user } = readRow(columns);
      this.#changed.set(seq, tokensOf(app, user));
    }
    this.#statements.save.run(to);
    this.#filling = { position: to, until };
    return to < until;
  }

  #progress(): { position: number; until: number } {
    if (!this.#filling) {
      const { position, until } = this.#statements.progress.get() ?? {};
      this.#filling = { position: Number(position), until: Number(until) };
    }
    return this.#filling;
  }
}

function sameTexts(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

function prepare(db: DatabaseSync) {
  const users = db.prepare(`SELECT ${USER_COLUMNS}, u.app FROM user u LEFT JOIN user_activity a ON a.user = u.seq
    WHERE u.seq > ? AND u.seq <= ? ORDER BY u.seq`);
  users.setReturnArrays(true);
  return {
    users,
    put: db.prepare('INSERT OR REPLACE INTO user_words (rowid, words) VALUES (?, ?)'),
    progress: db.prepare('SELECT position, until FROM words_filling'),
    save: db.prepare('UPDATE words_filling SET position = ?'),
  };
}
