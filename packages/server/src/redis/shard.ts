import type { AppId } from '@rollcall/domain/app';
import type { UserRef } from '../tracker/tracker.ts';

/** Over how many channels news is spread. A node hears those of the users it follows. */
export const CHANNELS = 4096;
/**
 * Over how many parts presence is spread: each lies on one server of a cluster, with the channels that belong to it.
 */
export const SHARDS = 256;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The channel of a user's news: the same on every node, and for ever (FNV-1a, with its high bits folded in). */
export function channelOf(app: AppId, userId: string): number {
  const text = `${app}:${userId}`;
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash & (CHANNELS - 1);
}

/** The shard that a channel belongs to. */
export const shardOfChannel = (channel: number): number => channel & (SHARDS - 1);

/** The shard of a user's presence. */
export const shardOf = ({ app, userId }: UserRef): number => shardOfChannel(channelOf(app, userId));

/** How things are called in Redis. What is in braces decides on which server of a cluster they lie. */
export class Names {
  readonly #prefix: string;

  constructor(prefix: string) {
    if (!/^[\w:.-]*$/.test(prefix)) throw new Error('a prefix is made of letters, digits, _ : . and -');
    this.#prefix = prefix;
  }

  #of(shard: number, what: string): string {
    return `${this.#prefix}{${shard}}:${what}`;
  }

  /** The presence of a user. */
  user(user: UserRef): string {
    return this.#of(shardOf(user), `u:${user.app}:${user.userId}`);
  }

  /** Whose presence a key holds; the other way of `user`. */
  userOf(key: string): UserRef {
    const rest = key.slice(key.indexOf('}:u:') + 4);
    const colon = rest.indexOf(':');
    return { app: Number(rest.slice(0, colon)) as AppId, userId: rest.slice(colon + 1) }; // a number is all that an id is
  }

  /** When something of the users of a shard is due next. */
  due(shard: number): string {
    return this.#of(shard, 'due');
  }

  /** Which node sweeps a shard. */
  sweeper(shard: number): string {
    return this.#of(shard, 'sweeper');
  }

  /** A word by which nodes see that a shard lost what it held. */
  born(shard: number): string {
    return this.#of(shard, 'born');
  }

  channel(channel: number): string {
    return this.#of(shardOfChannel(channel), `c:${channel}`);
  }

  /** Where a node is asked, and hears answers. */
  node(node: string): string {
    return `${this.#prefix}node:{${node}}`;
  }
}
