import { scattered } from '../data/order.ts';
import { Line, sendAll } from '../load/http.ts';
import { queries, reads } from '../load/requests.ts';
import type { Rollcall } from '../process/rollcall.ts';
import { thousands } from '../report/line.ts';
import type { Figure } from '../report/sizes.ts';
import { median } from '../report/statistics.ts';

const IN_FLIGHT = 64;
const READS = 16_000;
/** Long enough that a walk comes to its end beside one side of a round. */
const REPEATS = 6;
const ROUNDS = 3;
const KEPT = 0.8;
/** Two seconds, and the way. */
const ANSWERED_MS = 2100;
/** An app keeps no such colour, and has declared no such field. */
const NO_HIT = { filter_conditions: { favorite_color: 'no such colour' } };
const OK = 200;
const TIMED_OUT = 408;

interface Walked {
  readonly status: number;
  readonly ms: number;
}

/** Row 11b: what is left of row 5 while walks through everybody run beside it, one after another, and how those fare. */
export async function walking({ port }: Rollcall, users: number): Promise<readonly Figure[]> {
  const requests = reads(scattered(users, 0, Math.min(users, READS)));
  const load = Array.from({ length: READS * REPEATS }, (_, at) => requests[at % requests.length] ?? Buffer.alloc(0));
  const rate = async (): Promise<number> => (await sendAll(port, load, IN_FLIGHT)).perSecond;
  const ratios: number[] = [];
  const beside: number[] = [];
  const walks: Walked[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const alone = await rate();
    const walker = new Walker(port);
    const walkedBy = await rate();
    const walked = await walker.stop();
    if (round === 0) continue;
    ratios.push(walkedBy / alone);
    beside.push(walkedBy);
    walks.push(...walked);
  }
  return [rateFigure(median(ratios), median(beside)), walkFigure(walks)];
}

const rateFigure = (ratio: number, perSecond: number): Figure => ({
  row: '11b',
  work: 'row 5 beside walks for an undeclared field that nobody has',
  must: `≥ ${KEPT * 100} % of row 5 alone`,
  shown: `${Math.round(ratio * 100)} % (${thousands(perSecond)} requests/s)`,
  reached: ratio >= KEPT,
});

function walkFigure(walks: readonly Walked[]): Figure {
  const longest = Math.max(...walks.map(({ ms }) => ms));
  const found = walks.filter(({ status }) => status === OK).length;
  const refused = walks.filter(({ status }) => status === TIMED_OUT).length;
  return {
    row: '11b',
    work: 'the longest of those walks; how many were answered, and refused with code 23',
    must: `≤ ${thousands(ANSWERED_MS)} ms`,
    shown: `${thousands(longest)} ms (${found}, ${refused})`,
    reached: longest <= ANSWERED_MS && found + refused === walks.length,
  };
}

/** Walks again and again until it is stopped. */
class Walker {
  readonly #line: Line;
  readonly #walks: Walked[] = [];
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(port: number) {
    this.#line = new Line(port);
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const [request = Buffer.alloc(0)] = queries([NO_HIT]);
    await this.#line.open();
    while (!this.#stopped) {
      const begun = performance.now();
      await this.#line.send(request);
      this.#walks.push({ status: this.#line.status, ms: performance.now() - begun });
    }
  }

  /** Resolves, with all walks, when the last one is answered. */
  async stop(): Promise<readonly Walked[]> {
    this.#stopped = true;
    await this.#running;
    this.#line.close();
    return this.#walks;
  }
}
