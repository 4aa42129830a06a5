import { scattered } from '../data/order.ts';
import { personAt } from '../data/people.ts';
import { restingMemory, serve } from '../process/serve.ts';
import { APP, INSERT, INSERT_WORDS, keepIndexes, type NewRow, newRow, openLimitDatabase, WORDS } from './database.ts';
import { seed } from './seed.ts';

/*
 * The limit of rows 1 and 2: a bare node:sqlite loop. Values are made before the clock starts.
 * Arguments: the file, and, to tell the cost of each, the indexes of users to keep.
 */

const [file = ':memory:', indexes] = process.argv.slice(2);
const ROWS_TOGETHER = 100;

const db = openLimitDatabase(file);
const kept = indexes?.split(',');
if (kept) keepIndexes(db, kept);
const withWords = kept?.includes(WORDS) ?? true;
const insert = db.prepare(INSERT);
const insertWords = db.prepare(INSERT_WORDS);
// Tuned: what has not changed is not written, and no index is touched.
const update = db.prepare('UPDATE user SET custom = ?, updated_at = ? WHERE app = ? AND id = ?');
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');

/** Writes every row, so many a transaction; answers rows a second. */
function loop<Row>(rows: readonly Row[], write: (row: Row) => number | bigint): number {
  let changed = 0;
  const begun = performance.now();
  for (let at = 0; at < rows.length; at += ROWS_TOGETHER) {
    begin.run();
    for (const row of rows.slice(at, at + ROWS_TOGETHER)) changed += Number(write(row));
    commit.run();
  }
  const elapsed = performance.now() - begun;
  if (changed !== rows.length) throw new Error(`${changed} of ${rows.length} rows were written`);
  return (changed / elapsed) * 1000;
}

function add({ columns, words }: NewRow): number | bigint {
  const { changes, lastInsertRowid } = insert.run(...columns);
  if (withWords) insertWords.run(lastInsertRowid, words);
  return changes;
}

function updatedRow(index: number, age: number): (string | number)[] {
  const { id, custom } = personAt(index, age);
  return [JSON.stringify(custom), Date.now(), APP, id];
}

serve({
  ready: () => 0,
  memory: restingMemory,
  seed: (count = 0, withTeams = 0) => seed(db, count, withTeams === 1),
  insert: (first = 0, count = 0) => {
    const now = Date.now();
    return loop(
      Array.from({ length: count }, (_, at) => newRow(first + at, now)),
      add,
    );
  },
  update: (size = 0, first = 0, count = 0, age = 0) =>
    loop(
      scattered(size, first, count).map((index) => updatedRow(index, age)),
      (row) => update.run(...row).changes,
    ),
});
