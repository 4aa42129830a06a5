import { setTimeout as pause } from 'node:timers/promises';
import { Stopwatch } from '../load/burst.ts';
import { Lines } from '../load/http.ts';
import type { Rollcall } from '../process/rollcall.ts';
import { thousands } from '../report/line.ts';
import type { Column } from '../report/sizes.ts';
import type { Bench } from '../rows/bench.ts';
import { type Pace, sendChanges } from './changes.ts';
import { Crowd } from './crowd.ts';
import { type Blown, figuresOf, type Memory } from './figures.ts';
import { Ledger } from './ledger.ts';
import { changeIn, DAY_MS, isHealthCheck, stampIn } from './news.ts';
import { Plan, WATCHED } from './plan.ts';

const CHANGES_PER_SECOND = 1000;
const IN_FLIGHT = 64;
/** How often all drop and return. */
const DROPS = 3;
/** How long frames that are still on their way are waited for. */
const LATE_MS = 5000;
const LOOK_MS = 20;
/** Longer than a user who left is still shown as there: afterwards nothing is left to tell. */
const SETTLE_MS = 5000;

/** What the clients hear, while it counts. */
class Hearing {
  readonly #ledger: Ledger;
  readonly #latencies: Float64Array;
  #heard = 0;
  /** Whether nothing but changes is to be told. */
  counts = false;

  constructor(ledger: Ledger, most: number) {
    this.#ledger = ledger;
    this.#latencies = new Float64Array(most);
  }

  /** From the stamp of a change to the moment its frame was read, in milliseconds. */
  get latencies(): Float64Array {
    return this.#latencies.subarray(0, this.#heard);
  }

  hear(client: number, bytes: Buffer, start: number, end: number): void {
    if (!this.counts || isHealthCheck(bytes, start)) return;
    const change = changeIn(bytes, start, end);
    if (change === undefined) {
      this.#ledger.noteStrange();
      return;
    }
    if (!this.#ledger.note(client, change) || this.#heard === this.#latencies.length) return;
    this.#latencies[this.#heard] = (Date.now() - stampIn(bytes, start) + DAY_MS) % DAY_MS;
    this.#heard += 1;
  }
}

/** One storm: so many clients, each watching 20 others, a thousand changes a second, and then all drop and return at once. */
export async function storm(bench: Bench, clients: number, seconds: number): Promise<Column> {
  await using rollcall = await bench.rollcall(await bench.seededFile(clients));
  await using lines = await Lines.open(rollcall.port, IN_FLIGHT);
  const plan = new Plan(clients);
  const ledger = new Ledger(plan);
  const count = seconds * CHANGES_PER_SECOND;
  const hearing = new Hearing(ledger, count * (WATCHED + 1));
  using crowd = new Crowd(rollcall.port, plan, (...frame) => hearing.hear(...frame));
  const cameMs = await crowd.come(lines);
  // All that is done later is done once before, so that what grows with the first time does not count.
  await dropAndReturn(crowd, lines, 1);
  const sky = { rollcall, lines, plan, ledger, hearing, crowd };
  const blown = await blow(sky, { first: 0, count, perSecond: CHANGES_PER_SECOND });
  const before = await memoryOf(rollcall);
  hearing.counts = false;
  const backMs = await dropAndReturn(crowd, lines, DROPS);
  const after = await memoryOf(rollcall);
  // Whoever came back hears again: a second more.
  await blow(sky, { first: count, count: CHANGES_PER_SECOND, perSecond: CHANGES_PER_SECOND });
  const { retried, lost } = crowd;
  const balance = ledger.balance(count + CHANGES_PER_SECOND);
  const figures = figuresOf({ ...blown, clients, cameMs, backMs, memory: { before, after }, retried, lost, balance });
  return { title: `${thousands(clients)} clients, ${seconds} s`, figures };
}

async function memoryOf({ child }: Rollcall): Promise<Memory> {
  return { used: await child.ask('usedMemory'), resident: await child.ask('memory') };
}

/** Lets all drop and return at once, so many times; answers how long each return took. */
async function dropAndReturn(crowd: Crowd, lines: Lines, times: number): Promise<readonly number[]> {
  const backMs: number[] = [];
  for (let drop = 0; drop < times; drop += 1) {
    await pause(SETTLE_MS);
    crowd.drop();
    backMs.push(await crowd.come(lines));
  }
  await pause(SETTLE_MS);
  return backMs;
}

interface Sky {
  readonly rollcall: Rollcall;
  readonly lines: Lines;
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly hearing: Hearing;
  readonly crowd: Crowd;
}

/** Sends changes, and waits until everybody is told; answers how it went. */
async function blow(sky: Sky, pace: Pace): Promise<Blown> {
  const { rollcall, lines, plan, ledger, hearing, crowd } = sky;
  hearing.counts = true;
  const goal = ledger.told + pace.count * plan.distances.length;
  await rollcall.child.ask('watchDelay');
  const busyBefore = await rollcall.child.ask('busyMs');
  const stopwatch = new Stopwatch(0);
  const begun = performance.now();
  const told = ledger.told;
  const changesPerSecond = await sendChanges(plan, crowd, lines, pace);
  const answeredAt = performance.now();
  while (ledger.told < goal && performance.now() - answeredAt < LATE_MS) await pause(LOOK_MS);
  const elapsed = performance.now() - begun;
  const busyMs = (await rollcall.child.ask('busyMs')) - busyBefore;
  return {
    changesPerSecond,
    framesPerSecond: ((ledger.told - told) * 1000) / elapsed,
    latencies: hearing.latencies,
    serverBusy: busyMs / elapsed,
    loadBusy: stopwatch.end().busy,
    longestDelayMs: await rollcall.child.ask('longestDelay'),
  };
}
