import type { Report } from './report.ts';

/** Something that is done again and again. */
export interface Sweep {
  readonly everyMs: number;
  readonly work: () => Promise<unknown> | undefined;
}

/**
 * Does each of several things again and again, none of them twice at once. An error never stops the next time, and is told of
 * when it is news: not again each second for as long as it lasts.
 */
export function startSweeps(sweeps: readonly Sweep[], report: Report): AsyncDisposable {
  const running = sweeps.map((sweep) => startSweep(sweep, report));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((sweep) => sweep[Symbol.asyncDispose]()));
    },
  };
}

function startSweep({ everyMs, work }: Sweep, report: Report): AsyncDisposable {
  let working: Promise<void> | undefined;
  let told: string | undefined;

  async function once(): Promise<void> {
    try {
      await work();
      told = undefined;
    } catch (error) {
      const text = String(error);
      if (text !== told) report.unexpected(error);
      else report.again(error);
      told = text;
    }
  }

  const timer = setInterval(() => {
    working ??= once().finally(() => {
      working = undefined;
    });
  }, everyMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await working;
    },
  };
}
