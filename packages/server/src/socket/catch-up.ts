import { setImmediate as turn } from 'node:timers/promises';
import type { PresenceChanged, UserUpdated } from '@rollcall/domain/event';
import { BLANK, type User } from '@rollcall/domain/user';
import type { Clock } from '../clock.ts';
import type { Audience } from './audience.ts';
import { type DeliveryParts, tellFlip, tellUpdate } from './delivery.ts';

/** How many users are read together. */
const TOGETHER = 500;

/** What catching up works with. */
export interface CatchUpParts extends DeliveryParts {
  readonly clock: Clock;
  /** Whether all nodes had the time to say who is there: before that, nobody is said to have gone. */
  readonly allAreHeard: () => boolean;
}

/**
 * Makes good what an app's connections were not told: reads everybody whose news matters here as they are now, ends the
 * connections that may not go on, and tells whatever is newer than what is known.
 */
export async function catchUp(audience: Audience, parts: CatchUpParts): Promise<void> {
  const ids = audience.concerned();
  for (let start = 0; start < ids.length; start += TOGETHER) {
    await tellNow(audience, ids.slice(start, start + TOGETHER), parts);
    await turn();
  }
}

async function tellNow(audience: Audience, ids: readonly string[], parts: CatchUpParts): Promise<void> {
  const app = audience.app.id;
  const users = [...(await parts.store.find(app, ids)).values()];
  const look = await parts.presence.look(app, users);
  for (const user of users) {
    tellUpdate(audience, sinceEver(user), look, parts);
    const watched = audience.watches.find(user.id);
    const { online, lastActive } = look(user, 'other');
    const seen = online && !user.invisible;
    if (watched?.online === undefined || watched.online === seen) continue;
    if (seen || parts.allAreHeard()) {
      tellFlip(audience, flipOf(user, seen, parts.clock(), lastActive), user, parts.outbox);
    }
  }
}

/** What changed is not known: every field that is set may have. */
function sinceEver(user: User): UserUpdated {
  const { id, createdAt } = user;
  return { type: 'user.updated', before: { id, ...BLANK, createdAt, updatedAt: createdAt }, user };
}

const flipOf = (user: User, online: boolean, at: number, lastActive = at): PresenceChanged => ({
  type: 'user.presence.changed',
  userId: user.id,
  online,
  at,
  lastActive,
});
