import { createClock } from '../clock.ts';
import type { LeaseTimes } from '../tracker/tracker.ts';
import { openRedis, type Redis } from './open.ts';

/** What a test's nodes logged. */
export interface Logged {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** A node of a test, and what it logged. */
export interface TestNode extends Redis {
  readonly node: string;
  readonly logged: readonly Logged[];
}

const TIMES: LeaseTimes = { leaseMs: 60_000, graceMs: 3000 };

/** Opens nodes for tests, each group under a prefix of its own, and ends them all together. */
export class TestNodes implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #groups = 0;
  #count = 0;

  /** So many nodes that meet in one Redis, and nobody else. */
  async open(url: string, size = 1, times = TIMES, clock = createClock(0)): Promise<readonly TestNode[]> {
    this.#groups += 1;
    const prefix = `test${process.pid}-${this.#groups}:`;
    const nodes: TestNode[] = [];
    for (let at = 0; at < size; at++) nodes.push(await this.openAt(url, prefix, times, clock));
    return nodes;
  }

  /** One more node under a prefix. */
  async openAt(url: string, prefix: string, times = TIMES, clock = createClock(0)): Promise<TestNode> {
    this.#count += 1;
    const node = `node${this.#count}`;
    const logged: Logged[] = [];
    const note = (level: Logged['level']) => (what: unknown, text?: unknown) =>
      void logged.push({ level, text: `${text ?? what}` });
    const log = { info: note('info'), warn: note('warn'), error: note('error') };
    const redis = await openRedis(url, { node, times, prefix, clock, log });
    return Object.assign(this.#stack.use(redis), { node, logged });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
