import type { AppId } from '@rollcall/domain/app';
import type { Bus } from '../bus/bus.ts';

/** The users of an app whose news this node asks other nodes for. What begins or ends in one turn is asked for together. */
export class Following {
  readonly #app: AppId;
  readonly #bus: Pick<Bus, 'follow' | 'unfollow'>;
  /** Those who are not followed for sure yet. */
  readonly #pending = new Map<string, Promise<void>>();
  #beginning: string[] = [];
  #ending: string[] = [];

  constructor(app: AppId, bus: Pick<Bus, 'follow' | 'unfollow'>) {
    this.#app = app;
    this.#bus = bus;
  }

  begin(userId: string): void {
    if (this.#beginning.push(userId) === 1) queueMicrotask(() => this.#follow());
  }

  /** Each that began is ended once. */
  end(userId: string): void {
    if (this.#ending.push(userId) === 1) queueMicrotask(() => this.#unfollow());
  }

  /** Resolves when these users are followed, all of whom began; undefined when they are. */
  settled(userIds: readonly string[]): Promise<unknown> | undefined {
    this.#follow();
    if (this.#pending.size === 0) return undefined;
    const waits = new Set(userIds.flatMap((userId) => this.#pending.get(userId) ?? []));
    return waits.size === 0 ? undefined : Promise.all(waits);
  }

  #follow(): void {
    const userIds = this.#beginning;
    if (userIds.length === 0) return;
    this.#beginning = [];
    const followed = this.#bus.follow(this.#app, userIds);
    if (!followed) return;
    const done = followed.finally(() => {
      for (const userId of userIds) if (this.#pending.get(userId) === done) this.#pending.delete(userId);
    });
    for (const userId of userIds) this.#pending.set(userId, done);
    // Whoever waits for it hears of it.
    done.catch(() => {});
  }

  #unfollow(): void {
    // In the order in which it was asked for.
    this.#follow();
    this.#bus.unfollow(this.#app, this.#ending);
    this.#ending = [];
  }
}
