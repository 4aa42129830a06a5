import type { Healer, Link, Way } from '../redis/link.ts';
import { type Names, shardOfChannel } from '../redis/shard.ts';
import type { Follows } from './follows.ts';

/** A channel that nobody needs is kept for that long: whoever left may come back. */
const KEPT_MS = 1000;

/** The channels this node hears: those of the users it follows, and its own. */
export class HeardChannels implements Healer, Disposable {
  readonly #link: Link;
  readonly #names: Names;
  readonly #follows: Follows;
  readonly #own: string;
  /** Those that are heard, or are asked for: by when. */
  #heard = new Map<number, Promise<void>>();
  readonly #idle = new Set<number>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(link: Link, names: Names, follows: Follows, node: string) {
    this.#link = link;
    this.#names = names;
    this.#follows = follows;
    this.#own = names.node(node);
    link.addHealer(this);
  }

  /** Answers once all of them are heard; when Redis is away at once, since then they are heard from when it is back. */
  async need(channels: Iterable<number>): Promise<void> {
    const missing = [...channels].filter((channel) => !this.#heard.has(channel));
    if (missing.length > 0) this.#hear(missing, this.#link);
    const answers = [...channels].map((channel) => this.#heard.get(channel));
    await Promise.allSettled(answers);
  }

  /** Asks for channels, those of one shard together. */
  #hear(channels: readonly number[], way: Pick<Way, 'subscribe'>): void {
    for (const together of Map.groupBy(channels, shardOfChannel).values()) {
      const answer = way.subscribe(together.map((channel) => this.#names.channel(channel)));
      for (const channel of together) this.#heard.set(channel, answer);
      answer.catch(() => {
        for (const channel of together) if (this.#heard.get(channel) === answer) this.#heard.delete(channel);
      });
    }
  }

  /** Gives channels back after a while, unless they are needed again. */
  release(channels: Iterable<number>): void {
    for (const channel of channels) this.#idle.add(channel);
    if (this.#idle.size > 0) this.#sweep ??= setTimeout(() => this.#giveBack(), KEPT_MS).unref();
  }

  #giveBack(): void {
    this.#sweep = undefined;
    const channels = [...this.#idle].filter(
      (channel) => this.#follows.usersOf(channel) === 0 && this.#heard.has(channel),
    );
    this.#idle.clear();
    for (const channel of channels) this.#heard.delete(channel);
    for (const together of Map.groupBy(channels, shardOfChannel).values()) {
      this.#link.unsubscribe(together.map((channel) => this.#names.channel(channel))).catch(() => {});
    }
  }

  /** All that is needed is heard, and acknowledged, before news is to be relied on again. */
  async heal(way: Way): Promise<void> {
    this.#heard = new Map();
    await way.subscribe([this.#own]);
    await this.catchUp(way);
  }

  async catchUp(way: Way): Promise<void> {
    this.#hear(this.#missing(), way);
    await Promise.all(this.#heard.values());
  }

  caughtUp(): boolean {
    return this.#missing().length === 0;
  }

  #missing(): number[] {
    return this.#follows.channels().filter((channel) => !this.#heard.has(channel));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#sweep);
  }
}
