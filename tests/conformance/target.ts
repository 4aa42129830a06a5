import { type App, type ServerOptions, startServer } from '../support/server.ts';
import { openNodesTarget } from './nodes.ts';
import { seen, type Target } from './under-test.ts';

export type { Target } from './under-test.ts';

/**
 * Opens the target. With ROLLCALL_CONFORMANCE_URL it is that server, with the app of _KEY and _SECRET, and with
 * _OTHER_KEY and _OTHER_SECRET for what takes two apps; with _SHARED two servers that share a PostgreSQL and a Redis;
 * otherwise a server of our own, with these settings.
 */
export async function openTarget(env: ServerOptions['env'] = {}): Promise<Target> {
  const url = setting('URL');
  if (url !== undefined) return named(url.replace(/\/$/, ''));
  const shared = setting('SHARED');
  if (shared !== undefined) return openNodesTarget(shared, env);
  const server = await startServer({ env });
  const other = await server.createApp('other');
  await seen(server.url, other);
  return {
    url: server.url,
    own: server,
    other,
    server,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Why tests are left out that need a server of our own; false when there is one. */
export const ONLY_OURS = process.env.ROLLCALL_CONFORMANCE_URL ? 'needs a server of our own' : false;

/** Why tests are left out that run a server inside of themselves, whichever one is under test. */
export const ONLY_INSIDE = ONLY_OURS || (process.env.ROLLCALL_CONFORMANCE_SHARED ? 'tells of no other server' : false);

function named(url: string): Target {
  const own = app('KEY', 'SECRET');
  if (own === undefined)
    throw new Error('ROLLCALL_CONFORMANCE_URL needs ROLLCALL_CONFORMANCE_KEY and _SECRET beside it');
  return {
    url,
    own,
    other: app('OTHER_KEY', 'OTHER_SECRET'),
    server: undefined,
    [Symbol.asyncDispose]: async () => {},
  };
}

function app(keyName: string, secretName: string): App | undefined {
  const apiKey = setting(keyName);
  const secret = setting(secretName);
  return apiKey === undefined || secret === undefined ? undefined : { apiKey, secret };
}

function setting(name: string): string | undefined {
  const value = process.env[`ROLLCALL_CONFORMANCE_${name}`];
  return value === '' ? undefined : value;
}
