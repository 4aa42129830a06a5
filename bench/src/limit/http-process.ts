import { INSERT_COLUMNS } from '@rollcall/server/store/rows';
import Fastify from 'fastify';
import { serve } from '../process/serve.ts';
import { APP, INSERT, openLimitDatabase } from './database.ts';

/*
 * The limit of rows 3, 4 and 5: bare Fastify, and for writes one prepared upsert, committed in groups. It checks nothing,
 * knows no tokens and answers what it was sent. Argument: the file. BENCH_ANSWER is what reads are answered with.
 */

interface Sent {
  readonly id: string;
  readonly name?: string;
  readonly set?: object;
}
interface Body {
  readonly users: Readonly<Record<string, Sent>> | readonly Sent[];
}

const [file = ':memory:'] = process.argv.slice(2);
const db = openLimitDatabase(file);
const columns = INSERT_COLUMNS.split(',').map((column) => column.trim());
const upsert = db.prepare(`${INSERT} ON CONFLICT (app, id) DO UPDATE SET
  custom = json_patch(custom, excluded.custom), updated_at = excluded.updated_at`);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');

let waiting: { readonly row: (string | number | null)[]; readonly done: () => void }[] = [];

/** Writes a row together with all that come in the same turn of the loop. */
function write(row: (string | number | null)[]): Promise<void> {
  return new Promise((done) => {
    if (waiting.push({ row, done }) === 1) setImmediate(commitAll);
  });
}

function commitAll(): void {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const { row } of group) upsert.run(...row);
  commit.run();
  for (const { done } of group) done();
}

function rowOf({ id, name, set, ...custom }: Sent): (string | number | null)[] {
  const now = Date.now();
  const given: Readonly<Record<string, string | number | null>> = {
    app: APP,
    id,
    created_at: now,
    role: 'user',
    name_key: name?.toLowerCase() ?? '',
    name: name ?? null,
    language: '',
    invisible: 0,
    custom: JSON.stringify(set ?? custom),
    updated_at: now,
  };
  return columns.map((column) => given[column] ?? null);
}

const text = process.env.BENCH_ANSWER ?? '{}';
const server = Fastify();
server.get('/users', (_, reply) => reply.type('application/json; charset=utf-8').send(text));
for (const method of ['POST', 'PATCH'] as const) {
  server.route<{ Body: Body }>({
    method,
    url: '/users',
    handler: async ({ body: { users } }, reply) => {
      const [user] = Object.values(users);
      if (user) await write(rowOf(user));
      return reply.code(method === 'POST' ? 201 : 200).send({ users });
    },
  });
}

serve({
  listen: async () => Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port),
});
