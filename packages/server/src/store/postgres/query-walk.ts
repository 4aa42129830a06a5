import type { Run } from './query.ts';
import { readAllInto, readInto } from './query-ground.ts';
import { type Piece, TRUE } from './query-sql.ts';
import type { Way } from './query-ways.ts';

const LEAST_SIZE = 16;

/** Most of so few are meant. */
const ALL = 100;

/** Looks at the first entries of a way that has exactly the order asked for; says whether that was enough. */
export async function lookInto(run: Run, way: Way, size: number): Promise<boolean> {
  const { ground } = run;
  const read = size <= ALL ? readAllInto : readInto;
  await read(ground, run.quick, way.look(Math.min(size, run.windows.mostSize)));
  const { last } = ground.found;
  // It went past the start at least: of texts that are cut in the index, some of those behind may come before the last.
  return last !== undefined && way.isPast(way.start, last);
}

/**
 * Walks in windows, each of which finds its other end in the index alone, so that it is short however few are meant. The
 * next is longer or shorter, by the time that this one took.
 */
export async function walkInto(run: Run, way: Way, extra: Piece = TRUE): Promise<void> {
  const { ground, windows } = run;
  let place = way.start;
  let size = Math.min(way.firstSize, windows.mostSize);
  let done = false;
  while (!done) {
    await run.window(async (ask) => {
      const startedAt = performance.now();
      const [row] = await ask(way.bound(place, size));
      const bound = row && way.place(row);
      await readInto(ground, ask, way.stretch(place, bound, size), extra);
      const { last } = ground.found;
      done = bound === undefined || (last !== undefined && way.isPast(bound, last));
      if (bound) place = bound;
      const factor = Math.min(4, windows.ms / Math.max(performance.now() - startedAt, 0.1));
      size = Math.min(windows.mostSize, Math.max(LEAST_SIZE, 2 ** Math.round(Math.log2(size * factor))));
    });
  }
}
