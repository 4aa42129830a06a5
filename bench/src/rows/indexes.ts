import { WORDS } from '../limit/database.ts';
import { thousands } from '../report/line.ts';
import { median } from '../report/statistics.ts';
import type { Bench } from './bench.ts';

const USERS = 20_000;
const ROUNDS = 3;
const ADDED: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['table and id', ['user_id']],
  ['+ created_at', ['user_id', 'user_created']],
  ['+ name key', ['user_id', 'user_created', 'user_name']],
  ['+ words', ['user_id', 'user_created', 'user_name', WORDS]],
  ['as shipped', undefined],
];

/** What each index costs: new rows a second in a bare loop, with one index more each time. */
export async function indexCosts(bench: Bench): Promise<string> {
  const loops = ADDED.map(([title, indexes]) => ({
    title,
    loop: bench.loop(bench.file(), indexes),
    rates: [0].slice(1),
  }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { loop, rates } of loops) {
      const rate = await loop.ask('insert', round * USERS, USERS);
      if (round > 0) rates.push(rate);
    }
  }
  for (const { loop } of loops) await loop[Symbol.asyncDispose]();
  const costs = loops.map(({ title, rates }) => `${title} ${thousands(median(rates))}`);
  return `What indexes cost, new rows a second in a bare loop of 100 a transaction: ${costs.join(' · ')}.`;
}
