import { type LeftConnection, leave, resume } from '@rollcall/domain/left';
import { end, expire, hide, isPresent, knock, openConnections, renew, type Step } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';
import { PresenceBook } from './book.ts';
import type { LeaseTimes, Renewal, Tracker, UserFlip, UserRef } from './tracker.ts';

/** How many due users are looked at in one go. */
const IN_ONE_GO = 500;

/** The tracker of one node, which can tell who is connected to it. */
export interface MemoryTracker extends Tracker {
  /** The open connections that are believed, as they would be renewed. */
  held(now: Instant): Iterable<Renewal>;
}

/** The tracker of one node. */
export function createMemoryTracker({ leaseMs, graceMs }: LeaseTimes): MemoryTracker {
  const book = new PresenceBook();

  function take(user: UserRef, { presence, flip }: Step, now: Instant): UserFlip[] {
    book.keep(user, presence, now);
    return flip ? [{ user, ...flip }] : [];
  }

  return {
    async begin(user, connectionId, held, now, limit) {
      const presence = book.presenceOf(user);
      if (openConnections(presence, now) >= limit) return false;
      book.keep(user, knock(presence, connectionId, held, now, leaseMs), now);
      return true;
    },
    async renew(renewals, now) {
      return renewals.flatMap(({ user, connectionId, held, hiding }) =>
        take(user, renew(book.presenceOf(user), connectionId, held, hiding, now, leaseMs), now),
      );
    },
    async end(user, connectionId, now) {
      return book.knows(user) ? take(user, end(book.presenceOf(user), connectionId, now, graceMs), now) : [];
    },
    async hide(user, hiding, now) {
      return book.knows(user) ? take(user, hide(book.presenceOf(user), hiding, now), now) : [];
    },
    present: async (app, userIds, now) =>
      new Set(userIds.filter((userId) => isPresent(book.presenceOf({ app, userId }), now))),
    find: async (user) => book.presenceOf(user),
    async expire(now) {
      const flips: UserFlip[] = [];
      for (const user of book.due(now, IN_ONE_GO)) flips.push(...take(user, expire(book.presenceOf(user), now), now));
      return { flips, more: book.hasDue(now) };
    },
    *held(now) {
      for (const [user, { leases, hiding }] of book.all()) {
        for (const [connectionId, { phase, until, node, device, connectedAt, heardAt }] of leases) {
          if (phase !== 'open' || until <= now) continue;
          yield { user, connectionId, held: { node, device, connectedAt, heardAt }, hiding };
        }
      }
    },
    async leave(now) {
      const connections: LeftConnection[] = [];
      for (const [{ app, userId }, presence] of book.all()) {
        for (const [connectionId, left] of leave(presence, now)) connections.push({ app, userId, connectionId, left });
      }
      return connections;
    },
    async resume(connections, now) {
      for (const { app, userId, connectionId, left, hiding } of connections) {
        const user = { app, userId };
        book.keep(user, resume(book.presenceOf(user), connectionId, left, hiding, now, leaseMs), now);
      }
    },
  };
}
