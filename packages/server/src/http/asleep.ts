import { refusal } from '@rollcall/domain/error';
import type { FastifyInstance } from 'fastify';
import type { Wakefulness } from '../service/wakefulness.ts';

/**
 * Makes every call wait until a process that stood still has begun anew. A call that was under way while it stood still is
 * refused: what was looked at before may have changed since.
 */
export function refuseWhileAsleep(instance: FastifyInstance, wakefulness: Wakefulness): void {
  instance.addHook('onRequest', (_request, _reply, done) => {
    const waits = wakefulness.look();
    if (waits) waits.then(() => done(), done);
    else done();
  });
  instance.addHook('preHandler', (request, _, done) => {
    const waits = wakefulness.look();
    if (waits || wakefulness.sleptSince(request.startedAt)) {
      done(refusal('request_timeout', 'the server stood still for a while, please try again'));
    } else done();
  });
}
