import type { AppId } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import type { ScanPlace, Store } from '../store/store.ts';
import { lineOf, type Sum, Summing } from './checksum.ts';

/** How many users are read, and written, at a time. */
const TOGETHER = 500;

/** Whose users, in which store. */
export interface Source {
  readonly store: Store;
  readonly app: AppId;
}

/** A user's place in the order of creation. */
export const placeOf = ({ createdAt, id }: User): ScanPlace => ({ createdAt, id });

/** All users of an app from a place on, the deleted ones too, in the order of creation. It reads on while the caller works. */
export async function* usersOf({ store, app }: Source, after?: ScanPlace): AsyncGenerator<readonly User[]> {
  let coming = store.scan(app, after, TOGETHER);
  for (;;) {
    const users = await coming;
    const last = users.at(-1);
    if (last === undefined) return;
    coming = store.scan(app, placeOf(last), TOGETHER);
    // The caller may stop before it looks at what came of it.
    coming.catch(() => {});
    yield users;
  }
}

/** Hears how many users were read just now. */
export type HearRead = (users: number) => void;

/** Reads an app through. */
export async function sumOf(source: Source, hear: HearRead): Promise<Sum> {
  const summing = new Summing();
  for await (const users of usersOf(source)) {
    summing.add(users.map(lineOf));
    hear(users.length);
  }
  return summing.end();
}

/** What a comparison of two apps found. */
export interface Compared {
  readonly from: Sum;
  readonly to: Sum;
  /** The id of the first user that is not the same on both sides, or on one only. */
  readonly difference: string | undefined;
}

/** Reads both sides through, side by side. */
export async function compare(from: Source, to: Source, hear: HearRead): Promise<Compared> {
  const sums = [new Summing(), new Summing()] as const;
  const readers = [usersOf(from), usersOf(to)] as const;
  let difference: string | undefined;
  for (;;) {
    const [a, b] = await Promise.all([nextOf(readers[0]), nextOf(readers[1])]);
    if (a.length === 0 && b.length === 0) break;
    const lines = [a.map(lineOf), b.map(lineOf)] as const;
    difference ??= firstDifference([a, b], lines);
    sums[0].add(lines[0]);
    sums[1].add(lines[1]);
    hear(Math.max(a.length, b.length));
  }
  return { from: sums[0].end(), to: sums[1].end(), difference };
}

const NOBODY: readonly User[] = [];

async function nextOf(reader: AsyncGenerator<readonly User[]>): Promise<readonly User[]> {
  const { value, done } = await reader.next();
  return done ? NOBODY : value;
}

type Both<T> = readonly [readonly T[], readonly T[]];

function firstDifference([a, b]: Both<User>, [linesOfA, linesOfB]: Both<string>): string | undefined {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    if (linesOfA[at] !== linesOfB[at]) return (a[at] ?? b[at])?.id;
  }
  return undefined;
}
