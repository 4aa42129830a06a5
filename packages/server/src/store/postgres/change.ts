import type { AppId, AppSettings } from '@rollcall/domain/app';
import type { Decision } from '@rollcall/domain/change';
import { refusal } from '@rollcall/domain/error';
import { refuseTakenNames, type TakenName } from '@rollcall/domain/name';
import type { User } from '@rollcall/domain/user';
import { tellCommit } from '../commits.ts';
import type { Decide } from '../store.ts';
import { int8Array, textArray } from './arrays.ts';
import { type Call, type Connection, call, type Rows } from './connection.ts';
import type { DeclaredField } from './field-rows.ts';
import type { Progress } from './retry.ts';
import { type Row, readRow, readSettings, USER_COLUMNS } from './rows.ts';
import { writeCalls } from './write.ts';

/** Each statement sees what was committed before it: what is read after a lock was taken is what the lock protects. */
export const BEGIN = call({ name: 'begin', text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
export const COMMIT = call({ name: 'commit', text: 'COMMIT' });

/** What a lock stands for is the seed of its hash: the users of an app, its names, and the app. */
const seed = (kind: 0 | 1 | 2) => `$1::bigint * 4 + ${kind}`;
const APP_HASH = `hashtextextended('', ${seed(2)})`;
const LOCK_APP_SHARED = { name: 'lock_app_shared', text: `SELECT pg_advisory_xact_lock_shared(${APP_HASH})` };
const LOCK_APP = { name: 'lock_app', text: `SELECT pg_advisory_xact_lock(${APP_HASH})` };

/** In the order of their hashes: whoever locks several does so in one order, and nobody waits in a circle. */
const lockAll = (kind: 0 | 1) => `SELECT count(pg_advisory_xact_lock(h)) FROM (
  SELECT hashtextextended(x, ${seed(kind)}) AS h FROM unnest($2::text[]) x ORDER BY h) hashes`;
const LOCK_IDS = { name: 'lock_ids', text: lockAll(0) };
const LOCK_NAMES = { name: 'lock_names', text: lockAll(1) };

/** `OFFSET 0` has them looked up one by one, by id: planned for an empty table, a join would read everybody. */
const READ_USERS = {
  name: 'read_users',
  text: `SELECT ${USER_COLUMNS} FROM unnest($2::text[]) AS n (id)
    CROSS JOIN LATERAL (SELECT * FROM app_user u WHERE u.app = $1 AND u.id = n.id OFFSET 0) u`,
};

/** The settings are sent only when they are others than those known; the declared fields have a version of their own. */
const READ_APP = {
  name: 'read_settings',
  text: `SELECT a.version, CASE WHEN a.version = $2 THEN NULL ELSE a.settings END,
      (SELECT json_agg(json_build_object('field', f.field, 'path', f.path) ORDER BY f.field)
        FROM field_index f WHERE f.app = a.id AND f.state <> 'dropping')
    FROM app a WHERE a.id = $1`,
};

// Each stops at the first holder: names that were doubled before uniqueness came may have very many.
const HELD_IN_APP = {
  name: 'held_in_app',
  text: `SELECT n.at FROM unnest($2::bigint[], $3::text[]) AS n (at, key)
    CROSS JOIN LATERAL (SELECT 1 FROM app_user u WHERE u.app = $1 AND u.name_key = n.key AND u.name_key <> ''
      AND u.seq <> ALL ($4::bigint[]) LIMIT 1) held`,
};
const HELD_IN_TEAM = {
  name: 'held_in_team',
  text: `SELECT n.at FROM unnest($2::bigint[], $3::text[], $5::text[]) AS n (at, key, team)
    CROSS JOIN LATERAL (SELECT 1 FROM user_team t WHERE t.app = $1 AND t.team = n.team AND t.name_key = n.key
      AND t.name_key <> '' AND t.seq <> ALL ($4::bigint[]) LIMIT 1) held`,
};

export const lockApp = (app: AppId): Call => call(LOCK_APP, app);
export const lockIds = (app: AppId, ids: readonly string[]): Call => call(LOCK_IDS, app, textArray(ids));
export const readUsers = (app: AppId, ids: readonly string[]): Call => call(READ_USERS, app, textArray(ids));

/** Reads what `readUsers` found. */
export function rowsById(rows: Rows): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const columns of rows) {
    const row = readRow(columns);
    found.set(row.user.id, row);
  }
  return found;
}

