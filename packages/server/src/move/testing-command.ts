import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../move-command.ts', import.meta.url));

/** How a run of the command ended: without a code when it was killed. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs the command as an operator does, for tests; it is killed with SIGKILL as soon as `killWhen` holds. */
export async function runMove(flags: readonly string[], killWhen?: () => boolean | Promise<boolean>): Promise<Ran> {
  const child = spawn(process.execPath, ['--conditions=source', COMMAND, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const closed = once(child, 'close');
  while (killWhen && child.exitCode === null && child.signalCode === null) {
    if (await killWhen()) child.kill('SIGKILL');
    await pause(2);
  }
  await closed;
  return { code: child.exitCode, out, errors };
}
