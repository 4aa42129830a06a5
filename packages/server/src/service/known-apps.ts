import type { App } from '@rollcall/domain/app';
import type { Store } from '../store/store.ts';

/** The apps of a store as this node knows them, and those who hear when one changes. */
export class KnownApps {
  readonly #store: Pick<Store, 'appsVersion' | 'readApps'>;
  readonly #byKey = new Map<string, App>();
  readonly #listeners: ((app: App) => void)[] = [];
  #version: string | undefined;
  #written = 0;

  constructor(store: Pick<Store, 'appsVersion' | 'readApps'>) {
    this.#store = store;
  }

  find(key: string): App | undefined {
    return this.#byKey.get(key);
  }

  all(): readonly App[] {
    return [...this.#byKey.values()];
  }

  onChange(listen: (app: App) => void): void {
    this.#listeners.push(listen);
  }

  /** Keeps what this node wrote. */
  async wrote(writing: Promise<App>): Promise<App> {
    const app = await writing.catch((error: unknown) => {
      // It may have been written all the same: the next look reads it.
      this.#version = undefined;
      throw error;
    });
    this.#written += 1;
    this.#keep(app);
    return app;
  }

  /** Reads the apps again if another process may have changed one. */
  async refresh(): Promise<void> {
    const newest = await this.#store.appsVersion();
    if (newest !== this.#version) await this.#read(newest);
  }

  /** Reads the apps again, whatever is known of them. */
  async reload(): Promise<void> {
    await this.#read(await this.#store.appsVersion());
  }

  async #read(newest: string): Promise<void> {
    const before = this.#written;
    const apps = await this.#store.readApps();
    // What was written here meanwhile is newer than what was read; the next look reads it.
    if (this.#written !== before) return;
    for (const app of apps) this.#keep(app);
    // Only now: a read that failed is tried again.
    this.#version = newest;
  }

  #keep(app: App): void {
    this.#byKey.set(app.key, app);
    for (const listen of this.#listeners) listen(app);
  }
}
