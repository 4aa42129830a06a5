import { refusal } from '@rollcall/domain/error';
import { PresenceAnswer } from '@rollcall/protocol/schema';
import { writePresence } from '@rollcall/protocol/write-presence';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { BringUpToDate } from '../service/heard.ts';
import type { PresenceService } from '../service/presence.ts';
import { answer } from './answer.ts';
import { describe } from './openapi.ts';

/** What the call works with. */
export interface PresenceRouteParts {
  readonly presence: PresenceService;
  readonly clock: Clock;
  /** Asks the nodes that hold connections when those last gave a sign of life. */
  readonly upToDate: BringUpToDate;
}

/** The call that tells the app's server why a user is shown as it is. */
export function addPresenceRoutes(instance: FastifyInstance, { presence, clock, upToDate }: PresenceRouteParts): void {
  instance.get<{ Params: { id: string } }>('/users/:id/presence', {
    config: { operation: 'GetPresence', serverOnly: true },
    schema: describe("Read a user's presence, and why it is shown so", { answer: [200, PresenceAnswer] }),
    handler: async (request, reply) => {
      const { id } = request.params;
      const report = await presence.report(request.tenant.id, id);
      if (!report) throw refusal('not_found', 'the user does not exist');
      const leases = await upToDate(report.presence.leases);
      return answer(reply, writePresence({ ...report, presence: { ...report.presence, leases } }, clock()));
    },
  });
}
