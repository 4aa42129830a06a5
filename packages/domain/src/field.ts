import { isObject, isStorable, type JsonValue, utf8Length } from './json.ts';
import type { Instant, PrivacySettings } from './user.ts';

const ROLE_CHARACTERS = 64;
const TEAMS = 250;
const TEAM_BYTES = 100;
const LANGUAGE = /^(?:[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)?$/;
const USER_ID = /^[@\w-]{1,255}$/;
const PRIVACY = new Set(['typing_indicators', 'read_receipts', 'delivery_receipts']);

/**
 * The built-in fields a caller stated. Absent means it said nothing; null, "back to the default".
 * The fields are `undefined` rather than missing so that every statement has one shape.
 */
export interface Given {
  role: string | null | undefined;
  name: string | null | undefined;
  image: string | null | undefined;
  teams: readonly string[] | null | undefined;
  teamsRole: Readonly<Record<string, string>> | null | undefined;
  language: string | null | undefined;
  invisible: boolean | null | undefined;
  privacySettings: PrivacySettings | null | undefined;
  revokeTokensIssuedBefore: Instant | null | undefined;
}

/** A statement that says nothing yet. */
export function nothingGiven(): Given {
  return {
    role: undefined,
    name: undefined,
    image: undefined,
    teams: undefined,
    teamsRole: undefined,
    language: undefined,
    invisible: undefined,
    privacySettings: undefined,
    revokeTokensIssuedBefore: undefined,
  };
}

/** Told what is wrong, and below which part of the field when it is not the whole. */
export type Complain = (message: string, part?: string) => void;

/** Says whether a text may be the id of a user. */
export function isUserId(text: unknown): text is string {
  return typeof text === 'string' && USER_ID.test(text) && text !== '__proto__';
}

function parseText(value: JsonValue, complain: Complain): string | undefined {
  if (typeof value !== 'string') complain('expects type string');
  else if (!isStorable(value)) complain('contains a lone surrogate or a NUL character');
  else return value;
  return undefined;
}

function parseRole(value: JsonValue, complain: Complain): string | undefined {
  const role = parseText(value, complain);
  if (role === undefined) return undefined;
  if (role !== '' && role.length <= ROLE_CHARACTERS) return role;
  complain(role === '' ? 'must not be empty' : `has more than ${ROLE_CHARACTERS} characters`);
  return undefined;
}

function parseTeams(value: JsonValue, complain: Complain): readonly string[] | undefined {
  if (!Array.isArray(value)) {
    complain('expects type array of strings');
    return undefined;
  }
  const teams = new Set<string>();
  for (const team of value) {
    const text = parseText(team, complain);
    if (text === undefined) return undefined;
    if (text === '' || utf8Length(text) > TEAM_BYTES) {
      complain(`expects teams of 1 to ${TEAM_BYTES} bytes`);
      return undefined;
    }
    teams.add(text);
    if (teams.size <= TEAMS) continue;
    complain(`has more than ${TEAMS} teams`);
    return undefined;
  }
  return [...teams];
}

function parseTeamsRole(value: JsonValue, complain: Complain): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) {
    complain('expects type object of strings');
    return undefined;
  }
  if (Object.keys(value).length > TEAMS) {
    complain(`has more than ${TEAMS} teams`);
    return undefined;
  }
  for (const role of Object.values(value)) if (parseRole(role, complain) === undefined) return undefined;
  return value as Readonly<Record<string, string>>; // every value was seen to be a string
}

function parseLanguage(value: JsonValue, complain: Complain): string | undefined {
  const language = parseText(value, complain);
  if (language === undefined || LANGUAGE.test(language)) return language;
  complain('is not a language code, such as "en" or "pt-BR"');
  return undefined;
}

function parseBoolean(value: JsonValue, complain: Complain): boolean | undefined {
  if (typeof value === 'boolean') return value;
  complain('expects type boolean');
  return undefined;
}

function parsePrivacy(value: JsonValue, complain: Complain): PrivacySettings | undefined {
  if (!isObject(value)) {
    complain('expects type object');
    return undefined;
  }
  for (const [key, setting] of Object.entries(value)) {
    if (!PRIVACY.has(key)) complain('is not a privacy setting', key);
    else if (!isObject(setting) || Object.keys(setting).length !== 1 || typeof setting.enabled !== 'boolean') {
      complain('expects {"enabled": true} or {"enabled": false}', key);
    }
  }
  return value as PrivacySettings; // every part was looked at; a complaint refuses the whole
}

function parseInstant(value: JsonValue, complain: Complain): Instant | undefined {
  if (typeof value === 'number') return value;
  complain('expects type time');
  return undefined;
}

type Parser = (value: JsonValue, complain: Complain) => Given[keyof Given];

const PARSERS: Readonly<Record<keyof Given, Parser>> = {
  role: parseRole,
  name: parseText,
  image: parseText,
  teams: parseTeams,
  teamsRole: parseTeamsRole,
  language: parseLanguage,
  invisible: parseBoolean,
  privacySettings: parsePrivacy,
  revokeTokensIssuedBefore: parseInstant,
};

/**
 * Reads one built-in field into a statement, or complains: nothing is coerced. Null means "back to the default".
 * A time is an `Instant` here; each dialect has its own way to write one.
 */
export function parseField<F extends keyof Given>(given: Given, field: F, value: JsonValue, complain: Complain): void {
  // The table has, under each field, the parser of that field's type.
  given[field] = (value === null ? null : PARSERS[field](value, complain)) as Given[F];
}
