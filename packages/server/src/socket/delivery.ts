import type { Event, PresenceChanged, UserUpdated } from '@rollcall/domain/event';
import { changedFields, type User } from '@rollcall/domain/user';
import { changedForOthers, changedForSelf, writePresenceChanged, writeUserUpdated } from '@rollcall/protocol/frame';
import { type Reader, type Seen, writeUser } from '@rollcall/protocol/write';
import type { PresenceService } from '../service/presence.ts';
import type { Store } from '../store/store.ts';
import type { Audience } from './audience.ts';
import type { Connection } from './connection.ts';
import { Encoded } from './encoded.ts';
import type { Outbox } from './outbox.ts';
import type { Watched } from './watches.ts';

/** What delivering works with. */
export interface DeliveryParts {
  readonly store: Pick<Store, 'find'>;
  readonly presence: Pick<PresenceService, 'look'>;
  readonly outbox: Outbox;
  /** Looks at a connection whose user changed: it may have to go. */
  readonly recheck: (connection: Connection, user: User) => void;
}

/** How many events are looked up together. */
const TOGETHER = 500;

/** Tells an app's connections on this node what concerns them, in the order in which it happened. */
export async function deliver(audience: Audience, events: readonly Event[], parts: DeliveryParts): Promise<void> {
  const heard = events.filter((event) => audience.hears(event));
  for (let start = 0; start < heard.length; start += TOGETHER) {
    await deliverSome(audience, heard.slice(start, start + TOGETHER), parts);
  }
}

async function deliverSome(audience: Audience, events: readonly Event[], parts: DeliveryParts): Promise<void> {
  const updated = events.flatMap((event) => (event.type === 'user.updated' ? [event.user] : []));
  const flipped = events.flatMap((event) => (event.type === 'user.updated' ? [] : [event.userId]));
  const app = audience.app.id;
  const look = updated.length > 0 ? await parts.presence.look(app, updated) : undefined;
  // Read now, so that it is no older than anything told before.
  const users = flipped.length > 0 ? await parts.store.find(app, [...new Set(flipped)]) : undefined;
  for (const event of events) {
    // No turn of the loop is lost while there is room.
    const room = parts.outbox.room();
    if (room) await room;
    if (event.type === 'user.updated') {
      if (look) tellUpdate(audience, event, look, parts);
    } else {
      const user = users?.get(event.userId);
      if (user) tellFlip(audience, event, user, parts.outbox);
    }
  }
}

type Look = (user: User, reader: Reader) => Seen;

/** Tells a user's own connections and its watchers what changed. Whoever knows a newer state already is passed over. */
export function tellUpdate(audience: Audience, { before, user }: UserUpdated, look: Look, parts: DeliveryParts): void {
  const encoded = (reader: 'self' | 'other', changed: readonly string[]): Encoded =>
    new Encoded(writeUserUpdated(writeUser(user, look(user, reader), reader), changed, user.updatedAt));
  const own = audience.behind(user.id, user.updatedAt);
  audience.watches.see(user);
  const watched = audience.watches.find(user.id);
  const watchersBehind = watched !== undefined && watched.told < user.updatedAt;
  if (own.length === 0 && !watchersBehind) return;
  const changed = changedFields(before, user);
  const forSelf = changedForSelf(changed);
  if (own.length > 0 && forSelf.length > 0) {
    const news = encoded('self', forSelf);
    for (const connection of own) parts.outbox.put(connection, news);
  }
  const forOthers = changedForOthers(changed);
  if (watchersBehind) {
    watched.told = user.updatedAt;
    if (forOthers.length > 0) tellWatchers(watched, parts.outbox, () => encoded('other', forOthers));
  }
  for (const connection of own) {
    connection.learn(user);
    if (changed.includes('teams')) audience.watches.recheck(connection);
    parts.recheck(connection, user);
  }
}

/** Tells a user's watchers that it came or went, if they do not know. */
export function tellFlip(audience: Audience, event: PresenceChanged, user: User, outbox: Outbox): void {
  audience.watches.see(user);
  const watched = audience.watches.find(user.id);
  if (!watched || event.at <= watched.flippedAt) return;
  watched.flippedAt = event.at;
  // The user is read later than it flipped: it may hide by now.
  const online = event.online && !user.invisible;
  if (watched.online === online) return;
  watched.online = online;
  const lastActive = Math.max(event.lastActive, user.lastActive ?? event.lastActive);
  const seen: Seen = { online, lastActive };
  tellWatchers(watched, outbox, () => new Encoded(writePresenceChanged(writeUser(user, seen, 'other'), event.at)));
}

/** Tells everybody else who watches a user. Encoded when there is somebody to hear it. */
function tellWatchers({ id, by }: Watched<Connection>, outbox: Outbox, encode: () => Encoded): void {
  let news: Encoded | undefined;
  for (const watcher of by) {
    // As itself it has heard already; and it never sees itself come or go.
    if (watcher.userId === id) continue;
    news ??= encode();
    outbox.put(watcher, news);
  }
}
