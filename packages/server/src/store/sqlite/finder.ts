import { refusal } from '@rollcall/domain/error';
import { matches, type Query } from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';
import { Best } from '../best.ts';
import { fieldToDeclare } from '../hint.ts';
import type { Pace } from '../pace.ts';
import type { Found } from '../store.ts';
import type { Reads } from './reads.ts';
import type { Walk } from './walk.ts';

/** How queries are walked. */
export interface Windows {
  /** How many users the first window looks at. */
  readonly firstSize: number;
  readonly mostSize: number;
  /** How long a window may keep the loop. */
  readonly ms: number;
  /** What a query may take of the loop before it goes into the lane of what takes long; a walk past everybody, beside others, may take less. */
  readonly quickMs: number;
  /** When an answer took longer it names the field whose index would have helped. */
  readonly slowMs: number;
  /** How long a query may take in all. */
  readonly queryMs: number;
}

export const WINDOWS: Windows = { firstSize: 128, mostSize: 20_000, ms: 3, quickMs: 6, slowMs: 50, queryMs: 2000 };

const LEAST_SIZE = 4;

/** What is to be known for one query. */
export interface Begun {
  readonly walk: Walk | undefined;
  /** All fields the app declared, ready or not. */
  readonly declared: ReadonlySet<string>;
  /** How much dearer than usual a user is to look at. */
  readonly weight: number;
  /** Says whether nothing was written since then. */
  readonly isCurrent: () => boolean;
}

/** What finding works with. */
export interface FinderParts {
  readonly reads: Reads;
  readonly pace: Pace;
  readonly windows: Windows;
  /** Chooses the way, inside a read. */
  readonly begin: () => Begun;
  /** How many calls there ever were. */
  readonly calls: () => number;
}

/**
 * Finds users in windows: each is a short read, and the loop turns between two. What is quick is done at once; what takes longer
 * shares one lane with all that does, and is refused after two seconds. Beside others, walks past everybody that are not done in
 * one window have little time together outside the lane: many of them would hold up the others as one long one does.
 */
export async function findUsers(parts: FinderParts, query: Query): Promise<Found> {
  const { reads, pace, windows, begin, calls } = parts;
  const startedAt = performance.now();
  const deadline = startedAt + windows.queryMs;
  const callsBefore = calls();
  const search = await reads.run(() => {
    const begun = new Search(query, windows, begin());
    begun.run();
    return begun;
  });
  if (!search.done && search.everybody) pace.spend(search.spentMs);
  while (!search.done) {
    const free = !search.everybody || calls() === callsBefore || pace.spare();
    if (search.spentMs < windows.quickMs && free) {
      const ms = await reads.run(() => search.run());
      if (search.everybody) pace.spend(ms);
    } else {
      const inTime = await pace.run(deadline, () => reads.run(() => search.run()), search.spentMs);
      if (!inTime) throw refusal('request_timeout', tooSlow(query, search.declared, windows.queryMs));
    }
  }
  const slow = performance.now() - startedAt > windows.slowMs;
  const walked = slow ? fieldToDeclare(query, search.declared) : undefined;
  return { users: search.found(), walked, isCurrent: search.isCurrent };
}

function tooSlow(query: Query, declared: ReadonlySet<string>, ms: number): string {
  const field = fieldToDeclare(query, declared);
  const advice =
    field === undefined
      ? 'ask for fewer users, or sort by created_at or id'
      : `declare "${field}" in indexed_fields, or ask for fewer users`;
  return `the query took longer than ${ms / 1000} s: ${advice}`;
}

/** One query on its way. */
class Search {
  readonly declared: ReadonlySet<string>;
  readonly isCurrent: () => boolean;
  readonly everybody: boolean;
  readonly #query: Query;
  readonly #windows: Windows;
  readonly #walk: Walk | undefined;
  readonly #best: Best;
  #size: number;
  spentMs = 0;
  done: boolean;

  constructor(query: Query, windows: Windows, { walk, declared, weight, isCurrent }: Begun) {
    this.declared = declared;
    this.isCurrent = isCurrent;
    this.everybody = walk?.everybody ?? false;
    this.#query = query;
    this.#windows = windows;
    this.#walk = walk;
    this.#best = new Best(query.sort, query.offset + query.limit, query.after);
    this.#size = Math.min(windows.mostSize, Math.max(LEAST_SIZE, Math.floor(windows.firstSize / weight)));
    this.done = walk === undefined;
  }

  /** Walks on until there is an answer, or a window's time is used up; says how long that took. */
  run(): number {
    const startedAt = performance.now();
    let ms = 0;
    while (!this.done) {
      const looked = this.#step();
      const now = performance.now() - startedAt;
      this.#adapt(looked, now - ms);
      ms = now;
      if (ms > this.#windows.ms / 2) break;
    }
    this.spentMs += ms;
    return ms;
  }

  /** Goes on; says how many it looked at. */
  #step(): number {
    if (!this.#walk) return 0;
    const { users, ended, isPast, looked = this.#size } = this.#walk.next(this.#size, this.#best);
    for (const user of users) if (matches(this.#query.filter, user)) this.#best.add(user);
    const last = ended ? undefined : this.#best.last;
    this.done = ended || (last !== undefined && isPast(last));
    return looked;
  }

  #adapt(looked: number, ms: number): void {
    const { ms: target, mostSize } = this.#windows;
    const factor = Math.min(4, target / Math.max(ms, 0.001));
    this.#size = Math.min(mostSize, Math.max(LEAST_SIZE, Math.floor(looked * factor)));
  }

  found(): readonly User[] {
    const users = this.#best.users();
    return users.slice(this.#query.offset, this.#query.offset + this.#query.limit);
  }
}
