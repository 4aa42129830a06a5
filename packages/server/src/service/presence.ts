import type { App, AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import type { Instant, User } from '@rollcall/domain/user';
import type { Reader, Seen } from '@rollcall/protocol/write';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Tracker, UserRef } from '../tracker/tracker.ts';

/** A live connection, as far as presence is concerned. */
export interface Connected {
  readonly id: string;
  readonly app: App;
  readonly userId: string;
  /** Whether its user hides; undefined before that is known. */
  readonly invisible: boolean | undefined;
}

/** Who is there, and who was when. */
export interface PresenceService {
  /** A connection is up. Answers false when its user has too many. */
  connect(connection: Connected): Promise<boolean>;
  /** A connection is gone: a grace is left, and the time is noted. */
  disconnect(connection: Connected): Promise<void>;
  /** A connection never got in: nothing is left of it. */
  abandon(connection: Connected): Promise<void>;
  renew(connection: Connected): Promise<void>;
  /** How a reader sees each of these users. */
  look(app: AppId, users: readonly User[]): Promise<(user: User, reader: Reader) => Seen>;
  /** Looks at changed users: whoever hides while connected is seen as of now for good. */
  notice(app: AppId, events: readonly Event[]): Promise<void>;
  /** Drops leases that ran out. */
  sweep(): Promise<void>;
  /** Notes that a user is there at this moment. */
  see(connection: Connected): void;
  /** Writes down when some users were last there; says whether more is left. What could not be written is tried again. */
  save(): Promise<boolean>;
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

  function see(connection: Connected): void {
    if (connection.invisible === false) note(refOf(connection), clock());
  }

  return {
    async connect(connection) {
      return (await tracker.begin(refOf(connection), connection.id, clock(), connectionsPerUser)) !== 'too_many';
    },
    async disconnect(connection) {
      see(connection);
      await tracker.end(refOf(connection), connection.id, clock());
    },
    async abandon(connection) {
      await tracker.end(refOf(connection), connection.id, clock(), 0);
    },
    async renew(connection) {
      await tracker.renew(refOf(connection), connection.id, clock());
    },
    see,
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
    async save() {
      for (const [app, seen] of unsaved) {
        const batch = new Map(seen.entries().take(SAVED_TOGETHER));
        if (batch.size === 0) continue;
        await store.saveActivity(app, batch);
        for (const [id, at] of batch) if (seen.get(id) === at) seen.delete(id);
        if (seen.size > 0) return true;
      }
      return false;
    },
  };
}

const refOf = ({ app, userId }: Connected): UserRef => ({ app: app.id, userId });
