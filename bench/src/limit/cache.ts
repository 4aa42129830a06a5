import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { teamsAt } from '../data/teams.ts';
import { newRow, openLimitDatabase } from './database.ts';

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

/** Removes databases of so many users that an older schema, or older data, left behind. */
export function removeOutdated(users: number, file: string): void {
  for (const name of readdirSync(FOLDER)) {
    if (name.startsWith(`${users}-users-`) && join(FOLDER, name) !== file) rmSync(join(FOLDER, name), { force: true });
  }
}
