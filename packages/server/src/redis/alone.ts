import type { AppId } from '@rollcall/domain/app';
import type { Event, PresenceChanged } from '@rollcall/domain/event';
import type { UserFlip, UserRef } from '../tracker/tracker.ts';

/** Of so many users it is remembered what was told of them here alone. */
const MOST = 100_000;

/**
 * What was told on this node alone, while others could not be reached. It is told nowhere else, and put right here when
 * it turns out not to be so; whoever hears it twice passes it over.
 */
export class Alone {
  readonly #told = new Map<string, UserFlip>();
  #tell: (app: AppId, events: readonly Event[]) => void = () => {};

  get size(): number {
    return this.#told.size;
  }

  /** Notes flips that are told here, and nowhere else. */
  note(flips: readonly UserFlip[]): void {
    for (const flip of flips) if (this.#told.size < MOST) this.#told.set(keyOf(flip.user.app, flip.user.userId), flip);
  }

  /** Some of what was told here, and of which nobody else told anything since. */
  some(most: number): readonly UserFlip[] {
    return [...this.#told.values().take(most)];
  }

  forget({ app, userId }: UserRef): void {
    this.#told.delete(keyOf(app, userId));
  }

  /** What of this node's news others are to be told. */
  elsewhere(app: AppId, events: readonly Event[]): readonly Event[] {
    if (this.#told.size === 0) return events;
    const others = events.filter((event) => !this.#isOwn(app, event));
    this.hear(app, others);
    return others;
  }

  /** What is told on all nodes is told here too: nothing is left to be put right. */
  hear(app: AppId, events: readonly Event[]): void {
    if (this.#told.size === 0) return;
    for (const event of events) {
      if (event.type === 'user.updated') continue;
      const told = this.#told.get(keyOf(app, event.userId));
      // What is older is passed over by whoever heard the newer.
      if (told !== undefined && event.at > told.at) this.forget(told.user);
    }
  }

  #isOwn(app: AppId, event: Event): event is PresenceChanged {
    if (event.type === 'user.updated') return false;
    const told = this.#told.get(keyOf(app, event.userId));
    return told !== undefined && told.online === event.online && told.at === event.at;
  }

  /** `tell` tells this node's connections, and nobody else. */
  onCorrection(tell: (app: AppId, events: readonly Event[]) => void): void {
    this.#tell = tell;
  }

  /** What was told here is not so: tells what is. */
  correct({ user, online, at, lastActive }: UserFlip): void {
    this.forget(user);
    this.#tell(user.app, [{ type: 'user.presence.changed', userId: user.userId, online, at, lastActive }]);
  }
}

const keyOf = (app: AppId, userId: string): string => `${app}:${userId}`;
