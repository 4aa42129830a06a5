import { setImmediate as turn } from 'node:timers/promises';
import type { App, AppId } from '@rollcall/domain/app';
import type { PresenceChanged, UserUpdated } from '@rollcall/domain/event';
import type { Held, Hiding } from '@rollcall/domain/presence';
import type { Instant, User } from '@rollcall/domain/user';
import type { Reader, Seen } from '@rollcall/protocol/write';
import type { PresenceReport } from '@rollcall/protocol/write-presence';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Renewal, Tracker, UserFlip, UserRef } from '../tracker/tracker.ts';
import { Sightings } from './sightings.ts';

/** A live connection, as far as presence is concerned. */
export interface Connected {
  readonly id: string;
  readonly app: App;
  readonly userId: string;
  readonly device: string;
  readonly connectedAt: Instant;
  /** When it last gave a sign of life. */
  readonly lastHeard: Instant;
  /** Whether its user hides, by the latest news. */
  readonly hiding: Hiding;
  /** It was let in, and shows its user. */
  readonly entered: boolean;
}

/** Who is there, and who was when. */
export interface PresenceService {
  /** A connection asks to come in. Answers false when its user has too many. */
  begin(connection: Connected): Promise<boolean>;
  /** A connection was let in: its user is there. */
  enter(connection: Connected): Promise<void>;
  /** A connection is gone: a grace is left of one that was let in, and the time is noted. */
  end(connection: Connected): Promise<void>;
  renew(connections: readonly Connected[]): Promise<void>;
  /** How a reader sees each of these users. */
  look(app: AppId, users: readonly User[]): Promise<(user: User, reader: Reader) => Seen>;
  /** Looks at changed users: others see those who now hide go, and those who no longer do come. */
  notice(app: AppId, events: readonly UserUpdated[]): Promise<void>;
  /** Why a user is shown as it is; undefined when there is no such user. */
  report(app: AppId, userId: string): Promise<PresenceReport | undefined>;
  /** Drops leases that ran out, and tells who went. */
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
  readonly bus: Bus;
  readonly clock: Clock;
  /** The name of this process. */
  readonly node: string;
  readonly connectionsPerUser: number;
}

export function createPresence(parts: PresenceParts): PresenceService {
  const { store, tracker, clock, node, connectionsPerUser } = parts;
  const sightings = new Sightings(store);
  const tell = (flips: readonly UserFlip[]): void => tellFlips(flips, parts.bus, sightings);
  const renew = async (connections: readonly Connected[]): Promise<void> =>
    tell(
      await tracker.renew(
        connections.map((connection) => renewalOf(connection, node)),
        clock(),
      ),
    );

  function see(connection: Connected, now = clock()): void {
    if (connection.entered && !connection.hiding.invisible) sightings.note(refOf(connection), now);
  }

  return {
    begin: (connection) =>
      tracker.begin(refOf(connection), connection.id, heldOf(connection, node), clock(), connectionsPerUser),
    enter: (connection) => renew([connection]),
    async end(connection) {
      // One moment for both: when it was last heard is when its user was last there.
      const now = clock();
      see(connection, now);
      tell(await tracker.end(refOf(connection), connection.id, now));
    },
    renew,
    see: (connection) => see(connection),
    look: (app, users) => lookAt(app, users, { tracker, sightings, clock }),
    async notice(app, events) {
      for (const { before, user } of events) {
        if (before.invisible === user.invisible) continue;
        const hiding = { invisible: user.invisible, asOf: user.updatedAt };
        tell(await tracker.hide({ app, userId: user.id }, hiding, clock()));
      }
    },
    async report(app, userId) {
      const user = (await store.find(app, [userId])).get(userId);
      if (user === undefined || user.deletedAt !== undefined) return undefined;
      const look = await lookAt(app, [user], { tracker, sightings, clock });
      return { user, presence: await tracker.find({ app, userId }), lastActive: look(user, 'other').lastActive };
    },
    async sweep() {
      for (let more = true; more; ) {
        const expiry = await tracker.expire(clock());
        tell(expiry.flips);
        more = expiry.more;
        if (more) await turn();
      }
    },
    save: () => sightings.save(),
  };
}

const refOf = ({ app, userId }: Connected): UserRef => ({ app: app.id, userId });

const heldOf = ({ device, connectedAt, lastHeard }: Connected, node: string): Held => ({
  node,
  device,
  connectedAt,
  heardAt: lastHeard,
});

const renewalOf = (connection: Connected, node: string): Renewal => ({
  user: refOf(connection),
  connectionId: connection.id,
  held: heldOf(connection, node),
  hiding: connection.hiding,
});

/** Tells of flips in their order. Whoever went was last there when others last saw it. */
function tellFlips(flips: readonly UserFlip[], bus: Bus, sightings: Sightings): void {
  const apps = new Map<AppId, PresenceChanged[]>();
  for (const { user, online, at, lastActive } of flips) {
    if (!online) sightings.note(user, lastActive);
    const events = apps.get(user.app) ?? [];
    apps.set(user.app, events);
    events.push({ type: 'user.presence.changed', userId: user.userId, online, at, lastActive });
  }
  for (const [app, events] of apps) bus.publish(app, events);
}

interface Sight {
  readonly tracker: Tracker;
  readonly sightings: Sightings;
  readonly clock: Clock;
}

async function lookAt(app: AppId, users: readonly User[], { tracker, sightings, clock }: Sight) {
  const now = clock();
  const ids = users.map(({ id }) => id);
  const present = await tracker.present(app, ids, now);
  return (user: User, reader: Reader): Seen => {
    const online = present.has(user.id);
    const open = online && (reader !== 'other' || !user.invisible);
    return { online, lastActive: open ? now : sightings.lastOf(app, user) };
  };
}
