import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace } from './pace.ts';

const WINDOW_MS = 2;

/** Keeps the loop for as long as a window does. */
async function work(): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < WINDOW_MS);
  return WINDOW_MS;
}

/** A search of so many windows; says when it was done, or undefined when it was too late. */
async function search(pace: Pace, windows: number, deadline: number): Promise<number | undefined> {
  for (let at = 0; at < windows; at += 1) if (!(await pace.run(deadline, work, at * WINDOW_MS))) return undefined;
  return performance.now();
}

/** That many searches, one after another, each with as long to go. */
const searches = (pace: Pace, count: number, windows: number, ms: number) =>
  Array.from({ length: count }, (_, at) => search(pace, windows, performance.now() + ms + at / 1000));

describe('the lane of what takes long', () => {
  it('finishes as many searches as there is time for, however many more there are', async () => {
    const pace = new Pace();
    // Twice as many as there is time for.
    const done = await Promise.all(searches(pace, 40, 25, 1000));
    const inTime = done.filter((at) => at !== undefined).length;
    assert.ok(inTime >= 2, `${inTime} were in time`);
    assert.ok(inTime < 40);
  });

  it('lets a short search pass those that take all the time there is', async () => {
    const pace = new Pace();
    const endless = searches(pace, 20, 10_000, 1000);
    const startedAt = performance.now();
    const doneAt = await search(pace, 5, startedAt + 1000);
    assert.ok(doneAt !== undefined && doneAt - startedAt < 800, `${(doneAt ?? Number.NaN) - startedAt} ms`);
    for (const late of await Promise.all(endless)) assert.equal(late, undefined);
  });

  it('keeps a turn for what has all the time in the world', async () => {
    const pace = new Pace();
    const endless = searches(pace, 20, 10_000, 500);
    let turns = 0;
    let over = false;
    const background = (async () => {
      while (!over) {
        await pace.run(Number.POSITIVE_INFINITY, work);
        turns += 1;
      }
    })();
    await Promise.all(endless);
    over = true;
    await background;
    assert.ok(turns > 5, `${turns} turns`);
  });
});
