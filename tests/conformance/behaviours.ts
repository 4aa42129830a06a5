import type { Behaviour } from './behaviour.ts';
import { READ_BEHAVIOURS } from './behaviours-read.ts';
import { WRITE_BEHAVIOURS } from './behaviours-write.ts';

/** Every behaviour of the wire, as the page of compatibility lists it. Each is a suite, or several, of this folder. */
export const BEHAVIOURS = { ...WRITE_BEHAVIOURS, ...READ_BEHAVIOURS };

/** The name of a behaviour. */
export type BehaviourKey = keyof typeof BEHAVIOURS;

/** What a section of the wire is about. */
export const SECTIONS: { readonly [number: number]: string } = {
  1: 'The envelope',
  2: 'The user',
  3: '`POST /users`: upsert',
  4: '`PATCH /users`: partial update',
  5: '`GET /connect`',
  6: 'Unique usernames',
  7: 'App settings and roles',
  8: '`GET /users`: query',
  9: 'Presence and events',
  10: 'Tokens',
  11: 'Limits',
  12: 'Not served',
};

/** The title of a suite that shows a behaviour. The page is made from the results of the suites by their titles. */
export function title(key: BehaviourKey): string {
  return titleOf(BEHAVIOURS[key]);
}

/** The title of the suites of a behaviour. */
export function titleOf({ section, text }: Behaviour): string {
  return `${section} ${text}`;
}
