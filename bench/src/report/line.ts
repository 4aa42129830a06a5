import type { Compared, Measured } from './compare.ts';

/** One line of the table. */
export interface Line {
  readonly row: string;
  readonly work: string;
  readonly rollcall: string;
  readonly limit: string;
  readonly ratio: string;
  readonly mustReach: string;
  readonly striveFor: string;
  readonly latency: string;
  readonly busy: string;
  readonly reached: boolean;
}

/** What a line is about, and what it has to reach. */
export interface Goal {
  readonly row: string;
  readonly work: string;
  readonly must: number;
  readonly strive: number;
}

/** A line about work a second: the more the better, and 1 is the limit. */
export function rateLine({ row, work, must, strive }: Goal, unit: string, compared: Compared): Line {
  const { rollcall, limit, ratio } = compared;
  return {
    row,
    work,
    rollcall: `${thousands(rollcall.perSecond)} ${unit}/s`,
    limit: `${thousands(limit.perSecond)} ${unit}/s`,
    ratio: ratio.toFixed(2),
    mustReach: String(must),
    striveFor: String(strive),
    latency: limit.latency ? `${latencyOf(rollcall)} (${latencyOf(limit)})` : latencyOf(rollcall),
    busy: [rollcall, limit].map(busyOf).join(' / '),
    reached: ratio >= must,
  };
}

const latencyOf = ({ latency }: Measured): string =>
  latency ? `${latency.p50.toFixed(1)} / ${latency.p99.toFixed(1)} ms` : '';
const busyOf = ({ busy }: Measured): string => (busy === undefined ? '–' : `${Math.round(busy * 100)} %`);

/** A line about a cost: the less the better. `value` decides; `rollcall` and `limit` are what is shown. */
export function costLine(
  { row, work, must, strive }: Goal,
  shown: { readonly rollcall: string; readonly limit?: string; readonly unit: string },
  value: number,
): Line {
  const isRatio = shown.limit !== undefined;
  return {
    row,
    work,
    rollcall: shown.rollcall,
    limit: shown.limit ?? '–',
    ratio: isRatio ? value.toFixed(2) : '–',
    mustReach: `≤ ${must}${shown.unit}`,
    striveFor: `≤ ${strive}${shown.unit}`,
    latency: '',
    busy: '–',
    reached: value <= must,
  };
}

/** A count as people read it: 12,345. */
export const thousands = (count: number): string => Math.round(count).toLocaleString('en-US');
