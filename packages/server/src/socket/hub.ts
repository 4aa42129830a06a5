import { setImmediate as turn } from 'node:timers/promises';
import type { App, AppId } from '@rollcall/domain/app';
import { type DomainError, refusal } from '@rollcall/domain/error';
import type { Event } from '@rollcall/domain/event';
import { isRevoked, revoked } from '@rollcall/domain/token';
import type { User } from '@rollcall/domain/user';
import { CLOSE, type CloseReason, closeFor } from '@rollcall/protocol/close';
import { writeConnectionError } from '@rollcall/protocol/frame';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Report } from '../report.ts';
import { suspended } from '../service/apps.ts';
import type { PresenceService } from '../service/presence.ts';
import type { Live, LiveConnections } from '../service/watching.ts';
import type { Store } from '../store/store.ts';
import { Audience } from './audience.ts';
import type { Connection, SocketTimes } from './connection.ts';
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
}

/** How long a sweep looks at connections before the loop turns, in milliseconds, and how often it looks at the clock. */
const SLICE_MS = 4;
const LOOK_EVERY = 32;

/** The connections of this node: who is to hear what, and who has to go. */
export class Hub implements LiveConnections, Disposable {
  readonly #parts: HubParts;
  readonly #delivery: DeliveryParts;
  readonly #apps = new Map<AppId, Audience>();
  readonly #byId = new Map<string, Connection>();
  readonly #subscription: Disposable;
  #delivering: Promise<void> = Promise.resolve();
  #leaving: CloseReason | undefined;

  constructor(parts: HubParts) {
    this.#parts = parts;
    const recheck = (connection: Connection, user: User): void => this.#recheck(connection, user);
    this.#delivery = { store: parts.store, presence: parts.presence, outbox: new Outbox(), recheck };
    this.#subscription = parts.bus.subscribe((app, events) => {
      // One after another, so that news of a user is told in the order of its commits, whatever a delivery waits for.
      this.#delivering = this.#delivering
        .then(() => this.#deliver(app, events))
        .catch((error: unknown) => void parts.report.unexpected(error));
    });
  }

  /** How many connections are open. */
  get size(): number {
    return this.#byId.size;
  }

  add(connection: Connection): void {
    const { app } = connection;
    const audience = this.#apps.get(app.id) ?? new Audience(app);
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

  find(app: App, id: string): Live | undefined {
    const connection = this.#byId.get(id);
    return connection?.app.id === app.id && connection.entered && connection.open ? connection : undefined;
  }

  watch({ id }: Live, users: readonly User[]): void {
    const connection = this.#byId.get(id);
    const watches = connection && this.#apps.get(connection.app.id)?.watches;
    if (watches) for (const user of users) watches.watch(connection, user);
  }

  /** A connection wants to hear no more of these users. */
  unwatch(connection: Connection, userIds: readonly string[]): void {
    const watches = this.#apps.get(connection.app.id)?.watches;
    for (const userId of userIds) watches?.unwatch(connection, userId);
  }

  /** When a connection of this node last gave a sign of life. */
  lastHeard(id: string): number | undefined {
    return this.#byId.get(id)?.lastHeard;
  }

  /** Tells who is concerned, ends the connections that may not go on, and lets others see who hides. */
  async #deliver(app: AppId, events: readonly Event[]): Promise<void> {
    const audience = this.#apps.get(app);
    try {
      if (audience) await deliver(audience, events, this.#delivery);
    } finally {
      const updates = events.filter((event) => event.type === 'user.updated');
      await this.#parts.presence.notice(app, updates);
    }
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
    const { clock, presence } = this.#parts;
    let due: Connection[] = [];
    let looked = 0;
    let endsAt = performance.now() + SLICE_MS;
    for (const connection of this.#byId.values()) {
      if (this.#check(connection, clock())) due.push(connection);
      looked += 1;
      if (looked % LOOK_EVERY > 0 || performance.now() < endsAt) continue;
      await presence.renew(due);
      due = [];
      await turn();
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

  /** Cuts off whoever is still there. */
  terminateAll(): void {
    for (const connection of this.#byId.values()) connection.terminate();
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}
