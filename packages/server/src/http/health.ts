import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/store.ts';
import { answer } from './answer.ts';

/** What the calls look at. */
export interface HealthParts {
  readonly store: Pick<Store, 'ready'>;
  /** Whether other nodes can be reached. */
  readonly bus: { readonly connected: boolean };
}

/**
 * Whether the process lives, and whether it can serve: for whoever starts and balances servers. Without Redis it serves on, and
 * presence and news are those of this node alone.
 */
export function addHealthRoutes(instance: FastifyInstance, { store, bus }: HealthParts): void {
  instance.get('/health', { schema: { hide: true }, handler: (_, reply) => answer(reply, '{"status":"ok"}') });
  instance.get('/ready', {
    schema: { hide: true },
    handler: async (_, reply) => {
      await store.ready();
      return answer(reply, bus.connected ? '{"status":"ready"}' : '{"status":"degraded","redis":"away"}');
    },
  });
}
