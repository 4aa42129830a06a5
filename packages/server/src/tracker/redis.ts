import type { AppId } from '@rollcall/domain/app';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';
import type { Held, Hiding, Presence } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Alone } from '../redis/alone.ts';
import { type Link, RedisAway } from '../redis/link.ts';
import type { Names } from '../redis/shard.ts';
import { type Call, Calls, flipsOf, runCall } from './calls.ts';
import { DueQueue } from './due.ts';
import { type Moments, TrackerHealer } from './heal.ts';
import { createMemoryTracker, type MemoryTracker } from './memory.ts';
import { Missed, type Touched } from './missed.ts';
import { Settling } from './settling.ts';
import { fieldsOf, parsePresence, parseTold, TOLD, type Told } from './state.ts';
import { type Due, Emptied, Sweeper } from './sweeper.ts';
import type { Expiry, LeaseTimes, Renewal, Tracker, UserFlip, UserRef } from './tracker.ts';

/** What the tracker works with. */
export interface RedisTrackerParts {
  readonly link: Link;
  readonly names: Names;
  readonly alone: Alone;
  readonly node: string;
  readonly times: LeaseTimes;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

/** Users of whom it is asked together. */
const TOGETHER = 1000;
/** An error that comes with every call is logged that often. */
const LOGGED_MS = 60_000;

/**
 * The tracker of many nodes. This node knows its own connections by itself as well, so that while Redis is away it goes
 * on with them alone; nothing here waits for a Redis that is away, or fails because of it.
 */
export class RedisTracker implements Tracker {
  readonly #parts: RedisTrackerParts;
  readonly #calls: Calls;
  readonly #mirror: MemoryTracker;
  readonly #sweeper: Sweeper;
  readonly #settling: Settling;
  readonly #healer: TrackerHealer;
  readonly #missed = new Missed();
  /** Who left while Redis was away, by when the grace is over. */
  readonly #closing = new DueQueue<UserRef>();
  readonly #moments: Moments = { now: 0, answered: undefined };
  /** Flips that nobody waited for when they were learnt: they are told with the next sweep. */
  #left: UserFlip[] = [];
  #quietUntil = 0;

  constructor(parts: RedisTrackerParts) {
    const { link, names, node, times, clock, log } = parts;
    this.#parts = parts;
    this.#calls = new Calls(names, node, times);
    this.#mirror = createMemoryTracker(times);
    this.#settling = new Settling(times.leaseMs);
    this.#healer = new TrackerHealer({
      names,
      calls: this.#calls,
      mirror: this.#mirror,
      missed: this.#missed,
      settling: this.#settling,
      moments: this.#moments,
      leave: (flips) => this.#left.push(...flips),
      closed: (user, now) => this.#closing.push(now + times.graceMs, user),
      clock,
      log,
    });
    this.#sweeper = new Sweeper(names, node, times.leaseMs, this.#healer.isWhole);
    link.addHealer(this.#healer);
  }

  async begin(user: UserRef, connectionId: string, held: Held, now: Instant, limit: number): Promise<boolean> {
    this.#note(now);
    const own = await this.#mirror.begin(user, connectionId, held, now, limit);
    if (!this.#parts.link.up) return own;
    const taken = await this.#ask(async () =>
      Number(await runCall(this.#parts.link, this.#calls.begin(user, connectionId, held, now, limit))),
    );
    if (taken === undefined) return own;
    this.#moments.answered = this.#moments.now;
    if (taken === 0) await this.#mirror.end(user, connectionId, now);
    return taken > 0;
  }

  renew(renewals: readonly Renewal[], now: Instant): Promise<readonly UserFlip[]> {
    const own = this.#mirror.renew(renewals, now);
    const touched = renewals.map((was) => ({ user: was.user, connectionId: was.connectionId, was, at: now }));
    return this.#tell(now, own, touched, () => this.#calls.renew(renewals, now));
  }

  async end(user: UserRef, connectionId: string, now: Instant): Promise<readonly UserFlip[]> {
    const before = this.#mirror.find(user);
    const own = this.#mirror.end(user, connectionId, now);
    const { leases, hiding } = await before;
    const held = leases.get(connectionId);
    const was = held?.phase === 'open' ? { user, connectionId, held, hiding } : undefined;
    return this.#tell(now, own, [{ user, connectionId, was, at: now }], () => [
      this.#calls.close(user, connectionId, now),
    ]);
  }

  hide(user: UserRef, hiding: Hiding, now: Instant): Promise<readonly UserFlip[]> {
    const own = this.#mirror.hide(user, hiding, now);
    // Once Redis is back, the renewals of the user's connections say it.
    return this.#tell(now, own, [], () => [this.#calls.hide(user, hiding, now)]);
  }

  async present(app: AppId, userIds: readonly string[], now: Instant): Promise<ReadonlySet<string>> {
    if (this.#parts.link.up) {
      const ids = [...new Set(userIds)];
      const told = await this.#ask(() => this.#toldOf(ids.map((userId) => ({ app, userId }))));
      if (told) {
        const from = this.#settling.disbelievedUpTo(now);
        const isThere = (known: Told | undefined): boolean =>
          known !== undefined && (known.openTill > from || known.closedTill > now);
        return new Set(ids.filter((_, at) => isThere(told[at])));
      }
    }
    return this.#mirror.present(app, userIds, now);
  }

