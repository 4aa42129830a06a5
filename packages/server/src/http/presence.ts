import { refusal } from '@rollcall/domain/error';
import type { Lease } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';
import { PresenceAnswer } from '@rollcall/protocol/schema';
import { writePresence } from '@rollcall/protocol/write-presence';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { PresenceService } from '../service/presence.ts';
import { answer } from './answer.ts';
import { describe } from './openapi.ts';

/** What the call works with. */
export interface PresenceRouteParts {
  readonly presence: PresenceService;
  readonly clock: Clock;
  /** When a connection of this node last gave a sign of life: a lease tells no later than when it was renewed. */
  readonly lastHeard: (connectionId: string) => Instant | undefined;
}

/** The call that tells the app's server why a user is shown as it is. */
export function addPresenceRoutes(instance: FastifyInstance, { presence, clock, lastHeard }: PresenceRouteParts): void {
  const upToDate = ([id, lease]: readonly [string, Lease]): [string, Lease] => [
    id,
    { ...lease, heardAt: Math.max(lease.heardAt, lastHeard(id) ?? lease.heardAt) },
  ];

  instance.get<{ Params: { id: string } }>('/users/:id/presence', {
    config: { operation: 'GetPresence', serverOnly: true },
    schema: describe("Read a user's presence, and why it is shown so", { answer: [200, PresenceAnswer] }),
    handler: async (request, reply) => {
      const { id } = request.params;
      const report = await presence.report(request.tenant.id, id);
      if (!report) throw refusal('not_found', 'the user does not exist');
      const leases = new Map([...report.presence.leases].map(upToDate));
      return answer(reply, writePresence({ ...report, presence: { ...report.presence, leases } }, clock()));
    },
  });
}
