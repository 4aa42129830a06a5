import { type App, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import type { JsonValue } from '@rollcall/domain/json';
import type { ScanPlace } from '../store/store.ts';
import { appLineOf, type Sum } from './checksum.ts';

/** How far a move of an app has come. It is kept in the app it moves to, so that it can go on after any accident. */
export interface Mark {
  /** What its users came to when the move began: it goes on only with the same. */
  readonly sum: Sum;
  /** How many were written, and the last of them. */
  readonly done: number;
  readonly place: ScanPlace | undefined;
}

const KEY = 'rollcall_move';
const EXPLANATION = 'its users are being moved here';

/** An app while its users come: nobody is served, and the mark lies among its settings. */
export function marked(app: App, { sum, done, place }: Mark): App {
  const mark = { users: sum.users, checksum: sum.checksum, done, ...(place ? { place: { ...place } } : {}) };
  const settings = { ...DEFAULT_SETTINGS, other: { [KEY]: mark } };
  return { ...app, suspended: true, suspendedExplanation: EXPLANATION, settings };
}

/** The mark of an app; undefined when no move is under way in it. */
export function markOf({ settings }: App): Mark | undefined {
  const mark: JsonValue | undefined = settings.other[KEY];
  if (typeof mark !== 'object' || mark === null || Array.isArray(mark)) return undefined;
  const { users, checksum, done, place } = mark as Readonly<Record<string, unknown>>; // only `marked` writes one
  return {
    sum: { users: Number(users), checksum: String(checksum) },
    done: Number(done),
    place: place as ScanPlace | undefined,
  };
}

/** Says whether two stores have the same app, settings and all. */
export const sameApp = (a: App, b: App): boolean => appLineOf(a) === appLineOf(b);

/** Says whether an app was made for the other one and nothing was said of it since: a move died right after it made it. */
export function isJustMade(app: App, source: App): boolean {
  return sameApp(app, { ...source, suspended: false, suspendedExplanation: '', settings: DEFAULT_SETTINGS });
}
