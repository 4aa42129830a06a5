import Fastify from 'fastify';
import { serve } from '../process/serve.ts';
import { groupedUpserts, type Sent } from './upserts.ts';

/*
 * The limit of rows 3, 4 and 5: bare Fastify, and for writes one prepared upsert, committed in groups. It checks nothing,
 * knows no tokens and answers what it was sent. Argument: the file. BENCH_ANSWER is what reads are answered with.
 */

interface Body {
  readonly users: Readonly<Record<string, Sent>> | readonly Sent[];
}

const [file = ':memory:'] = process.argv.slice(2);
const write = groupedUpserts(file);

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
