import { thousands } from '../report/line.ts';
import type { Figure } from '../report/sizes.ts';
import { percentile } from '../report/statistics.ts';
import type { Balance } from './ledger.ts';

/** How a stretch of changes went. */
export interface Blown {
  readonly changesPerSecond: number;
  readonly framesPerSecond: number;
  readonly latencies: Float64Array;
  /** The share of its core that each used. */
  readonly serverBusy: number;
  readonly loadBusy: number;
  readonly longestDelayMs: number;
}

/** The memory of the server in bytes, after garbage collection. */
export interface Memory {
  readonly used: number;
  /** With what the process keeps for later. */
  readonly resident: number;
}

/** How a whole storm went. */
export interface Outcome extends Blown {
  readonly clients: number;
  readonly cameMs: number;
  /** How long it took until all were back, after each drop. */
  readonly backMs: readonly number[];
  /** With all connected, before they dropped and after they were back. */
  readonly memory: { readonly before: Memory; readonly after: Memory };
  readonly retried: number;
  readonly lost: number;
  readonly balance: Balance;
}

const P99_MS = 25;
/** A pace that is kept, but for the time that the last answers took. */
const PACE = 980;
const SMALL = 2000;
const SMALL_BACK_MS = 5000;
const LARGE_BACK_MS = 20_000;
/** What may be used more. What the process keeps for later goes up and down from one moment to the next. */
const USED_MARGIN = 0.1;
const RESIDENT_MARGIN = 0.35;
const MIB = 1024 * 1024;

type Entry = readonly [work: string, shown: string, must: string, reached: boolean | undefined];

/** The table's figures of a storm. */
export function figuresOf(outcome: Outcome): readonly Figure[] {
  const entries = [...paceEntries(outcome), ...balanceEntries(outcome.balance), ...returnEntries(outcome)];
  return entries.map(([work, shown, must, reached], at) => ({ row: String(at + 1), work, shown, must, reached }));
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function paceEntries(outcome: Outcome): readonly Entry[] {
  const { changesPerSecond, framesPerSecond, latencies, longestDelayMs, serverBusy, loadBusy, cameMs } = outcome;
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(latencies, share));
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return [
    ['all come at once, each watching 20 others: the last one has its watches', seconds(cameMs), '', undefined],
    ['changes a second', thousands(changesPerSecond), `≥ ${PACE}`, changesPerSecond >= PACE],
    ['frames a second', thousands(framesPerSecond), '', undefined],
    [
      "from a change's `updated_at` to its frame: p50 / p99 / the longest",
      `${p50} / ${p99} / ${most} ms`,
      `p99 ≤ ${P99_MS} ms`,
      Number(p99) <= P99_MS,
    ],
    ['longest delay of the event loop', `${longestDelayMs.toFixed(1)} ms`, '', undefined],
    ['server busy / load busy', `${percent(serverBusy)} / ${percent(loadBusy)}`, '', undefined],
  ];
}

const balanceEntries = ({ told, missing, repeated, strange }: Balance): readonly Entry[] => [
  ['frames told as they should be', thousands(told), '', undefined],
  ['frames missing', thousands(missing), '0', missing === 0],
  ['frames told twice, or after newer ones', thousands(repeated), '0', repeated === 0],
  ['frames not asked for', thousands(strange), '0', strange === 0],
];

function returnEntries({ clients, backMs, memory, retried, lost }: Outcome): readonly Entry[] {
  const longest = Math.max(...backMs);
  const each = backMs.map(seconds).join(', ');
  return [
    [
      `all drop and return at once, ${backMs.length} times: the last one has its watches again`,
      each,
      `≤ ${seconds(SMALL_BACK_MS)}; with more than ${thousands(SMALL)} clients ≤ ${seconds(LARGE_BACK_MS)}`,
      longest <= (clients <= SMALL ? SMALL_BACK_MS : LARGE_BACK_MS),
    ],
    ['connects that failed and were tried again', thousands(retried), '', undefined],
    ['connections that ended by themselves', thousands(lost), '0', lost === 0],
    memoryEntry('memory in use, with all connected, before the drops and after', 'used', USED_MARGIN, memory),
    memoryEntry('the same, resident', 'resident', RESIDENT_MARGIN, memory),
  ];
}

function memoryEntry(
  work: string,
  kind: keyof Memory,
  margin: number,
  { before: { [kind]: before }, after: { [kind]: after } }: Outcome['memory'],
): Entry {
  const growth = (after - before) / before;
  const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MB`;
  const percent = `${growth < 0 ? '−' : '+'}${Math.abs(growth * 100).toFixed(0)} %`;
  return [work, `${mib(before)}, ${mib(after)} (${percent})`, `at most ${margin * 100} % more`, growth <= margin];
}
