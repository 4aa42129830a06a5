import Fastify from 'fastify';
import { serve } from '../process/serve.ts';
import { columnsOf, INSERT, INSERT_WORDS, openLimitDatabase, userOf, wordsOf } from './database.ts';

/*
 * The limit of rows 3, 4 and 5: bare Fastify, and for writes one prepared upsert, committed in groups. It checks nothing,
 * knows no tokens and answers what it was sent. Argument: the file. BENCH_ANSWER is what reads are answered with.
 */

interface Sent {
  readonly id: string;
  readonly name?: string;
  readonly set?: Readonly<Record<string, unknown>>;
}
interface Body {
  readonly users: Readonly<Record<string, Sent>> | readonly Sent[];
}

const [file = ':memory:'] = process.argv.slice(2);
const db = openLimitDatabase(file);
const upsert = db.prepare(`${INSERT} ON CONFLICT (app, id) DO UPDATE SET
  custom = json_patch(custom, excluded.custom), updated_at = excluded.updated_at`);
const insertWords = db.prepare(INSERT_WORDS);
const begin = db.prepare('BEGIN IMMEDIATE');
const commit = db.prepare('COMMIT');

interface Waiting {
  readonly columns: ReturnType<typeof columnsOf>;
  /** Undefined where none change. */
  readonly words: string | undefined;
  readonly done: () => void;
}
let waiting: Waiting[] = [];

/** Writes a row together with all that come in the same turn of the loop. Who comes by POST is new in row 3, and has words. */
function write({ id, name = '', set, ...custom }: Sent, isNew: boolean): Promise<void> {
  const user = userOf({ id, name, custom: set ?? custom }, Date.now());
  return new Promise((done) => {
    const row = { columns: columnsOf(user), words: isNew ? wordsOf(user) : undefined, done };
    if (waiting.push(row) === 1) setImmediate(commitAll);
  });
}

function commitAll(): void {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const { columns, words } of group) {
    const { lastInsertRowid } = upsert.run(...columns);
    if (words !== undefined) insertWords.run(lastInsertRowid, words);
  }
  commit.run();
  for (const { done } of group) done();
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
      if (user) await write(user, method === 'POST');
      return reply.code(method === 'POST' ? 201 : 200).send({ users });
    },
  });
}

serve({
  listen: async () => Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port),
});
