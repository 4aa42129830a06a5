import { writeDuration } from '@rollcall/protocol/error';
import type { FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the call began, by `performance.now()`. */
    startedAt: number;
  }
}

/** Answers with the text of a JSON object, to which the duration is added. */
export function answer(reply: FastifyReply, text: string): FastifyReply {
  const comma = text === '{}' ? '' : ',';
  const duration = writeDuration(performance.now() - reply.request.startedAt);
  return reply.type('application/json; charset=utf-8').send(`${text.slice(0, -1)}${comma}"duration":"${duration}"}`);
}
