import { setTimeout as pause } from 'node:timers/promises';
import { sendAll, sendOne } from '../load/http.ts';
import { queries, readSettings, settings } from '../load/requests.ts';
import type { Rollcall } from '../process/rollcall.ts';
import type { Figure } from '../report/sizes.ts';
import { percentile } from '../report/statistics.ts';
import { pagesOf } from './pages.ts';
import { DECLARED, type Question, questionsOf } from './questions.ts';

const MEDIAN_MS = 2;
const P99_MS = 10;
const WARM_UP = 100;
const LOOK_MS = 100;
const DEADLINE_MS = 600_000;

/** Row 11: each kind of query a thousand times, one after another, on a database of so many users. */
export async function asking(rollcall: Rollcall, users: number): Promise<readonly Figure[]> {
  const seconds = await declare(rollcall.port);
  const declared: Figure = {
    row: '11',
    work: `the indexes of ${DECLARED.length} declared fields, made`,
    must: '',
    shown: `${seconds.toFixed(1)} s`,
    reached: undefined,
  };
  const figures: Figure[] = [];
  for (const question of questionsOf(users)) figures.push(await ask(rollcall.port, question));
  for (const question of await pagesOf(rollcall.port, users)) figures.push(await ask(rollcall.port, question));
  return [...figures, declared];
}

async function ask(port: number, { work, payloads, mayFindNobody = false }: Question): Promise<Figure> {
  const requests = queries(payloads);
  const [first = Buffer.alloc(0)] = requests;
  const answer = await sendOne(port, first);
  if (!mayFindNobody && JSON.parse(answer).users.length === 0) throw new Error(`${work}: nobody was found`);
  await sendAll(port, requests.slice(-WARM_UP), 1);
  const { latencies } = await sendAll(port, requests, 1);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return {
    row: '11',
    work,
    must: `≤ ${MEDIAN_MS} / ${P99_MS} ms`,
    shown: `${p50.toFixed(2)} / ${p99.toFixed(2)} ms`,
    reached: p50 <= MEDIAN_MS && p99 <= P99_MS,
  };
}

/** Declares the fields, and waits until their indexes know everybody; says how many seconds that took. */
async function declare(port: number): Promise<number> {
  const begun = performance.now();
  await sendOne(port, settings({ indexed_fields: DECLARED }));
  while (performance.now() - begun < DEADLINE_MS) {
    const { app } = JSON.parse(await sendOne(port, readSettings()));
    const states = DECLARED.map((field) => app.indexed_fields_state?.[field]?.state);
    if (states.every((state) => state === 'ready')) return (performance.now() - begun) / 1000;
    await pause(LOOK_MS);
  }
  throw new Error('the indexes of declared fields were not ready within ten minutes');
}
