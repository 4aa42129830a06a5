import type { AppId } from '@rollcall/domain/app';
import { CHANNELS, channelOf } from '../redis/shard.ts';

/** Whom this node follows, how often each, and the channels that takes. */
export class Follows {
  readonly #apps = new Map<AppId, Map<string, number>>();
  /** How many of the users of each channel are followed. */
  readonly #users = new Uint32Array(CHANNELS);

  /** Answers the channels on which these users are heard. */
  add(app: AppId, userIds: readonly string[]): Set<number> {
    const counts = this.#apps.get(app) ?? new Map<string, number>();
    this.#apps.set(app, counts);
    const channels = new Set<number>();
    for (const userId of userIds) {
      const channel = channelOf(app, userId);
      const count = counts.get(userId) ?? 0;
      counts.set(userId, count + 1);
      if (count === 0) this.#users[channel] = this.usersOf(channel) + 1;
      channels.add(channel);
    }
    return channels;
  }

  /** Answers the channels that are not needed any more. Whoever is not followed is passed over. */
  remove(app: AppId, userIds: readonly string[]): Set<number> {
    const counts = this.#apps.get(app);
    const channels = new Set<number>();
    for (const userId of userIds) {
      const count = counts?.get(userId);
      if (counts === undefined || count === undefined) continue;
      if (count > 1) {
        counts.set(userId, count - 1);
        continue;
      }
      counts.delete(userId);
      const channel = channelOf(app, userId);
      this.#users[channel] = this.usersOf(channel) - 1;
      if (this.usersOf(channel) === 0) channels.add(channel);
    }
    if (counts?.size === 0) this.#apps.delete(app);
    return channels;
  }

  has(app: AppId, userId: string): boolean {
    return this.#apps.get(app)?.has(userId) === true;
  }

  usersOf(channel: number): number {
    return this.#users[channel] ?? 0;
  }

  /** The channels that are needed. */
  channels(): number[] {
    return Array.from({ length: CHANNELS }, (_, channel) => channel).filter((channel) => this.usersOf(channel) > 0);
  }
}
