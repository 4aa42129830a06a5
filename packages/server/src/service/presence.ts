import type { App, AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import type { Instant, User } from '@rollcall/domain/user';
import type { Reader, Seen } from '@rollcall/protocol/write';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Tracker, UserRef } from '../tracker/tracker.ts';

/** Who is there, and who was when. */
export interface PresenceService {
  /** A connection is up. Answers false when its user has too many. */
  connect(app: App, user: User, connectionId: string): Promise<boolean>;
  /** A connection is gone: a grace is left, and the time is noted. */
  disconnect(app: App, user: { readonly id: string; readonly invisible: boolean }, connectionId: string): Promise<void>;
  renew(app: AppId, userId: string, connectionId: string): Promise<void>;
  /** How a reader sees each of these users. */
  look(app: AppId, users: readonly User[]): Promise<(user: User, reader: Reader) => Seen>;
  /** Looks at changed users: whoever hides while connected is seen as of now for good. */
  notice(app: AppId, events: readonly Event[]): Promise<void>;
  /** Drops leases that ran out. */
  sweep(): Promise<void>;
  /** Notes that a user is there at this moment. */
  see(app: AppId, user: { readonly id: string; readonly invisible: boolean }): void;
  /** Writes down when users were last there. What could not be written is tried again the next time. */
  save(): Promise<void>;
}

/** What the service works with. */
export interface PresenceParts {
  readonly store: Store;
  readonly tracker: Tracker;
  readonly clock: Clock;
  readonly connectionsPerUser: number;
}

/** How many users' times are written in one go, so that writes of users need not wait long. */
const SAVED_TOGETHER = 500;

export function createPresence({ store, tracker, clock, connectionsPerUser }: PresenceParts): PresenceService {
  /** Seen, and not written down yet. */
  const unsaved = new Map<AppId, Map<string, Instant>>();

  function note({ app, userId }: UserRef, at: Instant): void {
    const seen = unsaved.get(app) ?? new Map<string, Instant>();
    seen.set(userId, at);
    unsaved.set(app, seen);
  }

  return {
    async connect(app, user, connectionId) {
      const ref = { app: app.id, userId: user.id };
      return (await tracker.begin(ref, connectionId, clock(), connectionsPerUser)) !== 'too_many';
    },
    async disconnect(app, user, connectionId) {
      const ref = { app: app.id, userId: user.id };
      if (!user.invisible) note(ref, clock());
      await tracker.end(ref, connectionId, clock());
    },
    async renew(app, userId, connectionId) {
      await tracker.renew({ app, userId }, connectionId, clock());
    },
    async look(app, users) {
      const now = clock();
      const ids = users.map(({ id }) => id);
      const present = await tracker.present(app, ids, now);
      const left = unsaved.get(app);
      return (user, reader) => {
        const online = present.has(user.id);
        const open = online && (reader !== 'other' || !user.invisible);
        return { online, lastActive: open ? now : (left?.get(user.id) ?? user.lastActive) };
      };
    },
    async notice(app, events) {
      const hiding = events
        .filter(({ before, user }) => user.invisible && !before.invisible)
        .map(({ user }) => user.id);
      if (hiding.length === 0) return;
      for (const userId of await tracker.present(app, hiding, clock())) note({ app, userId }, clock());
    },
    async sweep() {
      await tracker.expire(clock());
    },
    see(app, user) {
      if (!user.invisible) note({ app, userId: user.id }, clock());
    },
    async save() {
      for (const [app, seen] of unsaved) {
        const batch = new Map([...seen].slice(0, SAVED_TOGETHER));
        if (batch.size > 0) await store.saveActivity(app, batch);
        for (const [id, at] of batch) if (seen.get(id) === at) seen.delete(id);
      }
    },
  };
}
