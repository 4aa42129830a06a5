import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The core of whoever is measured, and that of the load. Undefined where there is no `taskset` or only one core. */
export interface Cores {
  readonly server: number;
  readonly load: number;
}

/** Finds two cores, and pins this process, which makes the load, to the second. */
export function pinLoad(): Cores | undefined {
  try {
    const [server, load] = allowedCores();
    if (server === undefined || load === undefined) return undefined;
    execFileSync('taskset', ['-a', '-c', '-p', String(load), String(process.pid)], { stdio: 'ignore' });
    return { server, load };
  } catch {
    return undefined;
  }
}

function allowedCores(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}
