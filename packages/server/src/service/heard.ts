import type { Lease } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';
import type { Bus } from '../bus/bus.ts';
import { heardQuestion } from './node-question.ts';

/** What the look works with. */
export interface HeardParts {
  readonly bus: Pick<Bus, 'ask'>;
  /** The name of this node. */
  readonly node: string;
  /** When a connection of this node last gave a sign of life. */
  readonly lastHeard: (connectionId: string) => Instant | undefined;
}

/**
 * Brings leases up to date: a lease tells no later than when it was renewed, the node that holds the connection knows more. What
 * a node that does not answer knows is left as it is.
 */
export type BringUpToDate = (leases: ReadonlyMap<string, Lease>) => Promise<ReadonlyMap<string, Lease>>;

export function createHeard({ bus, node, lastHeard }: HeardParts): BringUpToDate {
  async function askNode(name: string, ids: readonly string[]): Promise<readonly unknown[]> {
    if (name === node) return ids.map(lastHeard);
    const answer = await bus.ask(name, heardQuestion(ids));
    return Array.isArray(answer) ? answer : [];
  }

  return async (leases) => {
    const byNode = Map.groupBy(leases, ([, lease]) => lease.node);
    const heard = new Map<string, unknown>();
    const answers = [...byNode].map(async ([name, of]) => {
      const ids = of.filter(([, { phase }]) => phase !== 'closed').map(([id]) => id);
      const instants = ids.length === 0 ? [] : await askNode(name, ids);
      for (const [index, id] of ids.entries()) heard.set(id, instants[index]);
    });
    await Promise.all(answers);
    return new Map([...leases].map(([id, lease]) => [id, { ...lease, heardAt: later(lease.heardAt, heard.get(id)) }]));
  };
}

const later = (known: Instant, heard: unknown): Instant => (typeof heard === 'number' && heard > known ? heard : known);
