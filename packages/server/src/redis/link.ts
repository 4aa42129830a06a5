import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRefused, type Session, type SessionEvents } from './session.ts';
import { Waiting } from './waiting.ts';

/** Redis is away: whoever reads this goes on without it. */
export class RedisAway extends Error {
  constructor(cause?: unknown) {
    super('Redis is away', { cause });
  }
}

/** What can be asked of Redis before everything is healed. */
export type Way = Pick<Session, 'run' | 'subscribe'>;

/** Makes good what an outage did. */
export interface Healer {
  /** Redis answers again, or for the first time: what was there before is made to be there. */
  heal(way: Way): Promise<void>;
  /** Makes good what came since. */
  catchUp(way: Way): Promise<void>;
  /** Nothing is left to be made good. */
  caughtUp(): boolean;
  /** How long to wait, once all is healed, until what Redis says of other nodes can be relied on. In milliseconds. */
  readonly unsureMs?: number;
}

/** What a link works with. */
export interface LinkParts {
  open(events: SessionEvents): Promise<Session>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** How often the link looks whether answers are overdue, and how often it asks for a sign of life. */
const LOOK_MS = 100;
const PING_MS = 1000;
/** A look that comes that late says that this process stood still, not Redis. */
const STOOD_STILL_MS = 100;
/** Between two attempts to come back. */
const LEAST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 1000;
/** An attempt may take that long. */
const ATTEMPT_MS = 60_000;
/** What Redis says when it is there and of no use: the prefixes of its errors. */
const USELESS =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|OOM|MISCONF|NOREPLICAS|NOAUTH|NOPERM|WRONGPASS|BUSY|TRYAGAIN)\b/;

/**
 * The way to Redis. It is up, or away: then it says so at once, comes back by itself, and lets its healers make good
 * what was missed before it counts as up.
 */
export class Link implements AsyncDisposable {
  readonly #parts: LinkParts;
  readonly #healers: Healer[] = [];
  readonly #listeners = new Set<(channel: string, message: string) => void>();
  readonly #backAgain = new Set<() => void>();
  readonly #ended = new AbortController();
  readonly #watch: NodeJS.Timeout;
  #session: Session | undefined;
  #waiting = new Waiting();
  #up = false;
  #awaySince: number | undefined = performance.now();
  #told = false;
  #lookedAt = performance.now();
  #pingedAt = performance.now();
  #coming: Promise<void> | undefined;
  #telling: NodeJS.Timeout | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#watch = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Whether Redis answers, and everything is as if it had always done. */
  get up(): boolean {
    return this.#up;
  }

  /** Whether there is a connection, be it that not everything is healed yet. */
  get reachable(): boolean {
    return this.#session !== undefined;
  }

  /** From now on this one heals after outages too, after those that came before it. */
  addHealer(healer: Healer): void {
    this.#healers.push(healer);
  }

