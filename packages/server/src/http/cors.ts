import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

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
 * Lets pages of any origin call and read what is answered, refusals too (wire.md, section 1; the Fetch standard, "CORS protocol").
 * Who shows a token and no origin is no page, and is spared the headers; what anybody may read, and a cache may keep, always has
 * them. A preflight is answered before any check.
 */
export function allowEveryOrigin(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    if (!answersPreflight(request, reply)) done();
  });
  // Without a route of its own an unknown path would be answered first.
  instance.options('*', { schema: { hide: true } }, (_, reply) => reply.send());
}

/** Adds the headers to an answer that is to come, or answers a preflight: then it says so. */
export function answersPreflight({ method, headers }: FastifyRequest, reply: FastifyReply): boolean {
  const preflight = method === 'OPTIONS';
  if (preflight || headers.origin !== undefined || headers.authorization === undefined) {
    void reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', EXPOSED);
  }
  if (preflight) void reply.code(204).headers(PREFLIGHT).send();
  return preflight;
}
