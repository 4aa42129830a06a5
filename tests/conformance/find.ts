import type { Fields } from '../support/json.ts';
import type { Case, Expectation, Step } from './case.ts';
import { found, query, refused, upsert } from './steps.ts';

/** Upwards by id: the order in which cases list the users they find. */
export const BY_ID = [{ field: 'id', direction: 1 }];

/** Every user of a case is in this team, so that other users of the app do not matter. */
export const TEAM = 'team~';
export const OURS: Fields = { teams: { $contains: TEAM } };

/** A filter beside the mark of the case's own users. */
export const among = (filter: Fields): Fields => ({ $and: [OURS, filter] });

/** A field of data that a user holds, by the letter that its id begins with. */
export type People = { readonly [letter: string]: Fields };

/** Makes users out of what they hold: `{ a: { age: 5 } }` is the user `a~` of the case's team. */
export function peopleStep(people: People): Step {
  return upsert(Object.entries(people).map(([letter, held]) => ({ id: `${letter}~`, teams: [TEAM], ...held })));
}

/** That a filter finds these of the people, given as letters: `'abd'`. */
export function finds(people: People, name: string, filter: Fields, letters: string, more: Fields = {}): Case {
  return {
    name,
    why: '8',
    given: [peopleStep(people)],
    ...query({ filter_conditions: among(filter), sort: BY_ID, limit: 100, ...more }),
    expect: foundLetters(letters),
  };
}

/** That the users of these letters are found, in this order. */
export function foundLetters(letters: string): Expectation {
  return found(...[...letters].map((letter) => `${letter}~`));
}

/** That many filters over the same people find whom they say. The name of a case is its filter. */
export function table(people: People, rows: readonly (readonly [filter: Fields, letters: string])[]): readonly Case[] {
  return rows.map(([filter, letters]) =>
    finds(people, `${brief(filter)} finds ${letters || 'nobody'}`, filter, letters),
  );
}

/** What every refusal of a query begins with. */
export const REFUSED = /^QueryUsers failed with error: "/;

/** That a payload is refused with code 4. */
export function refusedQuery(name: string, payload: unknown, message: RegExp = REFUSED): Case {
  return { name, why: '8', ...query(payload), expect: refused(4, message) };
}

/** That a filter is refused with code 4 and a message that has this in it. */
export function refusedFilter(filter: unknown, message = ''): Case {
  return refusedQuery(
    `refuses ${brief(filter)}${message === '' ? '' : `: ${message}`}`,
    { filter_conditions: filter },
    new RegExp(`^QueryUsers failed with error: ".*${RegExp.escape(message)}`),
  );
}

/** A value as a name of a case shows it. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value).replaceAll('~', '');
  return text.length > 90 ? `${text.slice(0, 80)}… (${text.length})` : text;
}
