import type { Cost } from './cost.ts';
import { postgresCosts } from './postgres.ts';
import { redisCosts } from './redis.ts';

// What one of each thing costs, for the arithmetic of docs/scale.md: `node --conditions=source bench/src/scale/run.ts`.

function print(program: string, bytes: string, costs: readonly Cost[]): void {
  if (costs.length === 0) console.log(`${program}: skipped, it is not to be had here`);
  for (const { work, node, other, bytes: count } of costs) {
    const line = `${program}: ${work}: ${other.toFixed(1)} µs there, ${node.toFixed(1)} µs here`;
    console.log(`${line}, ${Math.round(count)} bytes ${bytes}`);
  }
}

print('Redis', 'sent by it', await redisCosts());
print('PostgreSQL', 'of log', await postgresCosts());
