import { setImmediate as turn } from 'node:timers/promises';
import type { App, AppId } from '@rollcall/domain/app';
import { DomainError, refusal } from '@rollcall/domain/error';
import type { Event } from '@rollcall/domain/event';
import { isRevoked, revoked } from '@rollcall/domain/token';
import type { User } from '@rollcall/domain/user';
import { CLOSE, type CloseReason, closeFor } from '@rollcall/protocol/close';
import { writeConnectionError } from '@rollcall/protocol/frame';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Crowd } from '../metrics.ts';
import type { Report } from '../report.ts';
import { suspended } from '../service/apps.ts';
import type { PresenceService } from '../service/presence.ts';
import type { Wakefulness } from '../service/wakefulness.ts';
import type { Live, LiveConnections, Shown } from '../service/watching.ts';
import type { Store } from '../store/store.ts';
import { Audience } from './audience.ts';
import { catchUp } from './catch-up.ts';
import type { Connection, SocketTimes } from './connection.ts';
import { Deliveries } from './deliveries.ts';
import { type DeliveryParts, deliver } from './delivery.ts';
import { Outbox } from './outbox.ts';

/** What the hub works with. */
export interface HubParts {
  readonly bus: Bus;
  readonly store: Pick<Store, 'find'>;
  readonly presence: PresenceService;
  readonly clock: Clock;
  readonly times: SocketTimes;
  readonly report: Report;
  readonly wakefulness: Pick<Wakefulness, 'look'>;
}

/** How long a sweep looks at connections before the loop turns, in milliseconds, and how often it looks at the clock. */
const SLICE_MS = 4;
const LOOK_EVERY = 32;
/** Beyond a round of renewals, for nodes that find the others again later than this one. */
const LATER_MS = 3000;

/** The connections of this node: who is to hear what, and who has to go. */
export class Hub implements LiveConnections, Disposable {
  readonly #parts: HubParts;
  readonly #delivery: DeliveryParts;
  readonly #deliveries: Deliveries;
  readonly #apps = new Map<AppId, Audience>();
  readonly #byId = new Map<string, Connection>();
  readonly #subscription: Disposable;
  #leaving: CloseReason | undefined;
  /** When all nodes will have said who is there, after a time in which they could not be heard. */
  #heardFrom: number | undefined;
  /** Apps of which news could not be told. */
  readonly #behind = new Set<AppId>();

