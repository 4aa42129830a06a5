import { SET_PLAIN } from '@rollcall/server/store/rows';
import { scattered } from '../data/order.ts';
import { personAt } from '../data/people.ts';
import { restingMemory, serve } from '../process/serve.ts';
import { APP, INSERT, keepIndexes, openLimitDatabase, valuesOf } from './database.ts';

/*
 * The limit of rows 1 and 2: a bare node:sqlite loop. Values are made before the clock starts.
 * Arguments: the file, and, to tell the cost of each, the indexes of users to keep.
 */

const [file = ':memory:', indexes] = process.argv.slice(2);
const ROWS_TOGETHER = 100;
/** A seeded user is that much younger than the one before. */
const SEED_STEP_MS = 40;

const db = openLimitDatabase(file);
if (indexes !== undefined) keepIndexes(db, indexes.split(','));
const insert = db.prepare(INSERT);
// Tuned: columns that an index holds have not changed, and are not written.
const update = db.prepare(`UPDATE user SET ${SET_PLAIN} WHERE app = ? AND id = ?`);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');

/** Runs a statement for every row, so many a transaction; answers rows a second. */
function loop(statement: typeof insert, rows: readonly (string | number | null)[][]): number {
  let changed = 0;
  const begun = performance.now();
  for (let at = 0; at < rows.length; at += ROWS_TOGETHER) {
    begin.run();
    for (const row of rows.slice(at, at + ROWS_TOGETHER)) changed += Number(statement.run(...row).changes);
    commit.run();
  }
  const elapsed = performance.now() - begun;
  if (changed !== rows.length) throw new Error(`${changed} of ${rows.length} rows were written`);
  return (changed / elapsed) * 1000;
}

function updatedRow(index: number, age: number): (string | number | null)[] {
  const { id, name, custom } = personAt(index, age);
  return [name, null, '', 0, null, null, JSON.stringify(custom), Date.now(), APP, id];
}

/** Fills a file quickly, since nobody reads it meanwhile, and leaves it as a server would: safe, and without a log. */
function seed(count: number): number {
  const begun = performance.now();
  const oldest = Date.now() - count * SEED_STEP_MS;
  db.exec(
    'PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576; BEGIN',
  );
  for (let index = 0; index < count; index += 1) insert.run(...valuesOf(index, oldest + index * SEED_STEP_MS));
  db.exec('COMMIT; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  return performance.now() - begun;
}

serve({
  ready: () => 0,
  memory: restingMemory,
  seed: (count = 0) => seed(count),
  insert: (first = 0, count = 0) => {
    const now = Date.now();
    return loop(
      insert,
      Array.from({ length: count }, (_, at) => valuesOf(first + at, now)),
    );
  },
  update: (size = 0, first = 0, count = 0, age = 0) =>
    loop(
      update,
      scattered(size, first, count).map((index) => updatedRow(index, age)),
    ),
});
