import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import type { JsonValue } from '@rollcall/domain/json';
import type { Logger } from 'pino';
import type { Alone } from '../redis/alone.ts';
import type { Link } from '../redis/link.ts';
import { channelOf, type Names } from '../redis/shard.ts';
import { Asks } from './asks.ts';
import { Beat } from './beat.ts';
import type { Answerer, Bus, Deliver } from './bus.ts';
import { HeardChannels } from './channels.ts';
import { Follows } from './follows.ts';
import { parseNews, writeNews } from './message.ts';

/** What the bus works with. */
export interface RedisBusParts {
  readonly link: Link;
  readonly names: Names;
  readonly alone: Alone;
  readonly node: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** What waits to be sent, in characters: news beyond is dropped, since Redis does not keep up. */
const MOST_WAITING = 32 * 1024 * 1024;

const userIdOf = (event: Event): string => (event.type === 'user.updated' ? event.user.id : event.userId);

/** The bus of many nodes: news goes to those that follow its users, and is lost while Redis is away. */
export class RedisBus implements Bus {
  readonly #parts: RedisBusParts;
  readonly #listeners = new Set<Deliver>();
  readonly #follows = new Follows();
  readonly #channels: HeardChannels;
  readonly #asks: Asks;
  readonly #beat: Beat;
  readonly #own: string;
  #waiting = 0;
  #toldUnreadable = false;
  #toldDropped = false;

  constructor(parts: RedisBusParts) {
    const { link, names, alone, node } = parts;
    this.#parts = parts;
    this.#own = names.node(node);
    this.#channels = new HeardChannels(link, names, this.#follows, node);
    this.#asks = new Asks(link, names, node);
    this.#beat = new Beat(link, this.#own);
    link.onMessage((channel, message) => this.#hear(channel, message));
    alone.onCorrection((app, events) => this.#deliver(app, events));
  }

  get connected(): boolean {
    return this.#parts.link.up;
  }

  /** How long news takes at the moment. */
  get lagMs(): number | undefined {
    return this.#beat.lagMs;
  }

  publish(app: AppId, events: readonly Event[]): void {
    if (events.length === 0) return;
    this.#deliver(app, events);
    if (!this.#parts.link.up) return;
    const elsewhere = this.#parts.alone.elsewhere(app, events);
    for (const [channel, together] of Map.groupBy(elsewhere, (event) => channelOf(app, userIdOf(event)))) {
      for (const message of writeNews({ from: this.#parts.node, app, events: together })) this.#send(channel, message);
    }
  }

  subscribe(deliver: Deliver): Disposable {
    this.#listeners.add(deliver);
    return { [Symbol.dispose]: () => this.#listeners.delete(deliver) };
  }

  async follow(app: AppId, userIds: readonly string[]): Promise<void> {
    await this.#channels.need(this.#follows.add(app, userIds));
  }

  unfollow(app: AppId, userIds: readonly string[]): void {
    this.#channels.release(this.#follows.remove(app, userIds));
  }

  ask(node: string, question: JsonValue): Promise<JsonValue | undefined> {
    return this.#asks.ask(node, question);
  }

  answer(answerer: Answerer): void {
    this.#asks.answer(answerer);
  }

  onReconnect(listen: () => void): void {
    this.#parts.link.onBack(listen);
  }

  #deliver(app: AppId, events: readonly Event[]): void {
    if (events.length > 0) for (const deliver of this.#listeners) deliver(app, events);
  }

  /** One connection carries all of it, so that what one node tells of a user arrives in order. */
  #send(channel: number, message: string): void {
    const { link, names, log } = this.#parts;
    if (this.#waiting + message.length > MOST_WAITING) {
      if (!this.#toldDropped) log.warn('Redis does not keep up with the news: some is dropped');
      this.#toldDropped = true;
      return;
    }
    const name = names.channel(channel);
    this.#waiting += message.length;
    link
      .run(name, ['SPUBLISH', name, message])
      .catch(() => {})
      .finally(() => {
        this.#waiting -= message.length;
        if (this.#waiting === 0) this.#toldDropped = false;
      });
  }

  #hear(channel: string, message: string): void {
    if (channel === this.#own) {
      if (!this.#beat.hear(message) && !this.#asks.hear(message)) this.#unreadable(channel);
      return;
    }
    const news = parseNews(message);
    if (news === undefined) this.#unreadable(channel);
    // This node heard its own news when it told it.
    else if (news.from !== this.#parts.node) {
      const followed = news.events.filter((event) => this.#follows.has(news.app, userIdOf(event)));
      this.#parts.alone.hear(news.app, followed);
      this.#deliver(news.app, followed);
    }
  }

  #unreadable(channel: string): void {
    if (this.#toldUnreadable) return;
    this.#toldUnreadable = true;
    this.#parts.log.warn(
      { channel },
      'a message on the bus cannot be read, and is passed over, as others like it will be',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat[Symbol.dispose]();
    this.#asks[Symbol.dispose]();
    this.#channels[Symbol.dispose]();
  }
}
