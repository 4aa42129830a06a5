import assert from 'node:assert/strict';
import type { AppId } from '@rollcall/domain/app';
import type { PresenceChanged } from '@rollcall/domain/event';
import type { Renewal, UserFlip } from '../tracker/tracker.ts';
import type { TestNode } from './testing.ts';

/** Everything is a twentieth of what it is in earnest. */
export const TIMES = { leaseMs: 3000, graceMs: 150 };
const RENEW_MS = 1000;
const SWEEP_MS = 50;
/** The app of all these users. */
export const APP = 1 as AppId; // a number is all that an id is

/** A node as the server runs it: it sweeps, renews what is connected to it, and tells of flips. */
export class Peer implements AsyncDisposable {
  readonly node: TestNode;
  /** What its connections are told: as the hub does, what they know already is passed over. */
  readonly heard: PresenceChanged[] = [];
  reconnects = 0;
  readonly #flippedAt = new Map<string, number>();
  readonly #held = new Map<string, Renewal>();
  readonly #followed: readonly string[];
  readonly #timers: NodeJS.Timeout[];

  constructor(node: TestNode, followed: readonly string[]) {
    this.node = node;
    this.#followed = followed;
    node.bus.subscribe((_, events) => {
      for (const event of events) if (event.type === 'user.presence.changed') this.#hear(event);
    });
    node.bus.onReconnect(() => {
      this.reconnects += 1;
      void this.#renew();
      void this.#catchUp();
    });
    this.#timers = [setInterval(() => void this.#sweep(), SWEEP_MS), setInterval(() => void this.#renew(), RENEW_MS)];
  }

  #hear(event: PresenceChanged): void {
    if (event.at <= (this.#flippedAt.get(event.userId) ?? -1)) return;
    this.#flippedAt.set(event.userId, event.at);
    if (this.#shows(event.userId) !== event.online) this.heard.push(event);
  }

  /** Whether its connections see a user as there. */
  #shows(userId: string): boolean {
    return this.toldOf(userId).at(-1) ?? false;
  }

  /** What was told meanwhile was lost: how it is now is told, where that is another. What is on its way yet is not behind it otherwise. */
  async #catchUp(): Promise<void> {
    for (const userId of this.#followed) {
      const now = Date.now();
      const online = await this.sees(userId);
      if (online !== this.#shows(userId))
        this.#hear({ type: 'user.presence.changed', userId, online, at: now, lastActive: now });
    }
  }

  #tell(flips: readonly UserFlip[]): void {
    for (const { user, ...flip } of flips) {
      this.node.bus.publish(user.app, [{ type: 'user.presence.changed', userId: user.userId, ...flip }]);
    }
  }

  async #sweep(): Promise<void> {
    this.#tell((await this.node.tracker.expire(Date.now())).flips);
  }

  async #renew(): Promise<void> {
    this.#tell(await this.node.tracker.renew([...this.#held.values()], Date.now()));
  }

  async come(userId: string, connectionId = `${userId} on ${this.node.node}`): Promise<void> {
    const now = Date.now();
    const held = { node: this.node.node, device: '', connectedAt: now, heardAt: now };
    const renewal = { user: { app: APP, userId }, connectionId, held, hiding: { invisible: false, asOf: 0 } };
    assert.equal(await this.node.tracker.begin(renewal.user, connectionId, held, now, 50), true);
    this.#held.set(connectionId, renewal);
    this.#tell(await this.node.tracker.renew([renewal], now));
  }

  async go(userId: string, connectionId = `${userId} on ${this.node.node}`): Promise<void> {
    this.#held.delete(connectionId);
    this.#tell(await this.node.tracker.end({ app: APP, userId }, connectionId, Date.now()));
  }

  async sees(userId: string): Promise<boolean> {
    return (await this.node.tracker.present(APP, [userId], Date.now())).has(userId);
  }

  /** What was told here of a user, one after another. */
  toldOf(userId: string): boolean[] {
    return this.heard.filter((event) => event.userId === userId).map(({ online }) => online);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.node[Symbol.asyncDispose]();
  }
}
