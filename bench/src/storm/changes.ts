import { setTimeout as pause } from 'node:timers/promises';
import type { Lines } from '../load/http.ts';
import { patch } from '../load/requests.ts';
import type { Crowd } from './crowd.ts';
import { setOf } from './news.ts';
import type { Plan } from './plan.ts';

/** How many changes are sent, from which on, and how fast. */
export interface Pace {
  readonly first: number;
  readonly count: number;
  readonly perSecond: number;
}

/**
 * Sends changes at a pace, whether or not the server keeps up. Resolves when all are answered, with how many a second that made.
 */
export async function sendChanges(plan: Plan, crowd: Crowd, lines: Lines, pace: Pace): Promise<number> {
  const { first, count, perSecond } = pace;
  const requests = Array.from({ length: count }, (_, at) =>
    patch(crowd.idOf(plan.userOf(first + at)), setOf(first + at)),
  );
  const answers: Promise<void>[] = [];
  const begun = performance.now();
  while (answers.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - begun) * perSecond) / 1000));
    for (const request of requests.slice(answers.length, due)) answers.push(lines.send(request));
    await pause(1);
  }
  await Promise.all(answers);
  return (count * 1000) / (performance.now() - begun);
}
