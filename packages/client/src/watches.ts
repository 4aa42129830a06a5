import type { Frame } from './socket.ts';
import { pause } from './wait.ts';

/** How many users one connection watches; the server then lets go of the oldest. */
export const MOST_WATCHED = 1_000;

/** How long users stay watched after the last list let go of them: it may be back in a moment. In milliseconds. */
const LINGER_MS = 1_000;

/** A call that follows an `unwatch` might overtake it, so it waits a little. In milliseconds. */
const CROSSING_MS = 250;

/** Ids in one frame: the server reads at most 64 KiB, and an id may have 255 characters. */
const IDS_PER_FRAME = 200;

/** Whoever holds watches. */
export interface Holder {
  /** Its watches may have been let go of: read again. */
  renew(): void;
}

/** Who of one client's lists watches whom, so that a watch ends with the last of them. */
export class Watches {
  readonly #send: (frame: Frame) => void;
  readonly #held = new Map<Holder, ReadonlySet<string>>();
  /** Users the app watches by calls of its own: never unwatched here. */
  readonly #kept = new Set<string>();
  readonly #ended = new Set<string>();
  #asking = 0;
  #saidAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: Frame) => void) {
    this.#send = send;
  }

  /** Runs a call that watches whom it finds; nobody is unwatched meanwhile. */
  async during<Answer>(signal: AbortSignal, call: () => Promise<Answer>): Promise<Answer> {
    const leftMs = Math.min(CROSSING_MS, this.#saidAt + CROSSING_MS - Date.now());
    this.#asking += 1;
    try {
      if (leftMs > 0) await pause(leftMs, signal);
      signal.throwIfAborted();
      return await call();
    } finally {
      this.#asking -= 1;
    }
  }

  /**
   * Notes that these are the users a holder watches now, all of them. False when that is more than one connection watches,
   * together with all others': then the server let go of some, and the others read again.
   */
  hold(holder: Holder, ids: ReadonlySet<string>): boolean {
    const before = this.#held.get(holder);
    this.#held.set(holder, ids);
    if (before) this.#end([...before].filter((id) => !ids.has(id)));
    const all = new Set<string>();
    for (const held of this.#held.values()) for (const id of held) all.add(id);
    if (all.size <= MOST_WATCHED) return true;
    this.release(holder);
    for (const other of this.#held.keys()) other.renew();
    return false;
  }

  /** Notes that a holder is done. */
  release(holder: Holder): void {
    const ids = this.#held.get(holder);
    this.#held.delete(holder);
    if (ids) this.#end(ids);
  }

  /** Notes users whom the app watches by itself. */
  keep(ids: Iterable<string>): void {
    for (const id of ids) this.#kept.add(id);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= MOST_WATCHED) break;
      this.#kept.delete(oldest);
    }
  }

  /** The connection is gone, and all watches with it. */
  forget(): void {
    this.#held.clear();
    this.#kept.clear();
    this.#ended.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(ids: Iterable<string>): void {
    for (const id of ids) this.#ended.add(id);
    if (this.#ended.size > 0) this.#timer ??= setTimeout(() => this.#unwatch(), LINGER_MS);
  }

  #unwatch(): void {
    this.#timer = undefined;
    if (this.#asking > 0) {
      this.#end([]); // later
      return;
    }
    const held = [...this.#held.values()];
    const ids = [...this.#ended].filter((id) => !this.#kept.has(id) && !held.some((some) => some.has(id)));
    this.#ended.clear();
    if (ids.length === 0) return;
    for (let at = 0; at < ids.length; at += IDS_PER_FRAME) {
      this.#send({ type: 'unwatch', user_ids: ids.slice(at, at + IDS_PER_FRAME) });
    }
    this.#saidAt = Date.now();
  }
}
