import type { Engines } from '../support/engines.ts';
import { type Nodes, startNodes } from '../support/nodes.ts';
import { startServer } from '../support/server.ts';
import type { Target } from './backend.ts';

/** Servers that hold the same users, reached as one: each call goes to the next of them. */
export interface Servers extends AsyncDisposable {
  readonly target: Target;
  /** What went wrong in them so far. */
  errors(): string;
}

type Env = { readonly [name: string]: string };

/** Opens servers for the tests of one suite. */
export type OpenServers = (env?: Env) => Promise<Servers>;

/** One server with a database of its own. */
export const openServer: OpenServers = async (env = {}) => {
  const server = await startServer({ env });
  return { target: server, errors: server.errors, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

/** Several servers that share a PostgreSQL and a Redis. */
export async function openNodes(engines: Engines, count: number, env: Env = {}): Promise<Servers> {
  const nodes = await startNodes(engines, count, env);
  return {
    target: spread(nodes),
    errors: () => nodes.all.map((node) => node.errors()).join(''),
    [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose](),
  };
}

/** A target that is another node each time it is asked where it is. */
export function spread({ all, apiKey, secret }: Nodes): Target {
  let turn = 0;
  return {
    apiKey,
    secret,
    get url() {
      turn += 1;
      return all[turn % all.length]?.url ?? '';
    },
  };
}
