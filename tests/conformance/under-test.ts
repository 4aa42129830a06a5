import { call } from '../support/http.ts';
import type { App, RunningServer } from '../support/server.ts';
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
  /** Where there are several nodes: settings of an app were changed on one of them. */
  changed?(app: App): void;
  /** Where there are several nodes: waits until all of them know the settings as they are now. */
  settle?(): Promise<void>;
}

/** Waits until the server has noticed an app that another process made. */
export async function seen(url: string, { apiKey, secret }: App): Promise<void> {
  const headers = { authorization: serverToken(secret) };
  const look = () => call({ url, method: 'GET', path: '/app', query: { api_key: apiKey }, headers });
  await until('the server sees the other app', look, ({ status }) => status === 200, 15_000);
}
