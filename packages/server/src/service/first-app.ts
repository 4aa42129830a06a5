import type { App } from '@rollcall/domain/app';
import type { Config } from '../config.ts';
import type { Apps } from './apps.ts';

const NAME = 'My app';

/** An app, and whether it was made just now with a secret that nobody has seen. */
export interface FirstApp {
  readonly app: App;
  readonly fresh: boolean;
}

/**
 * The app that a start is about: the one the settings name, made when missing; else the oldest; else a new one. Throws when
 * the settings give a secret that is not the one the app has.
 */
export async function firstApp(apps: Apps, config: Config): Promise<FirstApp> {
  const { ROLLCALL_API_KEY: key, ROLLCALL_API_SECRET: secret } = config;
  if (key === undefined) {
    const [oldest] = apps.all();
    return oldest ? { app: oldest, fresh: false } : { app: await apps.create({ name: NAME }), fresh: true };
  }
  const known = apps.find(key);
  if (known) {
    if (secret !== undefined && secret !== known.secret) {
      throw new Error(`ROLLCALL_API_SECRET is not the secret of the app ${key}, which exists already`);
    }
    return { app: known, fresh: false };
  }
  const app = await apps.create({ name: NAME, key, ...(secret === undefined ? {} : { secret }) });
  return { app, fresh: secret === undefined };
}
