import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsFor, startArguments } from '../process/rollcall.ts';
import { costLine, type Line } from '../report/line.ts';
import { median } from '../report/statistics.ts';
import type { Bench, Row } from './bench.ts';

const ROOT = new URL('../../../', import.meta.url);
const STARTS = 7;
const IDLE_MS = 5000;
const MIB = 1024 * 1024;

interface Started {
  readonly ms: number;
  readonly bytes: number | undefined;
}

/** Starts Rollcall as `npm start` does, on an empty database, waits for its ready line, and stops it `idleMs` later. */
async function startOnce(bench: Bench, idleMs: number): Promise<Started> {
  const node = [process.execPath, ...startArguments()];
  const [command = '', ...args] = bench.cores ? ['taskset', '-c', String(bench.cores.server), ...node] : node;
  const env = { PATH: process.env.PATH, ...settingsFor(bench.file()) };
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env, cwd: fileURLToPath(ROOT) });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('Rollcall ended before it was ready')));
  await Promise.race([once(child.stdout, 'data'), ended]);
  const ms = performance.now() - begun;
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const bytes = residentBytes(child.pid ?? 0);
  child.kill('SIGTERM');
  await ended.catch(() => {});
  return { ms, bytes };
}

/** The memory of a process, where the system tells it as Linux does. */
function residentBytes(pid: number): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

/** Row 12: start to ready, the first time and later, and the memory of a server that nobody calls. */
export const starting: Row = async (bench) => {
  const first = await startOnce(bench, 100);
  const later: number[] = [];
  for (let start = 0; start < STARTS; start += 1) later.push((await startOnce(bench, 100)).ms);
  const { bytes } = await startOnce(bench, IDLE_MS);
  const ms = (time: number): string => `${Math.round(time)} ms`;
  const lines: Line[] = [
    costLine(
      { row: '12', work: 'start to ready on an empty database, the first time', must: 500, strive: 250 },
      { rollcall: ms(first.ms), unit: ' ms' },
      first.ms,
    ),
    costLine(
      { row: '12', work: `the same, later (median of ${STARTS})`, must: 500, strive: 250 },
      { rollcall: ms(median(later)), unit: ' ms' },
      median(later),
    ),
  ];
  if (bytes === undefined) return lines;
  const goal = { row: '12', work: 'memory, idle for 5 s', must: 120, strive: 90 };
  return [...lines, costLine(goal, { rollcall: `${Math.round(bytes / MIB)} MB`, unit: ' MB' }, bytes / MIB)];
};
