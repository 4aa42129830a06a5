import { type App, type AppId, type AppSettings, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import type { User } from '@rollcall/domain/user';
import type { NameKey } from '@rollcall/domain/username';

/** A user with its place in the order of creation, which is also its number in other tables. */
export interface Row {
  readonly seq: number;
  readonly user: User;
}

/** The columns of a user in `app_user u`. When it was last there is looked up row by row, never joined by a plan of its own. */
export const USER_COLUMNS = `u.seq, u.id, u.role, u.name, u.name_key, u.image, u.teams, u.teams_role, u.language, u.invisible,
  u.privacy_settings, u.revoke_tokens_issued_before, u.custom, u.created_at, u.updated_at, u.deactivated_at, u.deleted_at,
  (SELECT a.last_active FROM user_activity a WHERE a.seq = u.seq)`;

type UserColumns = [
  string,
  string,
  string,
  string | null,
  string,
  string | null,
  string | null,
  string | null,
  string,
  string,
  string | null,
  string | null,
  string,
  string,
  string,
  string | null,
  string | null,
  string | null,
];

const NO_TEAMS: readonly string[] = [];

const numberOf = (column: string | null): number | undefined => (column === null ? undefined : Number(column));

/** Reads a row of `USER_COLUMNS`. Custom data stays text. */
export function readRow(columns: readonly (string | null)[]): Row {
  const c = columns as UserColumns; // those of the statement, by the types of the table
  return {
    seq: Number(c[0]),
    user: {
      id: c[1],
      role: c[2],
      name: c[3] ?? undefined,
      nameKey: c[4] as NameKey, // only `nameKey` ever wrote one
      image: c[5] ?? undefined,
      teams: c[6] === null ? NO_TEAMS : JSON.parse(c[6]),
      teamsRole: c[7] === null ? undefined : JSON.parse(c[7]),
      language: c[8],
      invisible: c[9] === 't',
      privacySettings: c[10] === null ? undefined : JSON.parse(c[10]),
      revokeTokensIssuedBefore: numberOf(c[11]),
      custom: c[12],
      createdAt: Number(c[13]),
      updatedAt: Number(c[14]),
      deactivatedAt: numberOf(c[15]),
      deletedAt: numberOf(c[16]),
      lastActive: numberOf(c[17]),
    },
  };
}

/** The columns of an app. */
export const APP_COLUMNS = 'id, key, secret, name, created_at, suspended, suspended_explanation, settings';

type AppColumns = [string, string, string, string, string, string, string, string];

/** Reads a row of `APP_COLUMNS`. */
export function readApp(columns: readonly (string | null)[]): App {
  const c = columns as AppColumns; // none of them may be null
  return {
    id: Number(c[0]) as AppId, // the number the store gave it
    key: c[1],
    secret: c[2],
    name: c[3],
    createdAt: Number(c[4]),
    suspended: c[5] === 't',
    suspendedExplanation: c[6],
    settings: readSettings(c[7]),
  };
}

/** Reads settings. Those that a newer version added have their defaults. */
export function readSettings(text: string): AppSettings {
  const stored: Partial<AppSettings> = JSON.parse(text);
  return { ...DEFAULT_SETTINGS, ...stored };
}
