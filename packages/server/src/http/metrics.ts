import { createHash, timingSafeEqual } from 'node:crypto';
import { type RefusalName, refusal } from '@rollcall/domain/error';
import { STATUS } from '@rollcall/protocol/status';
import type { FastifyInstance, FastifyRequest, onSendHookHandler } from 'fastify';
import type { Metrics } from '../metrics.ts';
import { refusalOf } from './errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the call was refused, once it was. */
    refused: RefusalName | undefined;
  }
}

/**
 * Counts every call, and serves the figures at `GET /metrics` to whoever shows the operator's token. Without a token the path
 * says which setting is missing, and nothing is counted. Routes that are added later are counted.
 */
export function addMetrics(instance: FastifyInstance, metrics: Metrics | undefined): void {
  if (metrics) countCalls(instance, metrics);
  instance.get('/metrics', {
    schema: { hide: true },
    handler: async (request, reply) => {
      if (!metrics) throw refusal('path_not_found', 'metrics are served once ROLLCALL_METRICS_TOKEN is set');
      checkToken(request.headers.authorization, metrics.token);
      const { type, text } = await metrics.page();
      return reply.header('cache-control', 'no-store').type(type).send(text);
    },
  });
}

function countCalls(instance: FastifyInstance, metrics: Metrics): void {
  instance.decorateRequest('refused', undefined);
  instance.addHook('onError', (request, _, error, done) => {
    request.refused = refusalOf(error)?.refusal ?? 'internal_error';
    // Paths that nobody serves are one label, however many are tried.
    if (request.is404) metrics.answered('unknown', STATUS[request.refused].status, request.refused, msOf(request));
    done();
  });
  // A route knows its name once and for all: to ask each request for it costs more than all the counting.
  instance.addHook('onRoute', (route) => {
    const counted = route.config?.operation ?? 'other';
    const count: onSendHookHandler = (request, { statusCode }, payload, done) => {
      metrics.answered(counted, statusCode, request.refused, msOf(request));
      done(null, payload);
    };
    route.onSend = [route.onSend ?? [], count].flat();
  });
  instance.server.on('clientError', () => metrics.broken());
}

const msOf = ({ startedAt }: FastifyRequest): number => performance.now() - startedAt;

/** Compares digests: neither the length nor the beginning of the token shows in the time that it takes. */
function checkToken(header: string | undefined, token: string): void {
  if (header === undefined) throw refusal('authentication_error', 'metrics need "Authorization: Bearer <the token>"');
  const given = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : header;
  if (timingSafeEqual(digest(given), digest(token))) return;
  throw refusal('authentication_error', 'this is not the token of ROLLCALL_METRICS_TOKEN');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
