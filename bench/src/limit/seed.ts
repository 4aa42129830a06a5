import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { teamsAt } from '../data/teams.ts';
import { APP, INSERT, INSERT_TEAM, INSERT_WORDS, newRow } from './database.ts';

/** A seeded user is that much younger than the one before. */
const STEP_MS = 40;
/** So many of the youngest are written in small groups, so that the words lie as in a database that has lived. */
const GROUPED = 20_000;
const ROWS_TOGETHER = 100;

/** Fills an empty file quickly, since nobody reads it meanwhile, and leaves it as a server would: safe, and without a log. */
export function seed(db: DatabaseSync, count: number, withTeams: boolean): number {
  const begun = performance.now();
  const oldest = Date.now() - count * STEP_MS;
  const statements = { user: db.prepare(INSERT), words: db.prepare(INSERT_WORDS), team: db.prepare(INSERT_TEAM) };
  const add = (index: number) => addUser(statements, index, oldest + index * STEP_MS, withTeams);
  db.exec(
    'PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576',
  );
  const grouped = Math.max(0, count - GROUPED);
  db.exec('BEGIN');
  for (let index = 0; index < grouped; index += 1) add(index);
  db.exec('COMMIT');
  for (let index = grouped; index < count; index += 1) {
    if ((index - grouped) % ROWS_TOGETHER === 0) db.exec('BEGIN');
    add(index);
    if ((index - grouped) % ROWS_TOGETHER === ROWS_TOGETHER - 1 || index === count - 1) db.exec('COMMIT');
  }
  // Their words need not be taken in by the server.
  db.exec('UPDATE words_position SET position = (SELECT max(seq) FROM user)');
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  return performance.now() - begun;
}

interface Statements {
  readonly user: StatementSync;
  readonly words: StatementSync;
  readonly team: StatementSync;
}

function addUser(statements: Statements, index: number, createdAt: number, withTeams: boolean): void {
  const { columns, words, user } = newRow(index, createdAt, withTeams ? teamsAt(index) : undefined);
  const seq = Number(statements.user.run(...columns).lastInsertRowid);
  statements.words.run(seq, words);
  for (const team of user.teams) statements.team.run(APP, team, seq, user.nameKey);
}
