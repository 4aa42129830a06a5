import type { App, AppId } from '@rollcall/domain/app';
import { DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import type { NewApp } from '../store.ts';
import { BEGIN, COMMIT, lockApp } from './change.ts';
import { type Call, type Connection, call, type Value } from './connection.ts';
import type { Progress } from './retry.ts';
import { APP_COLUMNS, readApp } from './rows.ts';

export const READ_APPS = call({ name: 'read_apps', text: `SELECT ${APP_COLUMNS} FROM app ORDER BY id` });
export const READ_VERSION = call({ name: 'apps_version', text: 'SELECT version FROM apps_version' });

const READ_APP = { name: 'read_app', text: `SELECT ${APP_COLUMNS} FROM app WHERE id = $1` };
/** Before the app is written: what bears the new number is written by whoever holds this row. */
const COUNT_CHANGE = call({ name: 'count_app_change', text: 'UPDATE apps_version SET version = version + 1' });
const VERSION = '(SELECT version FROM apps_version)';

const CREATE = {
  name: 'create_app',
  text: `INSERT INTO app (key, secret, name, created_at, suspended, suspended_explanation, settings, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, ${VERSION}) ON CONFLICT (key) DO NOTHING RETURNING ${APP_COLUMNS}`,
};

const UPDATE = {
  name: 'update_app',
  text: `UPDATE app SET key = $1, secret = $2, name = $3, created_at = $4, suspended = $5, suspended_explanation = $6,
    settings = $7, version = ${VERSION} WHERE id = $8`,
};

const WITH_ROLE = {
  name: 'someone_has_role',
  text: `SELECT 1 FROM app_user WHERE app = $1 AND role = $2 AND role <> 'user' AND deleted_at IS NULL
    UNION ALL SELECT 1 FROM app_user u, json_each_text(u.teams_role::json) t
    WHERE u.app = $1 AND u.teams_role IS NOT NULL AND t.value = $2 AND u.deleted_at IS NULL LIMIT 1`,
};

function valuesOf(app: NewApp & Partial<App>): Value[] {
  const { key, secret, name, createdAt, suspended = false, suspendedExplanation = '' } = app;
  return [
    key,
    secret,
    name,
    createdAt,
    suspended,
    suspendedExplanation,
    JSON.stringify(app.settings ?? DEFAULT_SETTINGS),
  ];
}

/** One attempt at adding an app. */
export async function attemptCreate(
  connection: Connection,
  until: number,
  app: NewApp,
  progress: Progress,
): Promise<App> {
  const [, , [created] = []] = await connection.flight([BEGIN, COUNT_CHANGE, call(CREATE, ...valuesOf(app))], until);
  if (!created) throw refusal('input_error', `an app with the key "${app.key}" already exists`);
  progress.committing = true;
  await connection.flight([COMMIT], until);
  return readApp(created);
}

async function refuseRoleInUse(connection: Connection, until: number, app: AppId, role: string): Promise<void> {
  const someone = await connection.ask(call(WITH_ROLE, app, role), until);
  if (someone.length > 0) throw refusal('not_allowed', `the role "${role}" cannot be deleted while a user has it`);
}

/** What a change of an app does, and what else is written with it. */
export interface AppChange {
  readonly id: AppId;
  readonly decide: (app: App) => App;
  readonly freedRole: string | undefined;
  readonly also: (changed: App) => readonly Call[];
}

/** One attempt at rewriting an app: nobody changes a user of it meanwhile. */
export async function attemptChangeApp(
  connection: Connection,
  until: number,
  { id, decide, freedRole, also }: AppChange,
  progress: Progress,
): Promise<App> {
  const [, , [columns] = []] = await connection.flight([BEGIN, lockApp(id), call(READ_APP, id)], until);
  if (!columns) throw refusal('access_key_error', 'api_key is invalid');
  // First: a name that is none, which PostgreSQL would not even read, is refused by the rule.
  const changed = decide(readApp(columns));
  if (freedRole !== undefined) await refuseRoleInUse(connection, until, id, freedRole);
  progress.committing = true;
  await connection.flight([COUNT_CHANGE, call(UPDATE, ...valuesOf(changed), id), ...also(changed), COMMIT], until);
  return changed;
}
