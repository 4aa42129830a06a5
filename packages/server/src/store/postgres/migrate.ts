import { readdirSync, readFileSync } from 'node:fs';
import type { Address } from './address.ts';
import { Connection, call } from './connection.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** "Rollcall", as the number of a lock: whoever holds it changes the schema. */
const LOCK = 0x526f6c6c63616c6cn;
const CONNECT_MS = 5000;

/** The numbered migrations, oldest first. */
function migrations(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort();
}

/** The whole schema, as text. */
export const postgresMigrations = (): string => migrations().map(textOf).join('\n');

const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

/**
 * Runs the migrations that a database has not seen, each in a transaction of its own. Of nodes that start at once one does and
 * the others wait. Refuses a database from a newer version.
 */
export async function migratePostgres(address: Address): Promise<void> {
  const files = migrations();
  // The first migration of a large database takes its time, and whoever waits for it waits as long.
  const session = { lock_timeout: 0, statement_timeout: 0, idle_in_transaction_session_timeout: 60_000 };
  const connection = await Connection.open(address, CONNECT_MS, session);
  const run = async (text: string): Promise<string | undefined> => {
    const rows = await connection.ask(call({ text }), Number.POSITIVE_INFINITY);
    return rows[0]?.[0] ?? undefined;
  };
  try {
    for (;;) {
      await run('BEGIN');
      await run(`SELECT pg_advisory_xact_lock(${LOCK})`);
      const version = await schemaVersion(run);
      const file = files[version];
      if (file === undefined) return refuseNewer(version, files.length);
      await run(textOf(file));
      await run('UPDATE rollcall_schema SET version = version + 1');
      await run('COMMIT');
    }
  } finally {
    await connection.end();
  }
}

/** How many migrations a database went through. */
async function schemaVersion(run: (text: string) => Promise<string | undefined>): Promise<number> {
  if ((await run("SELECT to_regclass('rollcall_schema')")) === undefined) {
    await run('CREATE TABLE rollcall_schema (version integer NOT NULL)');
    await run('INSERT INTO rollcall_schema VALUES (0)');
  }
  return Number(await run('SELECT version FROM rollcall_schema'));
}

function refuseNewer(version: number, known: number): void {
  if (version <= known) return;
  throw new Error(`the database was written by a newer Rollcall (schema ${version}, this one knows ${known})`);
}
