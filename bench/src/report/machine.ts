import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Cores } from '../process/cores.ts';
import { percentile } from './statistics.ts';

const SYNCS = 500;
const PAGE = Buffer.alloc(4096, 1);

/** What this machine takes to make a page safe: milliseconds of `SYNCS` calls. */
function syncTimes(folder: string): number[] {
  const file = openSync(join(folder, 'sync'), 'w');
  const times = Array.from({ length: SYNCS }, () => {
    writeSync(file, PAGE);
    const begun = performance.now();
    fdatasyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  return times;
}

/** One line about the machine. */
export function describeMachine(folder: string, cores: Cores | undefined): string {
  const times = syncTimes(folder);
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const pinned = cores ? 'server and load pinned to a core each' : 'nothing pinned';
  const [p50, p99] = [0.5, 0.99].map((share) => `${percentile(times, share).toFixed(2)} ms`);
  return `Machine: ${cpus().length} cores (${model}), ${pinned}; Node ${process.versions.node}, SQLite ${process.versions.sqlite}; fdatasync p50 ${p50}, p99 ${p99}.`;
}