  onMessage(listener: (channel: string, message: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Calls `listen` each time Redis is back after it was away, and what it says can be relied on. */
  onBack(listen: () => void): void {
    this.#backAgain.add(listen);
  }

  /** Connects for the first time; answers when that worked, or did not at the first attempt. */
  async start(): Promise<void> {
    await this.#attempt();
    if (!this.#up) this.#comeBack();
  }

  /** What Redis held is gone, though it was never away: heals as after an outage. */
  beginAnew(reason: Error): void {
    if (this.#session) this.#lose(this.#session, reason);
  }

  /** Sends a command. Rejects with `RedisAway` when it cannot be answered; whether it was done is then not known. */
  run(key: string, args: readonly string[]): Promise<unknown> {
    return this.#ask((session) => session.run(key, args));
  }

  /** Sends several commands at once, which are answered all, or not at all. */
  runAll(commands: readonly (readonly [key: string, args: readonly string[]])[]): Promise<unknown[]> {
    return this.#ask((session) => Promise.all(commands.map(([key, args]) => session.run(key, args))));
  }

  subscribe(channels: readonly string[]): Promise<void> {
    return this.#ask((session) => session.subscribe(channels));
  }

  unsubscribe(channels: readonly string[]): Promise<void> {
    return this.#ask((session) => session.unsubscribe(channels));
  }

  async #ask<Answer>(ask: (session: Session) => Promise<Answer>): Promise<Answer> {
    const session = this.#session;
    if (session === undefined) throw new RedisAway();
    try {
      return await this.#waiting.for(ask(session));
    } catch (error) {
      if (isRefused(error) && !USELESS.test(error.message)) throw error;
      this.#lose(session, error);
      throw new RedisAway(error);
    }
  }

  /** Tries once to be up. */
  async #attempt(): Promise<void> {
    let session: Session | undefined;
    let broken = false;
    const events: SessionEvents = {
      heard: (channel, message) => {
        this.#waiting.hear();
        for (const listener of this.#listeners) this.#safely(() => listener(channel, message));
      },
      lost: (error) => {
        broken = true;
        if (session) this.#lose(session, error);
      },
    };
    try {
      session = await this.#parts.open(events);
      if (broken || this.#ended.signal.aborted) throw new RedisAway();
      this.#waiting = new Waiting();
      this.#session = session;
      await this.#heal(session);
    } catch (error) {
      if (session) this.#lose(session, error);
      session?.destroy();
      this.#tellAway(error);
    }
  }

  async #heal(session: Session): Promise<void> {
    const giveUp = setTimeout(() => this.#lose(session, new Error('healing took too long')), ATTEMPT_MS);
    try {
      for (const healer of this.#healers) await healer.heal(this);
      while (!this.#healers.every((healer) => healer.caughtUp())) {
        for (const healer of this.#healers) await healer.catchUp(this);
      }
    } finally {
      clearTimeout(giveUp);
    }
    if (session !== this.#session) throw new RedisAway();
    this.#rise();
  }

  #rise(): void {
    const awayMs = Math.round(performance.now() - (this.#awaySince ?? performance.now()));
    this.#up = true;
    this.#awaySince = undefined;
    if (!this.#told) return;
    this.#told = false;
    this.#parts.log.info({ awayMs }, 'Redis is back');
    const unsureMs = Math.max(0, ...this.#healers.map((healer) => healer.unsureMs ?? 0));
    this.#telling = setTimeout(() => {
      for (const listen of this.#backAgain) this.#safely(listen);
    }, unsureMs).unref();
  }

  /** A fault of whoever listens is none of Redis. */
  #safely(listen: () => void): void {
    try {
      listen();
    } catch (error) {
      this.#parts.log.error({ err: error }, 'a listener of Redis failed');
    }
  }

  #lose(session: Session, error: unknown): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    session.destroy();
    if (!this.#up) return;
    clearTimeout(this.#telling);
    this.#up = false;
    this.#awaySince = performance.now();
    this.#tellAway(error);
    this.#comeBack();
  }

  /** Says it once for each time that it goes. */
  #tellAway(error: unknown): void {
    if (this.#told || this.#ended.signal.aborted) return;
    this.#told = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.log.warn({ reason }, 'Redis is away: news and presence are those of this node until it is back');
  }

  #comeBack(): void {
    this.#coming ??= this.#tryUntilUp().finally(() => {
      this.#coming = undefined;
      // It may have gone again in the meantime.
      if (!this.#up && !this.#ended.signal.aborted) this.#comeBack();
    });
  }

  async #tryUntilUp(): Promise<void> {
    const { signal } = this.#ended;
    let longest = LEAST_PAUSE_MS;
    while (!this.#up && !signal.aborted) {
      // At least half of it, by chance, so that nodes do not all come in the same moment.
      await pause(longest * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.#attempt();
      longest = Math.min(2 * longest, MOST_PAUSE_MS);
    }
  }

  /** Looks whether Redis still answers. */
  #look(): void {
    const now = performance.now();
    const late = now - this.#lookedAt - LOOK_MS;
    this.#lookedAt = now;
    const session = this.#session;
    if (session === undefined || late > STOOD_STILL_MS) return;
    if (now - this.#pingedAt >= PING_MS) {
      this.#pingedAt = now;
      for (const answer of session.ping()) {
        this.#waiting.for(answer).catch((error: unknown) => this.#lose(session, error));
      }
    }
    // What came meanwhile is read first: the process may have been busy.
    if (this.#waiting.overdue()) {
      setImmediate(() => {
        if (this.#waiting.overdue()) this.#lose(session, new Error('no answer'));
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    clearInterval(this.#watch);
    clearTimeout(this.#telling);
    this.#up = false;
    const session = this.#session;
    this.#session = undefined;
    session?.destroy();
    await this.#coming;
  }
}
