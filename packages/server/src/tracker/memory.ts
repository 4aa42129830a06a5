import type { AppId } from '@rollcall/domain/app';
import {
  ABSENT,
  end,
  expire,
  isPresent,
  openConnections,
  type Presence,
  renew,
  type Step,
} from '@rollcall/domain/presence';
import type { LeaseTimes, Tracker, UserRef } from './tracker.ts';

/** The tracker of one node. */
export function createMemoryTracker({ leaseMs, graceMs }: LeaseTimes): Tracker {
  const apps = new Map<AppId, Map<string, Presence>>();

  const presenceOf = ({ app, userId }: UserRef): Presence => apps.get(app)?.get(userId) ?? ABSENT;

  function keep({ app, userId }: UserRef, { presence, transition }: Step): Step['transition'] {
    const users = apps.get(app) ?? new Map<string, Presence>();
    apps.set(app, users);
    if (presence.leases.size === 0) users.delete(userId);
    else users.set(userId, presence);
    return transition;
  }

  return {
    async begin(user, connectionId, now, limit) {
      const presence = presenceOf(user);
      if (openConnections(presence, now) >= limit) return 'too_many';
      return keep(user, renew(presence, connectionId, now, leaseMs));
    },
    renew: async (user, connectionId, now) => keep(user, renew(presenceOf(user), connectionId, now, leaseMs)),
    end: async (user, connectionId, now, grace = graceMs) =>
      keep(user, end(presenceOf(user), connectionId, now, grace)),
    async present(app, userIds, now) {
      const users = apps.get(app);
      return new Set(users ? userIds.filter((id) => isPresent(users.get(id) ?? ABSENT, now)) : []);
    },
    async expire(now) {
      const gone: UserRef[] = [];
      for (const [app, users] of apps) {
        for (const [userId, presence] of users) {
          if ([...presence.leases.values()].every(({ until }) => until > now)) continue;
          if (keep({ app, userId }, expire(presence, now)) === 'went_offline') gone.push({ app, userId });
        }
      }
      return gone;
    },
  };
}
