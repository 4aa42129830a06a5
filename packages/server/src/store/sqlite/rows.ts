import type { App, AppId, AppSettings } from '@rollcall/domain/app';
import { DEFAULT_SETTINGS } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import type { NameKey } from '@rollcall/domain/username';
import type { NewApp } from '../store.ts';
import { heldKey } from '../written.ts';

/** What a column of ours may hold. */
export type Column = string | number | null;

/** The columns of a user but its id, for whoever knows it, with `user u LEFT JOIN user_activity a`. */
export const KNOWN_USER_COLUMNS = `u.seq, u.role, u.name, u.name_key, u.image, u.teams, u.teams_role, u.language, u.invisible,
  u.privacy_settings, u.revoke_tokens_issued_before, u.custom, u.created_at, u.updated_at, u.deactivated_at, u.deleted_at,
  a.last_active`;

/** The columns of a user. */
export const USER_COLUMNS = `${KNOWN_USER_COLUMNS}, u.id`;

/** The columns written for a new user, in the order of `insertValues`. */
export const INSERT_COLUMNS = `app, id, created_at, role, name_key, teams, teams_role, deactivated_at, deleted_at,
  name, image, language, invisible, privacy_settings, revoke_tokens_issued_before, custom, updated_at`;

/** The columns that an index holds or looks at, as they are set. */
export const SET_INDEXED = 'role = ?, name_key = ?, teams = ?, teams_role = ?, deactivated_at = ?, deleted_at = ?';

/** The columns that no index looks at, as they are set. */
export const SET_PLAIN = `name = ?, image = ?, language = ?, invisible = ?, privacy_settings = ?,
  revoke_tokens_issued_before = ?, custom = ?, updated_at = ?`;

/** A user with its place in the order of creation. */
export interface Row {
  readonly seq: number;
  readonly user: User;
}

const NO_TEAMS: readonly string[] = [];

type KnownUserColumns = [
  number,
  string,
  string | null,
  string,
  string | null,
  string | null,
  string | null,
  string,
  number,
  string | null,
  number | null,
  string,
  number,
  number,
  number | null,
  number | null,
  number | null,
];

/** Reads a row of `USER_COLUMNS`. Custom data stays text. */
export function readRow(columns: unknown): Row {
  const c = columns as [...KnownUserColumns, string];
  return readKnownRow(c[17], c);
}

/** Reads a row of `KNOWN_USER_COLUMNS` and a place among ids, at which is that of the user. */
export function readPlacedRow(ids: readonly string[], columns: unknown): Row {
  const c = columns as [...KnownUserColumns, number];
  return readKnownRow(ids[c[17]] ?? '', c);
}

/** Reads a row that begins with `KNOWN_USER_COLUMNS`, of the user of that id. */
export function readKnownRow(id: string, columns: unknown): Row {
  // The columns are those of the statement, whose table is STRICT.
  const c = columns as KnownUserColumns;
  return {
    seq: c[0],
    user: {
      id,
      role: c[1],
      name: c[2] ?? undefined,
      nameKey: c[3] as NameKey, // only `nameKey` ever wrote one
      image: c[4] ?? undefined,
      teams: c[5] === null ? NO_TEAMS : JSON.parse(c[5]),
      teamsRole: c[6] === null ? undefined : JSON.parse(c[6]),
      language: c[7],
      invisible: c[8] === 1,
      privacySettings: c[9] === null ? undefined : JSON.parse(c[9]),
      revokeTokensIssuedBefore: c[10] ?? undefined,
      custom: c[11],
      createdAt: c[12],
      updatedAt: c[13],
      deactivatedAt: c[14] ?? undefined,
      deletedAt: c[15] ?? undefined,
      lastActive: c[16] ?? undefined,
    },
  };
}

const jsonOf = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

/** Values for `SET_INDEXED`. */
export function indexedValues(user: User): Column[] {
  return [
    user.role,
    heldKey(user),
    user.teams.length === 0 ? null : JSON.stringify(user.teams),
    jsonOf(user.teamsRole),
    user.deactivatedAt ?? null,
    user.deletedAt ?? null,
  ];
}

/** Values for `SET_PLAIN`. */
export function plainValues(user: User): Column[] {
  return [
    user.name ?? null,
    user.image ?? null,
    user.language,
    user.invisible ? 1 : 0,
    jsonOf(user.privacySettings),
    user.revokeTokensIssuedBefore ?? null,
    user.custom,
    user.updatedAt,
  ];
}

/** Values for `INSERT_COLUMNS`. */
export function insertValues(app: AppId, user: User): Column[] {
  return [app, user.id, user.createdAt, ...indexedValues(user), ...plainValues(user)];
}

/** The columns of an app. */
export const APP_COLUMNS = 'id, key, secret, name, created_at, suspended, suspended_explanation, settings';

/** Reads a row of `APP_COLUMNS`. Settings that a newer version added have their defaults. */
export function readApp(columns: unknown): App {
  const c = columns as [AppId, string, string, string, number, number, string, string]; // of a STRICT table
  const stored: Partial<AppSettings> = JSON.parse(c[7]);
  return {
    id: c[0],
    key: c[1],
    secret: c[2],
    name: c[3],
    createdAt: c[4],
    suspended: c[5] === 1,
    suspendedExplanation: c[6],
    settings: { ...DEFAULT_SETTINGS, ...stored },
  };
}

/** Values for an app's columns but its id. */
export function appValues(app: NewApp & Partial<App>): Column[] {
  const { key, secret, name, createdAt, suspended = false, suspendedExplanation = '' } = app;
  const settings = JSON.stringify(app.settings ?? DEFAULT_SETTINGS);
  return [key, secret, name, createdAt, suspended ? 1 : 0, suspendedExplanation, settings];
}