  constructor(parts: HubParts) {
    this.#parts = parts;
    const recheck = (connection: Connection, user: User): void => this.#recheck(connection, user);
    this.#delivery = { store: parts.store, presence: parts.presence, outbox: new Outbox(), recheck };
    this.#deliveries = new Deliveries({
      deliver: (app, events) => this.#deliver(app, events),
      catchUp: async (app) => {
        const audience = this.#apps.get(app);
        const allAreHeard = (): boolean => parts.bus.connected && this.#heardFrom === undefined;
        const { clock } = parts;
        if (audience) await this.#orLater(app, catchUp(audience, { ...this.#delivery, clock, allAreHeard }));
      },
      failed: (error) => void parts.report.unexpected(error),
    });
    this.#subscription = parts.bus.subscribe((app, events) => {
      const concerning = events.filter((event) => this.#concerns(app, event));
      // What lay waiting while this process stood still is not news, and its watchers are let go.
      if (concerning.length > 0 && !parts.wakefulness.look()) this.#deliveries.put(app, concerning);
    });
  }

  /** How many connections are open. */
  get size(): number {
    return this.#byId.size;
  }

  /** Who is here at this moment. */
  crowd(): Crowd {
    let leases = 0;
    let watched = 0;
    for (const { entered } of this.#byId.values()) if (entered) leases += 1;
    for (const { watches } of this.#apps.values()) watched += watches.size;
    return { connections: this.#byId.size, leases, watched };
  }

  add(connection: Connection): void {
    const { app } = connection;
    const audience = this.#apps.get(app.id) ?? new Audience(app, this.#parts.bus);
    this.#apps.set(app.id, audience);
    audience.add(connection);
    this.#byId.set(connection.id, connection);
    if (this.#leaving) connection.close(this.#leaving);
  }

  remove(connection: Connection): void {
    if (!this.#byId.delete(connection.id)) return;
    const audience = this.#apps.get(connection.app.id);
    audience?.remove(connection);
    if (audience?.isEmpty) this.#apps.delete(connection.app.id);
  }

  /** Resolves when news of a connection's own user reaches this node from all others; undefined when it does already. */
  followed({ app, userId }: Connection): Promise<unknown> | undefined {
    return this.#apps.get(app.id)?.followed([userId]);
  }

  find(app: AppId, id: string): Live | undefined {
    const connection = this.#byId.get(id);
    return connection?.app.id === app && connection.entered && connection.open ? connection : undefined;
  }

  async watch({ id }: Live, users: readonly User[]): Promise<void> {
    const connection = this.#byId.get(id);
    const audience = connection && this.#apps.get(connection.app.id);
    if (!audience) return;
    audience.watch(connection, users);
    await audience.followed(users.map((user) => user.id));
  }

  learn(app: AppId, users: readonly Shown[]): void {
    const watches = this.#apps.get(app)?.watches;
    for (const { user, online } of users) {
      watches?.see(user);
      const watched = watches?.find(user.id);
      if (watched) watched.online ??= online;
    }
  }

  /** A connection wants to hear no more of these users. */
  unwatch(connection: Connection, userIds: readonly string[]): void {
    const watches = this.#apps.get(connection.app.id)?.watches;
    for (const userId of userIds) watches?.unwatch(connection, userId);
  }

  lastHeard(id: string): number | undefined {
    return this.#byId.get(id)?.lastHeard;
  }

  /** Says whether there is anything to do here for an event: somebody to tell, or a user that begins to hide or no longer does. */
  #concerns(app: AppId, event: Event): boolean {
    if (event.type === 'user.updated' && event.before.invisible !== event.user.invisible) return true;
    return this.#apps.get(app)?.hears(event) ?? false;
  }

  /** Tells who is concerned, ends the connections that may not go on, and lets others see who hides. */
  async #deliver(app: AppId, events: readonly Event[]): Promise<void> {
    const audience = this.#apps.get(app);
    try {
      if (audience) await this.#orLater(app, deliver(audience, events, this.#delivery));
    } finally {
      const updates = events.filter((event) => event.type === 'user.updated');
      await this.#parts.presence.notice(app, updates);
    }
  }

  /** What cannot be told while the store is away is made good when it is back. */
  async #orLater(app: AppId, telling: Promise<void>): Promise<void> {
    try {
      await telling;
    } catch (error) {
      if (error instanceof DomainError && error.refusal === 'unavailable') this.#behind.add(app);
      throw error;
    }
  }

  /**
   * News from other nodes was lost: leases are renewed, and how things stand is told; who is gone only once all nodes had the time
   * to say who is there.
   */
  async catchUp(): Promise<void> {
    this.#heardFrom = performance.now() + this.#parts.times.renewMs + LATER_MS;
    await this.#renew(({ entered, open }) => entered && open);
    this.recheckEverybody();
  }

  /** Reads everybody who matters here anew, ends the connections that may not go on, and tells what was not told. */
  recheckEverybody(): void {
    for (const app of this.#apps.keys()) this.#deliveries.lost(app);
  }

  #recheck(connection: Connection, user: User): void {
    if (user.deletedAt !== undefined) this.fail(connection, refusal('not_found', `the user ${user.id} was deleted`));
    else if (user.deactivatedAt !== undefined) {
      this.fail(connection, refusal('not_allowed', `the user ${user.id} is deactivated`));
    } else if (isRevoked(connection.issuedAt, user.revokeTokensIssuedBefore)) this.fail(connection, revoked());
  }

  /** Looks at every connection of an app whose settings changed. */
  recheckApp(app: App): void {
    const audience = this.#apps.get(app.id);
    if (!audience) return;
    const divided = app.settings.multiTenantEnabled && !audience.app.settings.multiTenantEnabled;
    audience.app = app;
    for (const connection of audience.all()) {
      if (divided) audience.watches.recheck(connection);
      if (app.suspended) this.fail(connection, suspended(app));
      else if (isRevoked(connection.issuedAt, app.settings.revokeTokensIssuedBefore)) this.fail(connection, revoked());
    }
  }

  /** Tells a connection why it cannot go on, and closes it. */
  fail(connection: Connection, error: DomainError): void {
    const { clock, report } = this.#parts;
    const body = report.body(error, undefined, 0);
    connection.end(writeConnectionError(JSON.stringify(body), clock(), connection.id), closeFor(error.refusal));
  }

  /**
   * One look at every connection: tokens that ran out, sockets that fell silent, beats and leases that are due. The loop
   * turns on the way.
   */
  async sweep(): Promise<void> {
    const { clock } = this.#parts;
    await this.#renew((connection) => this.#check(connection, clock()));
    for (const app of this.#behind) this.#deliveries.lost(app);
    this.#behind.clear();
    if (this.#heardFrom === undefined || performance.now() < this.#heardFrom) return;
    this.#heardFrom = undefined;
    this.recheckEverybody();
  }

  /** Renews the leases of the connections for which that is due. */
  async #renew(isDue: (connection: Connection) => boolean): Promise<void> {
    const { presence, wakefulness } = this.#parts;
    if (wakefulness.look()) return;
    let due: Connection[] = [];
    let looked = 0;
    let endsAt = performance.now() + SLICE_MS;
    for (const connection of this.#byId.values()) {
      if (isDue(connection)) due.push(connection);
      looked += 1;
      if (looked % LOOK_EVERY > 0 || performance.now() < endsAt) continue;
      await presence.renew(due);
      due = [];
      await turn();
      // A lease that ran out while this process stood still is not to come back.
      if (wakefulness.look()) return;
      endsAt = performance.now() + SLICE_MS;
    }
    await presence.renew(due);
  }

  /** Does what is due; says whether the lease is to be renewed. */
  #check(connection: Connection, now: number): boolean {
    const due = connection.check(now, this.#parts.times);
    if (due === 'expired') this.fail(connection, refusal('token_expired', 'token has expired'));
    else if (due === 'idle') connection.close(CLOSE.idle);
    return due === 'renew' && connection.entered && connection.open;
  }

  /** Notes that everybody who is connected is there. */
  seeEverybody(): void {
    const { presence } = this.#parts;
    for (const connection of this.#byId.values()) presence.see(connection);
  }

  /** Closes every connection for one reason, and those that still come. */
  closeAll(reason: CloseReason): void {
    this.#leaving = reason;
    for (const connection of this.#byId.values()) connection.close(reason);
  }

  /** This process stood still for so long that its word is no longer believed: everybody is sent away, and watches nobody. */
  startAnew(): void {
    this.#deliveries.clear();
    for (const connection of this.#byId.values()) {
      this.#apps.get(connection.app.id)?.watches.end(connection);
      connection.close(CLOSE.shutdown);
    }
  }

  /** Cuts off whoever is still there. */
  terminateAll(): void {
    for (const connection of this.#byId.values()) connection.terminate();
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}
