import { graceUntil, isPresent, type Presence } from '@rollcall/domain/presence';
import type { Instant, User } from '@rollcall/domain/user';
import { writeTime } from './time.ts';

/** What is known of a user's presence, to be told to the app's server. */
export interface PresenceReport {
  readonly user: User;
  readonly presence: Presence;
  /** When others last saw the user there. */
  readonly lastActive: Instant | undefined;
}

/** Writes why a user is shown as it is: its connections, its grace, and whether it hides. */
export function writePresence({ user, presence, lastActive }: PresenceReport, now: Instant): string {
  const grace = graceUntil(presence, now);
  const connections = [...presence.leases]
    .filter(([, { phase, until }]) => phase !== 'knocking' && until > now)
    .map(([id, { node, device, connectedAt, heardAt, until, phase }]) => ({
      id,
      node,
      device,
      connected_at: writeTime(connectedAt),
      last_heartbeat: writeTime(heardAt),
      lease_until: writeTime(until),
      closed: phase === 'closed',
    }));
  return JSON.stringify({
    presence: {
      online: isPresent(presence, now) && !user.invisible,
      invisible: user.invisible,
      ...(lastActive === undefined ? {} : { last_active: writeTime(lastActive) }),
      ...(grace === undefined ? {} : { grace_until: writeTime(grace) }),
      connections,
    },
  });
}