/** The settings of apps by their versions, so that a change need not carry and parse them. */
export class KnownSettings {
  readonly #known = new Map<AppId, { readonly version: number; readonly settings: AppSettings }>();

  call(app: AppId): Call {
    return call(READ_APP, app, this.#known.get(app)?.version ?? -1);
  }

  /** Reads what `call` found. */
  read(app: AppId, [row]: Rows): { readonly settings: AppSettings; readonly fields: readonly DeclaredField[] } {
    if (!row) throw refusal('access_key_error', 'api_key is invalid');
    const [version, text, declared] = row;
    if (text != null) this.#known.set(app, { version: Number(version), settings: readSettings(text) });
    const known = this.#known.get(app);
    if (known?.version !== Number(version)) throw new Error('settings were neither known nor sent');
    return { settings: known.settings, fields: declared == null ? NO_FIELDS : JSON.parse(declared) };
  }
}

const NO_FIELDS: readonly DeclaredField[] = [];

/**
 * One attempt at a change, in a transaction: locks the app and the ids, reads, decides, locks the names it takes, looks for
 * holders, writes, commits. What it does not commit is rolled back when the connection is given back.
 */
export async function attemptChange(
  connection: Connection,
  until: number,
  known: KnownSettings,
  { app, ids, decide }: { readonly app: AppId; readonly ids: readonly string[]; readonly decide: Decide },
  progress: Progress,
): Promise<Decision> {
  const begunAt = performance.now();
  const locks = [call(LOCK_APP_SHARED, app), lockIds(app, ids)];
  const [, , , found = [], settled = []] = await connection.flight(
    [BEGIN, ...locks, readUsers(app, ids), known.call(app)],
    until,
  );
  const { settings, fields } = known.read(app, settled);
  const rows = rowsById(found);
  const current = new Map<string, User>();
  for (const [id, { user }] of rows) current.set(id, user);
  const decision = decide(current, settings);
  if (decision.takes.length > 0) {
    const [, held = []] = await connection.flight(nameCalls(app, decision.takes, rows), until);
    const at = new Set(held.map(([index]) => Number(index)));
    refuseTakenNames(decision.takes.filter((take, index) => take.clashes || at.has(index)));
  }
  if (decision.write.length === 0) return decision;
  progress.committing = true;
  await connection.flight([...writeCalls(app, decision.write, rows, fields), COMMIT], until);
  tellCommit(1, begunAt);
  return decision;
}

/** Locks the taken names, then asks who else holds one: those of the batch may pass names among themselves. */
function nameCalls(app: AppId, takes: readonly TakenName[], rows: ReadonlyMap<string, Row>): readonly Call[] {
  const lock = call(LOCK_NAMES, app, textArray(takes.map(({ key }) => key)));
  const batch = int8Array([...rows.values()].map(({ seq }) => seq));
  // The mode of the app decides for all: either every take names teams, or none does.
  if (takes[0]?.teams === undefined) {
    const at = int8Array(takes.map((_, index) => index));
    return [lock, call(HELD_IN_APP, app, at, textArray(takes.map(({ key }) => key)), batch)];
  }
  const places = takes.flatMap(({ key, teams = [] }, index) => teams.map((team) => ({ index, key, team })));
  const at = int8Array(places.map(({ index }) => index));
  const teams = textArray(places.map(({ team }) => team));
  return [lock, call(HELD_IN_TEAM, app, at, textArray(places.map(({ key }) => key)), batch, teams)];
}
