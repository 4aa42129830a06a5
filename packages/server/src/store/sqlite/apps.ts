import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { App, AppId } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import type { NewApp } from '../store.ts';
import { APP_COLUMNS, appValues, readApp } from './rows.ts';

/** The apps of a SQLite database, remembered until another process may have changed them. */
export class SqliteApps {
  readonly #known = new Map<AppId, App>();
  readonly #select: StatementSync;
  readonly #selectAll: StatementSync;
  readonly #selectKey: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #dataVersion: StatementSync;
  #version = '';

  constructor(db: DatabaseSync) {
    this.#select = db.prepare(`SELECT ${APP_COLUMNS} FROM app WHERE id = ?`);
    this.#selectAll = db.prepare(`SELECT ${APP_COLUMNS} FROM app ORDER BY id`);
    this.#selectKey = db.prepare('SELECT id FROM app WHERE key = ?');
    this.#insert = db.prepare(
      'INSERT INTO app (key, secret, name, created_at, suspended, suspended_explanation, settings) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#update = db.prepare(
      `UPDATE app SET key = ?, secret = ?, name = ?, created_at = ?, suspended = ?, suspended_explanation = ?, settings = ?
       WHERE id = ?`,
    );
    this.#dataVersion = db.prepare('PRAGMA data_version');
    this.#select.setReturnArrays(true);
    this.#selectAll.setReturnArrays(true);
  }

  read(id: AppId): App {
    let app = this.#known.get(id);
    if (!app) {
      const row = this.#select.get(id);
      if (!row) throw refusal('access_key_error', 'api_key is invalid');
      app = readApp(row);
      this.#known.set(id, app);
    }
    return app;
  }

  readAll(): readonly App[] {
    return this.#selectAll.all().map(readApp);
  }

  create(app: NewApp): App {
    if (this.#selectKey.get(app.key)) throw refusal('input_error', `an app with the key "${app.key}" already exists`);
    const { lastInsertRowid } = this.#insert.run(...appValues(app));
    return this.read(Number(lastInsertRowid) as AppId); // the number the store just gave
  }

  write(app: App): App {
    this.#update.run(...appValues(app), app.id);
    this.#known.set(app.id, app);
    return app;
  }

  /** Changes when another connection has written; what is remembered is then read again. */
  version(): string {
    const version = String(this.#dataVersion.get()?.data_version);
    if (version !== this.#version) this.forget();
    this.#version = version;
    return version;
  }

  forget(): void {
    this.#known.clear();
  }
}
