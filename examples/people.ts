import { readFileSync } from 'node:fs';
import { NEAR_DUPLICATES } from './near-duplicates.ts';

/** What the example's app keeps beside the fields that Rollcall knows. */
export interface PersonCustom {
  favorite_color?: string;
  age?: number;
  rating?: number;
  verified?: boolean;
  joined?: string;
  pronouns?: string | null;
  tags?: readonly string[];
  address?: { readonly country: string; readonly city: string; readonly geo?: readonly [number, number] };
  settings?: {
    readonly theme: string;
    readonly notifications: { readonly email: boolean; readonly push: boolean; readonly quiet?: readonly string[] };
  };
}

/** One person of the user base, fit to be sent to `POST /users` as it is. */
export interface Person extends PersonCustom {
  id: string;
  name: string;
  language: string;
  role?: string;
  image?: string;
  teams?: readonly string[];
  teams_role?: Readonly<Record<string, string>>;
  invisible?: boolean;
  privacy_settings?: { readonly typing_indicators: { readonly enabled: boolean } };
}

/** The file that holds the user base, one person a line. */
export const PEOPLE_FILE = new URL('data/users.ndjson', import.meta.url);

/** Reads the user base. */
export function readPeople(): Person[] {
  const lines = readFileSync(PEOPLE_FILE, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Person); // generate.test.ts looks at every line of the file
}

/** Names of people, no two with one key: of the near duplicates only the plain spelling. */
export function names(): string[] {
  const others = new Set(NEAR_DUPLICATES.flatMap(({ spellings: [, ...rest] }) => rest));
  return readPeople()
    .map((person) => person.name)
    .filter((name) => !others.has(name));
}
