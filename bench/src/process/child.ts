import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cores } from './cores.ts';
import type { Answer, Question } from './serve.ts';

/** How a process is started. */
export interface Start {
  readonly cores: Cores | undefined;
  readonly script: URL;
  readonly arguments?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A measured process, pinned to the server's core. */
export class Child implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor({ cores, script, arguments: args = [], nodeOptions = [], env = {} }: Start) {
    const node = [
      process.execPath,
      '--conditions=source',
      '--expose-gc',
      ...nodeOptions,
      fileURLToPath(script),
      ...args,
    ];
    const [command = '', ...rest] = cores ? ['taskset', '-c', String(cores.server), ...node] : node;
    this.#child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], env: { ...plainEnv(), ...env } });
    this.#ended = once(this.#child, 'exit');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The first line it prints. */
  async firstLine(): Promise<string> {
    while (!this.#output.includes('\n')) {
      if (this.#child.exitCode !== null) throw new Error('a measured process ended before it was ready');
      const { stdout } = this.#child;
      if (stdout) await Promise.race([once(stdout, 'data'), this.#ended]);
    }
    return this.#output.slice(0, this.#output.indexOf('\n'));
  }

  /** Asks it something, and waits for its answer. */
  async ask(ask: string, ...numbers: number[]): Promise<number> {
    const answered = once(this.#child, 'message');
    this.#child.send({ ask, numbers } satisfies Question);
    const ended = this.#ended.then(() => [{ answer: 'the process ended' }]);
    const [{ answer }] = (await Promise.race([answered, ended])) as [Answer]; // as `serve` sends it
    if (typeof answer === 'string') throw new Error(answer);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}

/** The environment without the settings of a Rollcall that may live on this machine. */
function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_')));
}
