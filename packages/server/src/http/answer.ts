import { writeDuration } from '@rollcall/protocol/error';
import type { FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the call began, by `performance.now()`. */
    startedAt: number;
  }
}

/** In UTF-16 units: shorter texts leave together with the head of the answer. */
const LONG = 4096;

/** Answers with the text of a JSON object, to which the duration is added. */
export function answer(reply: FastifyReply, text: string): FastifyReply {
  const comma = text === '{}' ? '' : ',';
  const duration = writeDuration(performance.now() - reply.request.startedAt);
  const whole = `${text.slice(0, -1)}${comma}"duration":"${duration}"}`;
  // A long text is encoded once here, and not once for its length and once more to be written.
  return reply.type('application/json; charset=utf-8').send(whole.length < LONG ? whole : Buffer.from(whole));
}
