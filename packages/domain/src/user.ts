import { equalJson, type JsonObject } from './json.ts';
import type { NameKey } from './username.ts';

/** A point in time: whole milliseconds since 1970, UTC. */
export type Instant = number;

/** What a user lets others see of its doings; a missing part was never set. */
export interface PrivacySettings {
  readonly typing_indicators?: { readonly enabled: boolean };
  readonly read_receipts?: { readonly enabled: boolean };
  readonly delivery_receipts?: { readonly enabled: boolean };
}

/** A person or bot the chat app knows. */
export interface User {
  /** Chosen by the app, never changes. */
  readonly id: string;
  readonly role: string;
  readonly name: string | undefined;
  /** The folded form of `name`; empty when there is nothing to compare. */
  readonly nameKey: NameKey;
  readonly image: string | undefined;
  readonly teams: readonly string[];
  readonly teamsRole: Readonly<Record<string, string>> | undefined;
  readonly language: string;
  readonly invisible: boolean;
  readonly privacySettings: PrivacySettings | undefined;
  readonly revokeTokensIssuedBefore: Instant | undefined;
  /** The app's own fields, an object as compact JSON: stored and given back as text, parsed only by who must look inside. */
  readonly custom: string;
  readonly createdAt: Instant;
  /** Strictly increases with every change. */
  readonly updatedAt: Instant;
  readonly deactivatedAt: Instant | undefined;
  readonly deletedAt: Instant | undefined;
  /** When it was last there, as far as it was stored. No change of the user: presence knows better, and writes it apart. */
  readonly lastActive: Instant | undefined;
}

/** Users by id. */
export type Users = ReadonlyMap<string, User>;

/** What a user is before anything is said of it. */
export const BLANK: Omit<User, 'id' | 'createdAt' | 'updatedAt'> = {
  role: 'user',
  name: undefined,
  nameKey: '' as NameKey, // the key of no name at all
  image: undefined,
  teams: [],
  teamsRole: undefined,
  language: '',
  invisible: false,
  privacySettings: undefined,
  revokeTokensIssuedBefore: undefined,
  custom: '{}',
  deactivatedAt: undefined,
  deletedAt: undefined,
  lastActive: undefined,
};

/** The custom data of a user, parsed anew: the caller may change it. */
export function parseCustom(user: User): JsonObject {
  return JSON.parse(user.custom); // the store holds only objects
}

/**
 * Says whether two sets of custom data are the same. Both are texts as `JSON.stringify` writes them: equal values are written
 * with the same characters, in whatever order their keys come, so that most differences show without parsing.
 */
export function equalCustom(a: string, b: string): boolean {
  if (a === b) return true;
  return a.length === b.length && sumOf(a) === sumOf(b) && equalJson(JSON.parse(a), JSON.parse(b));
}

function sumOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at);
  return sum;
}

/** Says whether two lists of teams are the same, order included. */
export function equalTeams(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((team, at) => team === b[at]));
}

function equalRecords(a: object | undefined, b: object | undefined): boolean {
  // Plain JSON objects by their types above; compared whatever the order of their keys.
  return a === b || (a !== undefined && b !== undefined && equalJson(a as JsonObject, b as JsonObject));
}

/** Says whether two maps of team to role are the same. */
export const equalTeamsRole = (a: User['teamsRole'], b: User['teamsRole']): boolean => equalRecords(a, b);

/** Says whether nothing of a user changed, whatever its times say. */
export function sameUser(a: User, b: User): boolean {
  return (
    a.name === b.name &&
    a.image === b.image &&
    a.role === b.role &&
    a.language === b.language &&
    a.invisible === b.invisible &&
    a.revokeTokensIssuedBefore === b.revokeTokensIssuedBefore &&
    a.deactivatedAt === b.deactivatedAt &&
    a.deletedAt === b.deletedAt &&
    equalTeams(a.teams, b.teams) &&
    equalRecords(a.teamsRole, b.teamsRole) &&
    equalRecords(a.privacySettings, b.privacySettings) &&
    equalCustom(a.custom, b.custom)
  );
}

/** The built-in fields whose change is news, by the names readers know. */
const BUILT_IN: readonly (readonly [string, (a: User, b: User) => boolean])[] = [
  ['name', (a, b) => a.name === b.name],
  ['image', (a, b) => a.image === b.image],
  ['role', (a, b) => a.role === b.role],
  ['teams', (a, b) => equalTeams(a.teams, b.teams)],
  ['teams_role', (a, b) => equalRecords(a.teamsRole, b.teamsRole)],
  ['language', (a, b) => a.language === b.language],
  ['invisible', (a, b) => a.invisible === b.invisible],
  ['privacy_settings', (a, b) => equalRecords(a.privacySettings, b.privacySettings)],
  ['revoke_tokens_issued_before', (a, b) => a.revokeTokensIssuedBefore === b.revokeTokensIssuedBefore],
  ['deactivated_at', (a, b) => a.deactivatedAt === b.deactivatedAt],
];

/** Names the fields in which two states of one user differ; custom fields by their outermost name. */
export function changedFields(before: User, after: User): string[] {
  const changed = BUILT_IN.filter(([, same]) => !same(before, after)).map(([name]) => name);
  if (before.custom === after.custom) return changed;
  const old = parseCustom(before);
  const now = parseCustom(after);
  for (const key of new Set([...Object.keys(now), ...Object.keys(old)])) {
    const was = Object.hasOwn(old, key) ? old[key] : undefined;
    const is = Object.hasOwn(now, key) ? now[key] : undefined;
    if (was === undefined || is === undefined || !equalJson(was, is)) changed.push(key);
  }
  return changed;
}
