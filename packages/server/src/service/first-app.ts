import { createHash } from 'node:crypto';
import type { App } from '@rollcall/domain/app';
import { type Config, isShared, withoutSecrets } from '../config.ts';
import type { Apps } from './apps.ts';

const NAME = 'My app';
/** As many as a key has that is drawn by chance. */
const KEY_DIGITS = 16;

/** An app, and whether it was made just now with a secret that nobody has seen. */
export interface FirstApp {
  readonly app: App;
  readonly fresh: boolean;
}

/**
 * The app that a start is about: the one the settings name, made when missing; else the oldest; else a new one. Throws when
 * the settings give a secret that is not the one the app has. Of nodes that start at once one makes it.
 */
export async function firstApp(apps: Apps, config: Config): Promise<FirstApp> {
  const { ROLLCALL_API_KEY: key, ROLLCALL_API_SECRET: secret } = config;
  const [oldest] = apps.all();
  if (key === undefined && oldest) return { app: oldest, fresh: false };
  const known = key === undefined ? undefined : apps.find(key);
  if (known) return { app: checked(known, secret), fresh: false };
  const wanted = key ?? keyOfFirst(config);
  try {
    const app = await apps.create({ name: NAME, ...given({ key: wanted, secret }) });
    return { app, fresh: secret === undefined };
  } catch (error) {
    await apps.reload();
    const made = wanted === undefined ? undefined : apps.find(wanted);
    if (made) return { app: checked(made, secret), fresh: false };
    throw error;
  }
}

function checked(app: App, secret: string | undefined): App {
  if (secret === undefined || secret === app.secret) return app;
  throw new Error(`ROLLCALL_API_SECRET is not the secret of the app ${app.key}, which exists already`);
}

/**
 * Nodes that share a database must come to the same key, of which only one can be made; otherwise it is drawn by chance. They may
 * reach it by different hosts, but not by different names.
 */
function keyOfFirst(config: Config): string | undefined {
  if (!isShared(config)) return undefined;
  const name = withoutSecrets(config.ROLLCALL_DATABASE).split('/').at(-1) ?? '';
  return createHash('sha256').update(`the first app of ${name}`).digest('hex').slice(0, KEY_DIGITS);
}

function given({ key, secret }: { key: string | undefined; secret: string | undefined }) {
  return { ...(key === undefined ? {} : { key }), ...(secret === undefined ? {} : { secret }) };
}