  async find(user: UserRef): Promise<Presence> {
    const { link, names } = this.#parts;
    const key = names.user(user);
    const reply = link.up ? await this.#ask(() => link.run(key, ['HGETALL', key])) : undefined;
    return reply === undefined ? this.#mirror.find(user) : parsePresence(fieldsOf(reply));
  }

  async expire(now: Instant): Promise<Expiry> {
    this.#note(now);
    const { link, alone } = this.#parts;
    const own = await this.#mirror.expire(now);
    if (!link.up) return this.#ownAlone(own);
    if (!this.#missed.isEmpty) await this.#ask(() => this.#healer.catchUp(link));
    if (!this.#settling.active && alone.size > 0) await this.#ask(() => this.#reconcile(now));
    const ownDue = this.#ownDue(own, now);
    const due = this.#settling.active ? ownDue : await this.#ask(() => this.#sweeper.due(now, link));
    if (due === undefined) return this.#ownAlone(own);
    this.#moments.answered = now;
    const believed = this.#settling.expiredUpTo(now);
    const flips = await this.#tell(now, Promise.resolve(own.flips), [], () =>
      this.#calls.expire(due.users, now, believed),
    );
    const left = this.#left;
    this.#left = [];
    return { flips: [...left, ...flips], more: own.more || due.more };
  }

  #ownAlone(own: Expiry): Expiry {
    this.#parts.alone.note(own.flips);
    return own;
  }

  /**
   * After an outage nobody else's leases are looked at: those who went from this node go, be it that Redis heard of it
   * late.
   */
  #ownDue({ flips }: Expiry, now: Instant): Due {
    const users = flips.map(({ user }) => user);
    for (let closed = this.#closing.pop(now); closed; closed = this.#closing.pop(now)) users.push(closed.item);
    return { users, more: false };
  }

  /** Leases outlive this process: nothing is to be handed over. */
  async leave(): Promise<readonly LeftConnection[]> {
    return [];
  }

  /** Takes what a process left that kept presence for itself, before Redis was there. */
  async resume(connections: readonly TakenConnection[], now: Instant): Promise<void> {
    this.#note(now);
    if (!this.#parts.link.up) return this.#mirror.resume(connections, now);
    await this.#tell(now, Promise.resolve([]), [], () => this.#calls.resume(connections, now));
  }

  #note(now: Instant): void {
    if (now > this.#moments.now) this.#moments.now = now;
  }

  /**
   * Does what calls ask for, and answers the flips. Of those who cannot be asked about, it is what this node knows by
   * itself, and what it touched is said again later.
   */
  async #tell(
    now: Instant,
    own: Promise<readonly UserFlip[]>,
    touched: readonly Touched[],
    build: () => readonly Call[],
  ): Promise<readonly UserFlip[]> {
    this.#note(now);
    const { link, alone } = this.#parts;
    if (!link.up) {
      this.#missed.touch(touched);
      const flips = await own;
      alone.note(flips);
      return flips;
    }
    const calls = build();
    const answers = await Promise.all(calls.map((call) => this.#ask(() => runCall(link, call), call)));
    const lost = calls.filter((_, at) => answers[at] === undefined).flatMap(({ users }) => users);
    const flips = calls.flatMap((call, at) => flipsOf(call, answers[at]));
    if (lost.length === 0) {
      if (calls.length > 0) this.#moments.answered = this.#moments.now;
      return flips;
    }
    const isLost = new Set(lost.map((user) => this.#parts.names.user(user)));
    const ofLost = ({ user }: { readonly user: UserRef }): boolean => isLost.has(this.#parts.names.user(user));
    this.#missed.touch(touched.filter(ofLost));
    const instead = (await own).filter(ofLost);
    alone.note(instead);
    return [...flips, ...instead];
  }

  /**
   * Asks Redis; undefined when it is away, or refuses. A call that may have been done is asked again when it is back.
   */
  async #ask<Answer>(ask: () => Promise<Answer>, call?: Call): Promise<Answer | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Emptied) this.#parts.link.beginAnew(error);
      else if (!(error instanceof RedisAway)) this.#refused(error);
      else if (call) this.#missed.unsure(call);
      return undefined;
    }
  }

  #refused(error: unknown): void {
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + LOGGED_MS;
    this.#parts.log.error({ err: error }, 'Redis refused what it was asked of presence');
  }

  async #toldOf(users: readonly UserRef[]): Promise<(Told | undefined)[]> {
    const keys = users.map((user) => this.#parts.names.user(user));
    const answers = await this.#parts.link.runAll(keys.map((key) => [key, ['HGET', key, TOLD]]));
    return answers.map(parseTold);
  }

  /** What was told here alone, and is not what all others were told, is put right. */
  async #reconcile(now: Instant): Promise<void> {
    const { alone } = this.#parts;
    const flips = alone.some(TOGETHER);
    const known = await this.#toldOf(flips.map(({ user }) => user));
    for (const [at, { user, online, at: flippedAt, lastActive }] of flips.entries()) {
      const told = known[at];
      if ((told?.online ?? false) === online) alone.forget(user);
      else {
        const later = Math.max(now, flippedAt + 1);
        alone.correct({
          user,
          online: !online,
          at: later,
          lastActive: online ? (told?.lastActive ?? lastActive) : later,
        });
      }
    }
  }
}
