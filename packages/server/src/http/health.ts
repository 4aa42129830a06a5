import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/store.ts';
import { answer } from './answer.ts';

/** Whether the process lives, and whether it can serve: for whoever starts and balances servers. */
export function addHealthRoutes(instance: FastifyInstance, store: Store): void {
  instance.get('/health', { schema: { hide: true }, handler: (_, reply) => answer(reply, '{"status":"ok"}') });
  instance.get('/ready', {
    schema: { hide: true },
    handler: async (_, reply) => {
      await store.ready();
      return answer(reply, '{"status":"ready"}');
    },
  });
}
