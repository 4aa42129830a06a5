import type { DatabaseSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import { subjectOf } from '@rollcall/domain/field-value';
import type { CustomField } from '@rollcall/domain/filter';
import type { User } from '@rollcall/domain/user';
import { type Entry, entriesOf, sameEntries } from '../entry.ts';
import type { FieldIndex } from '../store.ts';
import { readRow, USER_COLUMNS } from './rows.ts';

/** A declared field as it is kept. */
interface Kept {
  readonly field: number;
  readonly path: string;
  readonly custom: CustomField;
  readonly state: 'building' | 'ready' | 'dropping';
  /** While it is building: all users up to this id were taken in. */
  readonly position: string;
  readonly users: number;
}

const NONE: readonly Entry[] = [];

/** The indexes of the custom fields that apps declared. All writing happens inside a transaction. */
export class FieldIndexes {
  readonly #statements;
  readonly #kept = new Map<AppId, readonly Kept[]>();

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db);
  }

  /** Fields of an app whose index knows everybody, by their paths. */
  ready(app: AppId): ReadonlyMap<string, number> {
    const ready = this.#of(app).filter(({ state }) => state === 'ready');
    return new Map(ready.map(({ path, field }) => [path, field]));
  }

  /** What an app's operator can know of its indexes. */
  states(app: AppId): readonly FieldIndex[] {
    return this.#of(app).flatMap(({ path, state, users }) =>
      state === 'dropping' ? [] : [{ path, ready: state === 'ready', users }],
    );
  }

  /** Says whether an app declares other fields than are kept. */
  differs(app: AppId, paths: readonly string[]): boolean {
    const live = this.states(app).map(({ path }) => path);
    return live.length !== paths.length || paths.some((path) => !live.includes(path));
  }

  /** Takes note of which fields an app declares now. Those that came are built, and those that went dropped, by `step`. */
  declare(app: AppId, paths: readonly string[]): void {
    const { add, drop } = this.#statements;
    const live = this.#of(app).filter(({ state }) => state !== 'dropping');
    const come = paths.filter((path) => !live.some((kept) => kept.path === path));
    const gone = live.filter(({ path }) => !paths.includes(path));
    for (const path of come) add.run(app, path);
    for (const { field } of gone) drop.run(field);
    this.#kept.delete(app);
  }

  /** Brings the rows of a user up to date. */
  write(app: AppId, seq: number, before: User | undefined, after: User): void {
    // One that is being built gets them too, whether it has come by or will: to take in somebody twice does nothing.
    const fields = this.#of(app).filter(({ state }) => state !== 'dropping');
    if (fields.length === 0) return;
    const unchanged = before?.custom === after.custom && before.deletedAt === after.deletedAt;
    if (unchanged) return;
    const old = before && before.deletedAt === undefined ? subjectOf(before) : undefined;
    const now = after.deletedAt === undefined ? subjectOf(after) : undefined;
    for (const { field, custom } of fields) {
      const was = old ? entriesOf(old, custom) : NONE;
      const is = now ? entriesOf(now, custom) : NONE;
      if (sameEntries(was, is)) continue;
      for (const { kind, value } of was) this.#statements.remove.run(field, kind, value, seq);
      this.#put(field, seq, is);
    }
  }

  /** Builds or drops a part, about `size` rows; says whether more is left to do. */
  step(size: number): boolean {
    const app = this.#statements.unfinished.get()?.app as AppId | undefined; // of a STRICT table
    if (app === undefined) return false;
    const [next, ...others] = this.#of(app).filter(({ state }) => state !== 'ready');
    if (next?.state === 'dropping') this.#drop(next, size);
    else if (next) {
      const together = others.filter(({ state, position }) => state === 'building' && position === next.position);
      this.#build(app, next.position, [next, ...together], size);
    }
    this.#kept.delete(app);
    return true;
  }

  /** Reads anew what is kept: after a rollback. */
  forget(): void {
    this.#kept.clear();
  }

  /** Takes the next users into indexes that have come equally far. */
  #build(app: AppId, position: string, indexes: readonly Kept[], size: number): void {
    const rows = this.#statements.users.all(app, position, size).map(readRow);
    for (const { seq, user } of rows) {
      if (user.deletedAt !== undefined) continue;
      const subject = subjectOf(user);
      for (const { field, custom } of indexes) this.#put(field, seq, entriesOf(subject, custom));
    }
    const state = rows.length < size ? 'ready' : 'building';
    const to = rows.at(-1)?.user.id ?? position;
    for (const { field, users } of indexes) this.#statements.save.run(state, to, users + rows.length, field);
  }

  #put(field: number, seq: number, entries: readonly Entry[]): void {
    for (const { kind, value } of entries) this.#statements.put.run(field, kind, value, seq);
  }

  #drop({ field }: Kept, size: number): void {
    const { edge, removeUpTo, removeAll, forget } = this.#statements;
    const to = edge.get(field, size);
    if (to) removeUpTo.run(field, to.kind ?? 0, to.value ?? 0, to.user ?? 0);
    else {
      removeAll.run(field);
      forget.run(field);
    }
  }

  #of(app: AppId): readonly Kept[] {
    let kept = this.#kept.get(app);
    if (!kept) {
      const rows = this.#statements.kept.all(app) as unknown as readonly Omit<Kept, 'custom'>[]; // of a STRICT table
      kept = rows.map((row) => ({ ...row, custom: { path: row.path.split('.') } }));
      this.#kept.set(app, kept);
    }
    return kept;
  }
}

function prepare(db: DatabaseSync) {
  const users =
    db.prepare(`SELECT ${USER_COLUMNS} FROM user u INDEXED BY user_id LEFT JOIN user_activity a ON a.user = u.seq
    WHERE u.app = ? AND u.id > ? ORDER BY u.id LIMIT ? + 0`);
  users.setReturnArrays(true);
  return {
    users,
    kept: db.prepare('SELECT field, path, state, position, users FROM field_index WHERE app = ? ORDER BY field'),
    unfinished: db.prepare(`SELECT app FROM field_index WHERE state <> 'ready' ORDER BY field LIMIT 1`),
    add: db.prepare(`INSERT INTO field_index (app, path, state) VALUES (?, ?, 'building')`),
    drop: db.prepare(`UPDATE field_index SET state = 'dropping' WHERE field = ?`),
    save: db.prepare('UPDATE field_index SET state = ?, position = ?, users = ? WHERE field = ?'),
    forget: db.prepare('DELETE FROM field_index WHERE field = ?'),
    put: db.prepare('INSERT OR IGNORE INTO field_value (field, kind, value, user) VALUES (?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM field_value WHERE field = ? AND kind = ? AND value = ? AND user = ?'),
    edge: db.prepare(`SELECT kind, value, user FROM field_value WHERE field = ?
      ORDER BY kind, value, user LIMIT 1 OFFSET ? + 0`),
    removeUpTo: db.prepare('DELETE FROM field_value WHERE field = ? AND (kind, value, user) <= (?, ?, ?)'),
    removeAll: db.prepare('DELETE FROM field_value WHERE field = ?'),
  };
}
