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

/** For calls that nobody can cancel. */
const NEVER = new AbortController().signal;

/** Whoever holds watches. */
export interface Holder {
  /** Its watches may have been let go of, or there may be room for them now: read again. */
  renew(): void;
}

/** What watches need of their client. */
export interface WatchesParts {
  readonly send: (frame: Frame) => void;
  /** Closes what is open and not shown, so that it is released. */
  readonly makeRoom: () => void;
}

/** Who of one client's lists watches whom, so that a watch ends with the last of them. */
export class Watches {
  readonly #parts: WatchesParts;
  readonly #held = new Map<Holder, ReadonlySet<string>>();
  /** Holders for whom there was no room, and whom they would have held. */
  readonly #refused = new Map<Holder, ReadonlySet<string>>();
  /** Users the app watches by calls of its own, the oldest first: never unwatched here. */
  readonly #kept = new Set<string>();
  /** Users whom a list let go of a moment ago. */
  readonly #ended = new Set<string>();
  /** Users who were let go of and are in the way: unwatched as soon as nobody is asking, and counted no more. */
  readonly #due = new Set<string>();
  #asking = 0;
  #saidAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: WatchesParts) {
    this.#parts = parts;
  }

  /** Runs a call that watches whom it finds, and tells `hold` or `keep` of them; nobody is unwatched meanwhile. */
  async during<Answer>(call: () => Promise<Answer>, signal: AbortSignal = NEVER): Promise<Answer> {
    const leftMs = Math.min(CROSSING_MS, this.#saidAt + CROSSING_MS - Date.now());
    this.#asking += 1;
    try {
      if (leftMs > 0) await pause(leftMs, signal);
      signal.throwIfAborted();
      return await call();
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0 && this.#due.size > 0) this.#unwatch();
    }
  }

  /**
   * Notes that these are the users a holder watches now, all of them. False when that is more than one connection watches,
   * together with all others': then the server let go of some, and the others read again. The holder does so when there is room.
   */
  hold(holder: Holder, ids: ReadonlySet<string>): boolean {
    const before = this.#held.get(holder) ?? [];
    this.#held.set(holder, ids);
    this.#refused.delete(holder);
    this.#end([...before].filter((id) => !ids.has(id)));
    if (!fits(this.#held.values())) this.#parts.makeRoom();
    if (!fits(this.#held.values())) return this.#refuse(holder, ids);
    this.#follow(holder);
    this.#invite();
    return true;
  }

  /** Notes that a holder is done. */
  release(holder: Holder): void {
    this.#refused.delete(holder);
    const ids = this.#held.get(holder);
    if (ids === undefined) return;
    this.#held.delete(holder);
    this.#end(ids);
    this.#invite();
  }

  /** Notes users whom the app watches by itself. */
  keep(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#kept.delete(id); // asked for again, it is the newest
      this.#kept.add(id);
    }
    this.#follow();
  }

  /** The connection is gone, and all watches with it. */
  forget(): void {
    for (const all of [this.#held, this.#refused, this.#kept, this.#ended, this.#due]) all.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #refuse(holder: Holder, ids: ReadonlySet<string>): false {
    this.#held.delete(holder);
    this.#refused.set(holder, ids);
    this.#end(ids);
    this.#restore();
    return false;
  }

  /**
   * Follows the server, which watches also whom the app asked for, and who was let go of but not yet unwatched. Past the limit
   * it let go of its oldest watches, which may be anybody's but those of who has just read.
   */
  #follow(newest?: Holder): void {
    const listed = union([...this.#held.values(), this.#ended]);
    const all = union([listed, this.#kept]);
    if (all.size <= MOST_WATCHED) return;
    for (const oldest of this.#kept) {
      if (all.size <= MOST_WATCHED) break;
      if (listed.has(oldest)) continue; // to forget it would make no room
      all.delete(oldest);
      this.#kept.delete(oldest);
    }
    this.#restore(newest);
  }

  /** The holders read again, but for one, and there will be room: so this is not the beginning of another round. */
  #restore(newest?: Holder): void {
    this.#hurry();
    for (const holder of this.#held.keys()) if (holder !== newest) holder.renew();
  }

  /** Asks those to read again for whom there is room now. */
  #invite(): void {
    let all = [...this.#held.values()];
    for (const [holder, ids] of this.#refused) {
      if (!fits([...all, ids])) continue;
      all = [...all, ids];
      this.#hurry();
      holder.renew();
    }
  }

  /** Whoever was let go of takes room that is needed. */
  #hurry(): void {
    for (const id of this.#ended) this.#due.add(id);
    this.#ended.clear();
    if (this.#asking === 0) this.#unwatch();
  }

  #end(ids: Iterable<string>): void {
    for (const id of ids) this.#ended.add(id);
    if (this.#ended.size > 0) this.#timer ??= setTimeout(() => this.#unwatch(), LINGER_MS);
  }

  #unwatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#asking > 0) {
      this.#end([]); // later
      return;
    }
    const needed = union([...this.#held.values(), this.#kept]);
    const ids = [...union([this.#ended, this.#due])].filter((id) => !needed.has(id));
    this.#ended.clear();
    this.#due.clear();
    if (ids.length === 0) return;
    for (let at = 0; at < ids.length; at += IDS_PER_FRAME) {
      this.#parts.send({ type: 'unwatch', user_ids: ids.slice(at, at + IDS_PER_FRAME) });
    }
    this.#saidAt = Date.now();
  }
}

/** Everybody who is in one of them. */
function union(sets: Iterable<Iterable<string>>): Set<string> {
  const all = new Set<string>();
  for (const set of sets) for (const id of set) all.add(id);
  return all;
}

/** Whether one connection watches as many. */
const fits = (sets: Iterable<Iterable<string>>): boolean => union(sets).size <= MOST_WATCHED;
