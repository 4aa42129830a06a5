import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

const FOLDER = new URL('./migrations/', import.meta.url);

/** The numbered migrations, oldest first. */
function migrations(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort();
}

/** The version a database must have for this program. */
export const SCHEMA_VERSION = migrations().length;

/** The version a database has: the number of migrations it went through. */
export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** Runs the migrations that a database has not seen, each in a transaction of its own. Refuses a database from a newer version. */
export function migrate(db: DatabaseSync): void {
  const version = schemaVersion(db);
  if (version > SCHEMA_VERSION) {
    throw new Error(`a newer Rollcall wrote it (schema ${version}, this one knows ${SCHEMA_VERSION})`);
  }
  for (const [at, file] of migrations().entries()) {
    if (at < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${readFileSync(new URL(file, FOLDER), 'utf8')}; PRAGMA user_version = ${at + 1}; COMMIT`);
  }
}
