import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import { matches, type Query } from '@rollcall/domain/filter';
import type { TakenName } from '@rollcall/domain/name';
import { equalTeams, equalTeamsRole, type Instant, type User } from '@rollcall/domain/user';
import { Cache } from '../../cache.ts';
import { Best } from '../best.ts';
import type { ScanPlace } from '../store.ts';
import { heldKey, samePlain } from '../written.ts';
import type { Indexes } from './indexes.ts';
import {
  INSERT_COLUMNS,
  indexedValues,
  insertValues,
  KNOWN_USER_COLUMNS,
  plainValues,
  type Row,
  readKnownRow,
  readPlacedRow,
  readRow,
  SET_INDEXED,
  SET_PLAIN,
  USER_COLUMNS,
} from './rows.ts';

/** How much text of users who were asked for one by one is held, in UTF-16 units. */
const KNOWN_UNITS = 8 * 1024 * 1024;
/** What a user, and each of its texts, counts of that besides their length. */
const ROW_UNITS = 400;
const TEXT_UNITS = 30;

const FROM_USER = 'user u LEFT JOIN user_activity a ON a.user = u.seq';

/** The users of a SQLite database. Everything here is synchronous; writes happen inside a group's transaction. */
export class SqliteUsers {
  readonly #statements;
  readonly #indexes: Indexes;
  /** Who connects or calls is asked for again and again. */
  readonly #known = new Cache<Row>(KNOWN_UNITS, weightOf);
  #newestWritten: Instant = 0;

  constructor(db: DatabaseSync, indexes: Indexes) {
    this.#statements = prepare(db);
    this.#indexes = indexes;
  }

  /** The rows of those ids that exist. */
  read(app: AppId, ids: readonly string[]): Map<string, Row> {
    const found = new Map<string, Row>();
    const [only] = ids;
    if (ids.length === 1 && only !== undefined) {
      const row = this.#known.get(keyOf(app, only)) ?? this.#readOne(app, only);
      if (row) found.set(only, row);
      return found;
    }
    const wanted = [...new Set(ids)];
    for (const columns of this.#statements.many.all(app, JSON.stringify(wanted))) {
      const row = readPlacedRow(wanted, columns);
      found.set(row.user.id, row);
    }
    return found;
  }

  /** One user, who is held from then on. Not for inside a transaction that writes: what it wrote may yet be undone. */
  find(app: AppId, id: string): User | undefined {
    const key = keyOf(app, id);
    const held = this.#known.get(key);
    if (held) return held.user;
    const row = this.#readOne(app, id);
    if (row) this.#known.set(key, row);
    return row?.user;
  }

  /** Lets go of who is held: after a rollback. */
  forget(): void {
    this.#known.clear();
  }

