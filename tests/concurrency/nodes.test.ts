import { after, describe } from 'node:test';
import { startEngines } from '../support/engines.ts';
import { describeFields } from './contract-fields.ts';
import { describeSwitch } from './contract-switch.ts';
import { describeUsernames } from './contract-username.ts';
import { openNodes, type Servers } from './servers.ts';

const NODES = 4;
const { engines, skip } = await startEngines();
after(() => engines?.[Symbol.asyncDispose]());

async function open(env: { readonly [name: string]: string } = {}): Promise<Servers> {
  if (!engines) throw new Error('there is nothing to share');
  return openNodes(engines, NODES, env);
}

const where = `on ${NODES} servers that share a PostgreSQL`;

describe('over many nodes', { skip }, () => {
  describeFields(where, open);
  describeUsernames(where, open);
  describeSwitch(where, open);
});
