import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { at } from '../support/json.ts';
import { within } from '../support/wait.ts';

/** The folder of the whole repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What `npm start` gives to Node, so that what is tested is what people start. */
export const START: readonly string[] = startArguments();

function startArguments(): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  const [exec, node, ...args] = String(at(manifest, 'scripts', 'start')).split(' ');
  // With a shell between them, npm's signals would not reach the server.
  if (exec !== 'exec' || node !== 'node' || args.length === 0) throw new Error('npm start does not become Node');
  return args;
}

/** A process of ours, all that it said, and how it ended. */
export interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits for the end: the exit code, or null when a signal ended it. */
  ended(deadlineMs?: number): Promise<number | null>;
}

/** Starts a program with exactly these ROLLCALL_* settings; it does not outlive the test. */
export function startProgram(
  command: string,
  args: readonly string[],
  settings: { readonly [name: string]: string } = {},
  cwd: string = ROOT,
): Program {
  const child = spawn(command, args, { cwd, env: { ...plainEnvironment(), ...settings } });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  const gone = once(child, 'close').finally(() => process.removeListener('exit', end));
  const ended = async (deadlineMs = 8_000): Promise<number | null> => {
    await within(`${command} ends`, gone, deadlineMs).catch((error) => {
      throw new Error(`${error}; it said: ${stderr()}`);
    });
    return child.exitCode;
  };
  return {
    child,
    stdout,
    stderr,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended();
    },
  };
}

/** The environment of a shell that knows neither Rollcall nor the npm script that runs this test. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ROLLCALL_|NODE_|npm_)/i.test(name));
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}
