import { DatabaseSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { migrate } from '@rollcall/server/store/sqlite/migrate';
import { type Column, INSERT_COLUMNS, insertValues } from '@rollcall/server/store/sqlite/rows';
import { tokensOf } from '@rollcall/server/store/words-tokens';
import { type Person, personAt } from '../data/people.ts';

/** The app of every row. */
export const APP = 1 as AppId; // a number is made an app's id only here: no app is asked for it
/** The write-ahead log is copied back past this many pages: of those tried, what served a bare loop best. */
const CHECKPOINT_PAGES = 16_000;

/** Opens a database with Rollcall's own tables, indexes and pragmas, and nothing around it. */
export function openLimitDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF`);
  migrate(db);
  return db;
}

/** The name by which the words of users are called among the indexes. */
export const WORDS = 'words';

/** Leaves of the indexes of users only the named ones. */
export function keepIndexes(db: DatabaseSync, kept: readonly string[]): void {
  const indexes = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'user'").all();
  for (const { name } of indexes) if (!kept.includes(String(name))) db.exec(`DROP INDEX ${String(name)}`);
}

/** The statement that adds a user; its values are the `columns` of a `NewRow`. */
export const INSERT = `INSERT INTO user (${INSERT_COLUMNS}) VALUES (${INSERT_COLUMNS.split(',').fill('?').join(', ')})`;
/** The statement that lets a user be found by words: its number, and the words. */
export const INSERT_WORDS = 'INSERT INTO user_words (rowid, words) VALUES (?, ?)';
/** The statement that puts a user into a team. */
export const INSERT_TEAM = 'INSERT INTO user_team (app, team, user, name_key) VALUES (?, ?, ?, ?)';

/** All that is written for a new user, made before the clock starts. */
export interface NewRow {
  readonly columns: Column[];
  readonly words: string;
  readonly user: User;
}

/** A person as Rollcall stores it. */
export function userOf({ id, name, custom }: Person, now: number, teams: readonly string[] = BLANK.teams): User {
  const text = JSON.stringify(custom);
  return { id, ...BLANK, name, nameKey: nameKey(name), custom: text, teams, createdAt: now, updatedAt: now };
}

/** The row of a user. */
export const columnsOf = (user: User): Column[] => insertValues(APP, user);
/** The words by which a user is found. */
export const wordsOf = (user: User): string => tokensOf(APP, user);

/** What is written for the user of a number. */
export function newRow(index: number, now: number, teams?: readonly string[]): NewRow {
  const user = userOf(personAt(index), now, teams);
  return { columns: columnsOf(user), words: wordsOf(user), user };
}
