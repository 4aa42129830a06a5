import { randomBytes, randomUUID } from 'node:crypto';

const NODE_BYTES = 4;
const CONNECTION_ID = /^([\da-f]{8})-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** A process is named by chance, so that two of one machine differ. */
export const newNodeName = (): string => randomBytes(NODE_BYTES).toString('hex');

/** An id for a connection of a node: a UUID that begins with the node's name, so that it is found without a look-up. */
export function newConnectionId(node: string): string {
  return node + randomUUID().slice(node.length);
}

/** The node that a connection's id names; undefined when it is no such id. */
export function nodeOf(connectionId: string): string | undefined {
  return CONNECTION_ID.exec(connectionId)?.[1];
}
