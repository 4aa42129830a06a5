import type { App, AppId } from '@rollcall/domain/app';
import { type DomainError, refusal } from '@rollcall/domain/error';
import type { UserUpdated } from '@rollcall/domain/event';
import { isRevoked, revoked } from '@rollcall/domain/token';
import { changedFields, type User } from '@rollcall/domain/user';
import { CLOSE, type CloseReason, closeFor } from '@rollcall/protocol/close';
import { writeConnectionError, writeUserUpdated } from '@rollcall/protocol/frame';
import { writeUser } from '@rollcall/protocol/write';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Report } from '../report.ts';
import { suspended } from '../service/apps.ts';
import type { PresenceService } from '../service/presence.ts';
import type { Connection, SocketTimes } from './connection.ts';

/** What the hub works with. */
export interface HubParts {
  readonly bus: Bus;
  readonly presence: PresenceService;
  readonly clock: Clock;
  readonly times: SocketTimes;
  readonly report: Report;
}

/** The connections of this node: who is to hear what, and who has to go. */
export class Hub implements Disposable {
  readonly #parts: HubParts;
  readonly #apps = new Map<AppId, Map<string, Connection[]>>();
  readonly #subscription: Disposable;
  #delivering: Promise<void> = Promise.resolve();
  #leaving: CloseReason | undefined;
  #size = 0;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#subscription = parts.bus.subscribe((app, events) => {
      // One after another, so that news of a user is told in the order of its commits, whatever a delivery waits for.
      this.#delivering = this.#delivering
        .then(() => this.#deliver(app, events))
        .catch((error: unknown) => void parts.report.unexpected(error));
    });
  }

  /** How many connections are open. */
  get size(): number {
    return this.#size;
  }

  add(connection: Connection): void {
    const users = this.#apps.get(connection.app.id) ?? new Map<string, Connection[]>();
    this.#apps.set(connection.app.id, users);
    users.set(connection.userId, [...(users.get(connection.userId) ?? []), connection]);
    this.#size += 1;
    if (this.#leaving) connection.close(this.#leaving);
  }

  remove(connection: Connection): void {
    const users = this.#apps.get(connection.app.id);
    const all = users?.get(connection.userId);
    if (!users || !all?.includes(connection)) return;
    this.#size -= 1;
    const rest = all.filter((other) => other !== connection);
    if (rest.length > 0) users.set(connection.userId, rest);
    else users.delete(connection.userId);
  }

  #connectionsOf(app: AppId, userId: string): readonly Connection[] {
    return this.#apps.get(app)?.get(userId) ?? [];
  }

  *#all(): Generator<Connection> {
    for (const users of this.#apps.values()) for (const connections of users.values()) yield* connections;
  }

  /** Tells a user's own connections what changed, and ends those that may not go on. */
  async #deliver(app: AppId, events: readonly UserUpdated[]): Promise<void> {
    const heard = events.filter(({ user }) => this.#connectionsOf(app, user.id).length > 0);
    if (heard.length === 0) return;
    const users = heard.map(({ user }) => user);
    const look = await this.#parts.presence.look(app, users);
    for (const { before, user } of heard) {
      const connections = this.#connectionsOf(app, user.id);
      // Revocation is no news for a user: only server tokens see it.
      const changed = changedFields(before, user).filter((field) => field !== 'revoke_tokens_issued_before');
      if (changed.length > 0) {
        const text = writeUserUpdated(writeUser(user, look(user, 'self'), 'self'), changed, user.updatedAt);
        for (const connection of connections) connection.send(text);
      }
      for (const connection of connections) this.#recheck(connection, user);
    }
    await this.#parts.presence.notice(app, heard);
  }

  #recheck(connection: Connection, user: User): void {
    connection.invisible = user.invisible;
    if (user.deletedAt !== undefined) this.fail(connection, refusal('not_found', `the user ${user.id} was deleted`));
    else if (user.deactivatedAt !== undefined) {
      this.fail(connection, refusal('not_allowed', `the user ${user.id} is deactivated`));
    } else if (isRevoked(connection.issuedAt, user.revokeTokensIssuedBefore)) this.fail(connection, revoked());
  }

  /** Looks at every connection of an app whose settings changed. */
  recheckApp(app: App): void {
    for (const connections of this.#apps.get(app.id)?.values() ?? []) {
      for (const connection of connections) {
        if (app.suspended) this.fail(connection, suspended(app));
        else if (isRevoked(connection.issuedAt, app.settings.revokeTokensIssuedBefore))
          this.fail(connection, revoked());
      }
    }
  }

  /** Tells a connection why it cannot go on, and closes it. */
  fail(connection: Connection, error: DomainError): void {
    const { clock, report } = this.#parts;
    const body = report.body(error, undefined, 0);
    connection.end(writeConnectionError(JSON.stringify(body), clock(), connection.id), closeFor(error.refusal));
  }

  /** One look at every connection: tokens that ran out, sockets that fell silent, beats and leases that are due. */
  async sweep(): Promise<void> {
    const { clock, times, presence } = this.#parts;
    const now = clock();
    for (const connection of [...this.#all()]) {
      const due = connection.check(now, times);
      if (due === 'expired') this.fail(connection, refusal('token_expired', 'token has expired'));
      else if (due === 'idle') connection.close(CLOSE.idle);
      else if (due === 'renew') if (connection.leased && connection.open) await presence.renew(connection);
    }
  }

  /** Notes that everybody who is connected is there. */
  seeEverybody(): void {
    const { presence } = this.#parts;
    for (const connection of this.#all()) presence.see(connection);
  }

  /** Closes every connection for one reason, and those that still come. */
  closeAll(reason: CloseReason): void {
    this.#leaving = reason;
    for (const connection of this.#all()) connection.close(reason);
  }

  /** Cuts off whoever is still there. */
  terminateAll(): void {
    for (const connection of this.#all()) connection.terminate();
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}
