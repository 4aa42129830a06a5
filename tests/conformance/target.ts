import { call } from '../support/http.ts';
import { type App, type RunningServer, type ServerOptions, startServer } from '../support/server.ts';
import { serverToken } from '../support/token.ts';
import { until } from '../support/wait.ts';

/** The server under test: one that is named in the environment, or one started for the occasion. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly own: App;
  /** A second app on the same server; undefined when it is not known. */
  readonly other: App | undefined;
  /** The process, when it is ours to watch and to stop. */
  readonly server: RunningServer | undefined;
}

/**
 * Opens the target. With ROLLCALL_CONFORMANCE_URL it is that server, with the app of _KEY and _SECRET, and with
 * _OTHER_KEY and _OTHER_SECRET for what takes two apps; otherwise a server of our own, with these settings.
 */
export async function openTarget(env: ServerOptions['env'] = {}): Promise<Target> {
  const url = setting('URL');
  if (url !== undefined) return named(url.replace(/\/$/, ''));
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

/** Waits until the server has noticed an app that another process made. */
async function seen(url: string, { apiKey, secret }: App): Promise<void> {
  const headers = { authorization: serverToken(secret) };
  const look = () => call({ url, method: 'GET', path: '/app', query: { api_key: apiKey }, headers });
  await until('the server sees the other app', look, ({ status }) => status === 200);
}

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