  #readOne(app: AppId, id: string): Row | undefined {
    const columns = this.#statements.one.get(app, id);
    return columns && readKnownRow(id, columns);
  }

  /** The commonest queries by far: among a few users, by their ids. */
  lookUp(app: AppId, ids: readonly string[], query: Query): readonly User[] {
    const { sort, offset, limit, after, filter } = query;
    const [only] = ids;
    if (ids.length === 1 && only !== undefined && filter.op === '$eq' && after === undefined && offset === 0) {
      const user = this.#readOne(app, only)?.user;
      return user === undefined || isHidden(user, query) ? [] : [user];
    }
    const best = new Best(sort, offset + limit, after);
    for (const { user } of this.read(app, ids).values()) {
      if (!isHidden(user, query) && matches(filter, user)) best.add(user);
    }
    return best.users().slice(offset);
  }

  /** Which taken names are not free: held by somebody outside the batch, or by somebody else in it. */
  heldNames(app: AppId, takes: readonly TakenName[], batch: readonly string[]): readonly TakenName[] {
    const wanted = JSON.stringify(
      takes.flatMap(({ key, teams }, at) => (teams ? teams.map((team) => [at, key, team]) : [[at, key]])),
    );
    // The mode of the app decides for all: either every take names teams, or none does.
    const statement = takes[0]?.teams === undefined ? this.#statements.heldInApp : this.#statements.heldInTeam;
    const held = new Set(statement.all(app, wanted, JSON.stringify(batch)).map(({ at }) => Number(at)));
    return takes.filter((take, at) => take.clashes || held.has(at));
  }

  write(app: AppId, users: readonly User[], rows: ReadonlyMap<string, Row>): void {
    for (const user of users) {
      this.#known.delete(keyOf(app, user.id));
      const row = rows.get(user.id);
      if (row) this.#update(app, row, user);
      else this.#insert(app, user);
      if (user.updatedAt > this.#newestWritten) this.#newestWritten = user.updatedAt;
    }
  }

  #insert(app: AppId, user: User): void {
    const { lastInsertRowid } = this.#statements.insert.run(...insertValues(app, user));
    const seq = Number(lastInsertRowid);
    this.#writeTeams(app, seq, user);
    this.#indexes.written(app, seq, undefined, user);
  }

  /** An index is touched only when a column it holds has changed: random index pages are what an update costs. */
  #update(app: AppId, { seq, user: before }: Row, user: User): void {
    const { updateCustom, updatePlain, updateAll, deleteTeams } = this.#statements;
    const sameKey = heldKey(before) === heldKey(user);
    const sameTeams = equalTeams(before.teams, user.teams);
    const sameState = before.deactivatedAt === user.deactivatedAt && before.deletedAt === user.deletedAt;
    const sameRoles = before.role === user.role && equalTeamsRole(before.teamsRole, user.teamsRole);
    if (!sameKey || !sameTeams || !sameState || !sameRoles) {
      updateAll.run(...indexedValues(user), ...plainValues(user), seq);
    } else if (samePlain(before, user)) updateCustom.run(user.custom, user.updatedAt, seq);
    else updatePlain.run(...plainValues(user), seq);
    this.#indexes.written(app, seq, before, user);
    if (sameKey && sameTeams) return;
    if (before.teams.length > 0) deleteTeams.run(app, JSON.stringify(before.teams), seq);
    this.#writeTeams(app, seq, user);
  }

  #writeTeams(app: AppId, seq: number, user: User): void {
    if (user.teams.length > 0) this.#statements.insertTeams.run(app, seq, heldKey(user), JSON.stringify(user.teams));
  }

  /** Users in the order of creation, the deleted ones too. */
  scan(app: AppId, after: ScanPlace | undefined, limit: number): readonly User[] {
    const { createdAt, id } = after ?? { createdAt: Number.MIN_SAFE_INTEGER, id: '' };
    return this.#statements.scan.all(app, createdAt, id, limit).map((columns) => readRow(columns).user);
  }

  /** Says whether a user who is not deleted has a role, in the app or in a team. */
  someoneHasRole(app: AppId, role: string): boolean {
    return this.#statements.withRole.get(app, role) !== undefined;
  }

  writeActivity(app: AppId, seen: ReadonlyMap<string, Instant>): void {
    for (const [id, at] of seen) {
      this.#statements.saveActivity.run(at, app, id);
      const key = keyOf(app, id);
      const row = this.#known.get(key);
      if (row)
        this.#known.set(key, { ...row, user: { ...row.user, lastActive: Math.max(at, row.user.lastActive ?? at) } });
    }
  }

  /** Keeps the newest time of a group, before it commits. */
  writeClock(): void {
    if (this.#newestWritten === 0) return;
    this.#statements.saveClock.run(this.#newestWritten, this.#newestWritten);
    this.#newestWritten = 0;
  }

  newest(): Instant {
    return Number(this.#statements.clock.get()?.newest ?? 0);
  }
}

/** How much of the held text is a user's. */
function weightOf({ user }: Row): number {
  const { custom, name = '', nameKey, image = '', teams, teamsRole } = user;
  let units = ROW_UNITS + custom.length + name.length + nameKey.length + image.length;
  for (const team of teams) units += TEXT_UNITS + team.length;
  for (const team of Object.keys(teamsRole ?? {})) units += 3 * TEXT_UNITS + team.length;
  return units;
}

const keyOf = (app: AppId, id: string): string => `${app} ${id}`;

/** Says whether a query passes over a user whoever it means. */
const isHidden = ({ deletedAt, deactivatedAt }: User, { includeDeactivated }: Query): boolean =>
  deletedAt !== undefined || (deactivatedAt !== undefined && !includeDeactivated);

function arrays(statement: StatementSync): StatementSync {
  statement.setReturnArrays(true);
  return statement;
}

function prepare(db: DatabaseSync) {
  const marks = INSERT_COLUMNS.split(',').fill('?').join(', ');
  const outside = 'u.id NOT IN (SELECT value FROM json_each(?3))';
  return {
    one: arrays(db.prepare(`SELECT ${KNOWN_USER_COLUMNS} FROM ${FROM_USER} WHERE u.app = ? AND u.id = ?`)),
    many: arrays(
      db.prepare(`SELECT ${KNOWN_USER_COLUMNS}, wanted.key FROM json_each(?2) wanted
        CROSS JOIN user u ON u.app = ?1 AND u.id = wanted.value LEFT JOIN user_activity a ON a.user = u.seq`),
    ),
    scan: arrays(
      db.prepare(`SELECT ${USER_COLUMNS} FROM ${FROM_USER}
        WHERE u.app = ? AND (u.created_at, u.id) > (?, ?) ORDER BY u.created_at, u.id LIMIT ? + 0`),
    ),
    insert: db.prepare(`INSERT INTO user (${INSERT_COLUMNS}) VALUES (${marks})`),
    updateCustom: db.prepare('UPDATE user SET custom = ?, updated_at = ? WHERE seq = ?'),
    updatePlain: db.prepare(`UPDATE user SET ${SET_PLAIN} WHERE seq = ?`),
    updateAll: db.prepare(`UPDATE user SET ${SET_INDEXED}, ${SET_PLAIN} WHERE seq = ?`),
    insertTeams: db.prepare(
      'INSERT INTO user_team (app, team, user, name_key) SELECT ?1, value, ?2, ?3 FROM json_each(?4)',
    ),
    deleteTeams: db.prepare(
      'DELETE FROM user_team WHERE app = ? AND team IN (SELECT value FROM json_each(?)) AND user = ?',
    ),
    // Each stops at the first holder: names that were doubled before uniqueness came may have very many.
    heldInApp: db.prepare(`SELECT value ->> 0 AS at FROM json_each(?2) WHERE EXISTS (SELECT 1 FROM user u
      WHERE u.app = ?1 AND u.name_key = (value ->> 1) AND u.name_key <> '' AND ${outside})`),
    heldInTeam: db.prepare(`SELECT value ->> 0 AS at FROM json_each(?2) WHERE EXISTS (SELECT 1 FROM user_team t
      JOIN user u ON u.seq = t.user
      WHERE t.app = ?1 AND t.team = (value ->> 2) AND t.name_key = (value ->> 1) AND t.name_key <> '' AND ${outside})`),
    withRole: db.prepare(`SELECT 1 FROM user WHERE app = ?1 AND role = ?2 AND role <> 'user' AND deleted_at IS NULL
      UNION ALL SELECT 1 FROM user u, json_each(u.teams_role) t
      WHERE u.app = ?1 AND u.teams_role IS NOT NULL AND t.value = ?2 AND u.deleted_at IS NULL LIMIT 1`),
    saveActivity: db.prepare(`INSERT INTO user_activity SELECT seq, ?1 FROM user WHERE app = ?2 AND id = ?3
      ON CONFLICT (user) DO UPDATE SET last_active = max(last_active, excluded.last_active)`),
    clock: db.prepare('SELECT newest FROM clock'),
    saveClock: db.prepare('UPDATE clock SET newest = ? WHERE newest < ?'),
  };
}
