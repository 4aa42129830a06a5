import { DatabaseSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { migrate } from '@rollcall/server/store/migrate';
import { type Column, INSERT_COLUMNS, insertValues } from '@rollcall/server/store/rows';
import { type Person, personAt } from '../data/people.ts';

/** The app of every row. */
export const APP = 1 as AppId; // a number is made an app's id only here: no app is asked for it
/** The write-ahead log is copied back past this many pages: of those tried, what served a bare loop best. */
const CHECKPOINT_PAGES = 16_000;

/** Opens a database with Rollcall's own tables, indexes and pragmas, and nothing around it. */
export function openLimitDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF`);
  migrate(db);
  return db;
}

/** Leaves of the indexes of users only the named ones. */
export function keepIndexes(db: DatabaseSync, kept: readonly string[]): void {
  const indexes = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'user'").all();
  for (const { name } of indexes) if (!kept.includes(String(name))) db.exec(`DROP INDEX ${String(name)}`);
}

/** The statement that adds a user; its values are those of `valuesOf`. */
export const INSERT = `INSERT INTO user (${INSERT_COLUMNS}) VALUES (${INSERT_COLUMNS.split(',').fill('?').join(', ')})`;

/** A person as Rollcall stores it. */
function userOf({ id, name, custom }: Person, now: number): User {
  const text = JSON.stringify(custom);
  return { id, ...BLANK, name, nameKey: nameKey(name), custom: text, createdAt: now, updatedAt: now };
}

/** The row of the user of a number. */
export const valuesOf = (index: number, now: number): Column[] => insertValues(APP, userOf(personAt(index), now));
