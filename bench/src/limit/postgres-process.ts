import { INSERT, insertValues } from '@rollcall/server/store/postgres/write';
import pg from 'pg';
import { scattered } from '../data/order.ts';
import { personAt } from '../data/people.ts';
import { serve } from '../process/serve.ts';
import { APP, userOf } from './database.ts';

/*
 * The limit of row 9: the same driver on the same tables and indexes, and nothing around it. One statement adds or changes 100
 * users. Values are made, and encoded, before the clock starts. Argument: the database, whose tables Rollcall has made.
 */

const [url = ''] = process.argv.slice(2);
const ROWS_TOGETHER = 100;
const IN_FLIGHT = 8;

/** Tuned: of a user that exists only what changed is written, and no index is touched. */
const UPSERT = {
  name: 'upsert',
  text: `${INSERT.text} ON CONFLICT (app, id) DO UPDATE SET custom = excluded.custom, updated_at = excluded.updated_at`,
};
const SESSION = '-c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan';

const clients = await Promise.all(Array.from({ length: IN_FLIGHT }, connect));

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: SESSION, pipeline: true });
  await client.connect();
  return client;
}

type Values = ReturnType<typeof insertValues>;

function valuesOf(indexes: readonly number[], age?: number): Values[] {
  const now = Date.now();
  const batches: Values[] = [];
  for (let at = 0; at < indexes.length; at += ROWS_TOGETHER) {
    const some = indexes.slice(at, at + ROWS_TOGETHER);
    const users = some.map((index) => userOf(personAt(index, age), now));
    batches.push([APP, ...insertValues(APP, users)]);
  }
  return batches;
}

/** Writes every batch, so many in flight; answers rows a second. */
async function write(batches: readonly Values[]): Promise<number> {
  let next = 0;
  let changed = 0;
  const begun = performance.now();
  const lanes = clients.map(async (client) => {
    for (let batch = batches[next++]; batch; batch = batches[next++]) {
      const { rowCount } = await client.query({ ...UPSERT, values: batch });
      changed += rowCount ?? 0;
    }
  });
  await Promise.all(lanes);
  const elapsed = performance.now() - begun;
  if (changed !== batches.length * ROWS_TOGETHER)
    throw new Error(`${changed} rows of ${batches.length} batches were written`);
  return (changed / elapsed) * 1000;
}

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

serve({
  insert: (first = 0, count = 0) => write(valuesOf(range(first, count))),
  update: (size = 0, first = 0, count = 0, age = 0) => write(valuesOf(scattered(size, first, count), age)),
});
