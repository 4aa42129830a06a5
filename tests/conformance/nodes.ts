import { call } from '../support/http.ts';
import { type App, type RunningServer, type ServerOptions, startServer } from '../support/server.ts';
import { serverToken } from '../support/token.ts';
import { suffix, until } from '../support/wait.ts';
import { seen, type Target } from './under-test.ts';

const NODES = 2;

/** Opens two servers as one target: each call goes to the other one than the call before. `shared` tells of a fresh database. */
export async function openNodesTarget(shared: string, env: ServerOptions['env']): Promise<Target> {
  const names: { readonly [name: string]: string } = await (await fetch(shared)).json();
  const app = { apiKey: `key${suffix()}`, secret: `secret-${suffix()}-${suffix()}` };
  const start = () => startServer({ ...app, env: { ...names, ...env } });
  const nodes = await Promise.all(Array.from({ length: NODES }, start));
  const [first] = nodes;
  if (!first) throw new Error('there is no node');
  const other = await first.createApp('other');
  for (const { url } of nodes) await seen(url, other);
  let turn = 0;
  const unsettled = new Set<App>();
  return {
    get url() {
      turn += 1;
      return nodes[turn % NODES]?.url ?? '';
    },
    own: app,
    other,
    server: first,
    changed: (of) => void unsettled.add(of),
    async settle() {
      for (const of of unsettled) {
        unsettled.delete(of);
        await agree(nodes, of);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

/** Waits until all nodes say the same of an app: within a second they must. */
async function agree(nodes: readonly RunningServer[], app: App): Promise<void> {
  const look = () => Promise.all(nodes.map(({ url }) => settingsOf(url, app)));
  await until('the nodes agree', look, (said) => new Set(said).size === 1, 1500);
}

async function settingsOf(url: string, { apiKey, secret }: App): Promise<string> {
  const headers = { authorization: serverToken(secret) };
  const ask = (path: string) => call({ url, method: 'GET', path, query: { api_key: apiKey }, headers });
  const [app, roles] = await Promise.all([ask('/app'), ask('/roles')]);
  return JSON.stringify([app.body.app, roles.body.roles]);
}
