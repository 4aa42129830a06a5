import type { App } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import type { Store } from '../store/store.ts';
import type { Sum } from './checksum.ts';
import { isJustMade, type Mark, marked, markOf, sameApp } from './mark.ts';
import { type Compared, compare, placeOf, sumOf, usersOf } from './reading.ts';

/** Why a move cannot be: for the operator to read. */
export class MoveRefused extends Error {}

/** Hears what a move does. */
export interface Hear {
  /** A stretch of work begins: what it is, how many users it is about where that is known, and how many are done. */
  begin(what: string, total?: number, done?: number): void;
  /** So many more are done. */
  did(users: number): void;
  say(line: string): void;
}

/** What became of one app. */
export interface MovedApp extends Compared {
  readonly app: App;
  /** Its users changed in the source while they were moved. */
  readonly moving: boolean;
  /** It was there whole when this run began, and is not touched: whatever differs came since. */
  readonly whole: boolean;
}

/** What a move did. */
export interface Moved {
  readonly apps: readonly MovedApp[];
  /** How many users this run wrote; 0 when everything was there already. */
  readonly written: number;
  readonly equal: boolean;
}

/** Two stores, and who hears. */
interface Move {
  readonly from: Store;
  readonly to: Store;
  readonly hear: Hear;
}

/** An app on both sides. */
interface Pair {
  readonly source: App;
  readonly target: App | undefined;
  readonly sum: Sum;
}

/** How many users are written between two marks: as many are written once more, at most, after an accident. */
const MARK_EVERY = 5000;

/**
 * Moves everything that one store holds to another, which must be empty or hold what an earlier run of the same move left. While
 * users come, the apps of the target are suspended; they are let go when both sides were read through and are the same.
 */
export async function move(from: Store, to: Store, hear: Hear): Promise<Moved> {
  const about: Move = { from, to, hear };
  const pairs = await pair(about);
  let written = 0;
  const apps: App[] = [];
  for (const one of pairs) {
    if (one.target !== undefined && sameApp(one.source, one.target)) apps.push(one.target);
    else {
      const { target, users } = await fill(one, about);
      written += users;
      apps.push(target);
    }
  }
  const checked = await check(pairs, apps, about);
  const equal = checked.every(({ difference }) => difference === undefined);
  for (const [at, { source }] of pairs.entries()) await letGo(source, apps[at], equal, to);
  return { apps: checked, written, equal };
}

/** Finds the apps on both sides, refuses a target that holds something else, and reads the source through. */
async function pair({ from, to, hear }: Move): Promise<readonly Pair[]> {
  const sources = await from.readApps();
  if (sources.length === 0) throw new MoveRefused('there is nothing to move: the source has no app');
  const targets = new Map((await to.readApps()).map((app) => [app.key, app]));
  for (const { key, name } of targets.values()) {
    if (!sources.some((source) => source.key === key)) {
      throw new MoveRefused(`the target holds the app "${name}" (${key}), which the source has not: it must be empty`);
    }
  }
  for (const source of sources) await refuseStranger(source, targets.get(source.key), to);
  const pairs: Pair[] = [];
  hear.begin('Counting');
  for (const source of sources) {
    const sum = await sumOf({ store: from, app: source.id }, (users) => hear.did(users));
    pairs.push({ source, target: targets.get(source.key), sum });
  }
  return pairs;
}

/** An app of the target is one that is being moved, or has been; what anybody else made is not touched. */
async function refuseStranger(source: App, target: App | undefined, to: Store): Promise<void> {
  if (target === undefined || markOf(target) || sameApp(source, target)) return;
  const empty = (await to.scan(target.id, undefined, 1)).length === 0;
  if (empty && isJustMade(target, source)) return;
  throw new MoveRefused(
    `the target holds the app "${target.name}" (${target.key}) already, and not as this move left it: nothing was changed`,
  );
}

/** Writes the users of an app, from where an earlier run stopped. */
async function fill({ source, target, sum }: Pair, about: Move): Promise<{ target: App; users: number }> {
  const { from, to, hear } = about;
  const { key, secret, name, createdAt } = source;
  const made = target ?? (await to.createApp({ key, secret, name, createdAt }));
  let mark = markToGoOnFrom(made, sum);
  const keep = (newer: Mark): Promise<App> => {
    mark = newer;
    return to.changeApp(made.id, (app) => marked(app, newer));
  };
  if (mark.done > 0) hear.say(`${name}: going on after ${mark.done.toLocaleString('en')} users`);
  await keep(mark);
  hear.begin(`Moving ${name}`, sum.users, mark.done);
  const begunAt = mark.done;
  let { done, place } = mark;
  for await (const users of usersOf({ store: from, app: source.id }, place)) {
    await write(to, made, users);
    done += users.length;
    const last = users.at(-1);
    place = last && placeOf(last);
    if (done - mark.done >= MARK_EVERY) await keep({ sum, done, place });
    hear.did(users.length);
  }
  return { target: await keep({ sum, done, place }), users: done - begunAt };
}

/** What was written of other users than these is written anew. */
function markToGoOnFrom(target: App, sum: Sum): Mark {
  const mark = markOf(target);
  const same = mark?.sum.checksum === sum.checksum && mark.sum.users === sum.users;
  return same ? mark : { sum, done: 0, place: undefined };
}

/** Writes users as they are, whatever the rules say. Twice does what once does. */
async function write(to: Store, { id }: App, users: readonly User[]): Promise<void> {
  const decision = { write: users, takes: [], tell: [], reply: [] };
  await to.change(
    id,
    users.map((user) => user.id),
    () => decision,
  );
  const seen = users.flatMap(({ id: user, lastActive }) =>
    lastActive === undefined ? [] : [[user, lastActive] as const],
  );
  if (seen.length > 0) await to.saveActivity(id, new Map(seen));
}

/** Reads both sides through, all apps. */
async function check(pairs: readonly Pair[], apps: readonly App[], { from, to, hear }: Move): Promise<MovedApp[]> {
  const total = pairs.reduce((sum, one) => sum + one.sum.users, 0);
  hear.begin('Comparing both sides', total);
  const checked: MovedApp[] = [];
  for (const [at, { source, target, sum }] of pairs.entries()) {
    const app = apps[at]?.id;
    if (app === undefined) throw new Error('an app that was moved is there');
    const compared = await compare({ store: from, app: source.id }, { store: to, app }, (users) => hear.did(users));
    const moving = compared.from.checksum !== sum.checksum;
    checked.push({ app: source, moving, whole: target !== undefined && sameApp(source, target), ...compared });
  }
  return checked;
}

/** Lets an app be what it was in the source; or has the next run write it anew. One that was there whole is not touched. */
async function letGo(source: App, target: App | undefined, equal: boolean, to: Store): Promise<void> {
  const mark = target && markOf(target);
  if (target === undefined || mark === undefined) return;
  const { suspended, suspendedExplanation, settings } = source;
  await to.changeApp(target.id, (app) =>
    equal
      ? { ...app, suspended, suspendedExplanation, settings }
      : marked(app, { sum: mark.sum, done: 0, place: undefined }),
  );
}
