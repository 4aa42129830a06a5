import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresMigrations } from '@rollcall/server/store/postgres/migrate';
import { wordTokens } from '@rollcall/server/store/postgres/words';
import { teamsAt } from '../data/teams.ts';
import { APP, newRow, openLimitDatabase } from './database.ts';

const SAMPLE = 200;
const FOLDER = join(tmpdir(), 'rollcall-bench-data');

/** What a kept database depends on: the schema, and how a user of a number looks. */
function fingerprint(): string {
  using db = openLimitDatabase(':memory:');
  const schema = db.prepare('SELECT sql FROM sqlite_schema').all();
  const rows = Array.from({ length: SAMPLE }, (_, index) => newRow(index, 0, teamsAt(index)));
  return createHash('sha256')
    .update(JSON.stringify([schema, rows]))
    .digest('hex')
    .slice(0, 12);
}

/** Where a database of so many users, with teams, is kept from one run to the next. It may be removed at any time. */
export function keptFile(users: number): string {
  mkdirSync(FOLDER, { recursive: true });
  return join(FOLDER, `${users}-users-${fingerprint()}.db`);
}

/** The folder of a PostgreSQL that holds the same, kept likewise. */
export function keptFolder(users: number): string {
  const tokens = Array.from({ length: SAMPLE }, (_, index) => wordTokens(APP, newRow(index, 0, teamsAt(index)).user));
  const hash = createHash('sha256').update(JSON.stringify([fingerprint(), postgresMigrations(), tokens]));
  return join(FOLDER, `${users}-users-postgresql-${hash.digest('hex').slice(0, 12)}`);
}

/** Removes databases of so many users that an older schema, or older data, left behind. */
export function removeOutdated(users: number, file: string): void {
  const isPostgres = (name: string): boolean => name.includes('-postgresql-');
  for (const name of readdirSync(FOLDER)) {
    if (!name.startsWith(`${users}-users-`) || isPostgres(name) !== isPostgres(file)) continue;
    if (join(FOLDER, name) !== file) rmSync(join(FOLDER, name), { force: true, recursive: true });
  }
}
