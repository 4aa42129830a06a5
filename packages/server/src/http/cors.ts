import type { FastifyInstance } from 'fastify';

/** Headers of an answer that a page may read. */
const EXPOSED = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'retry-after',
  'x-rollcall-hint',
].join(', ');

/** What a browser reads before it sends a call of another origin's page. */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, stream-auth-type, x-stream-client, x-client-request-id',
  'access-control-max-age': '86400',
  'content-length': '0',
};

/**
 * Lets pages of any origin call and read every answer, refusals too (wire.md, section 1; the Fetch standard, "CORS protocol").
 * Only browsers send an origin: who does not is spared the headers. A preflight is answered before any check.
 */
export function allowEveryOrigin(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const preflight = request.method === 'OPTIONS';
    if (preflight || request.headers.origin !== undefined) {
      void reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', EXPOSED);
    }
    if (preflight) void reply.code(204).headers(PREFLIGHT).send();
    else done();
  });
  // Without a route of its own an unknown path would be answered first.
  instance.options('*', { schema: { hide: true } }, (_, reply) => reply.send());
}
