import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptFile, removeOutdated } from '../limit/cache.ts';
import { Child } from '../process/child.ts';
import type { Cores } from '../process/cores.ts';
import { type Rollcall, startRollcall } from '../process/rollcall.ts';
import type { Line } from '../report/line.ts';

/** A row of the table: measures, and says what came out. */
export type Row = (bench: Bench) => Promise<readonly Line[]>;

/** How many users a row's database holds when the row is not about a size. */
export const BASE_USERS = 100_000;

const LOOP = new URL('../limit/loop-process.ts', import.meta.url);
const HTTP = new URL('../limit/http-process.ts', import.meta.url);
const SOCKETS = new URL('../limit/socket-process.ts', import.meta.url);

/** One run of the benchmark: its folder, its cores, and the processes that rows start. */
export class Bench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  readonly cores: Cores | undefined;
  readonly #profile: string | undefined;
  readonly #seeded = new Map<number, Promise<string>>();
  #files = 0;

  constructor(cores: Cores | undefined, profile: string | undefined) {
    this.cores = cores;
    this.#profile = profile;
  }

  /** A file that does not exist yet. */
  file(): string {
    this.#files += 1;
    return join(this.folder, `${this.#files}.db`);
  }

  /** A database of its own that holds the users 0 to `users`. */
  async seededFile(users = BASE_USERS): Promise<string> {
    const file = this.file();
    copyFileSync(await this.#seed(users), file);
    return file;
  }

  #seed(users: number): Promise<string> {
    const known = this.#seeded.get(users) ?? this.#fill(this.file(), users, false);
    this.#seeded.set(users, known);
    return known;
  }

  async #fill(file: string, users: number, withTeams: boolean): Promise<string> {
    await using loop = this.loop(file);
    await loop.ask('seed', users, withTeams ? 1 : 0);
    return file;
  }

  /** A database of its own that holds so many users, some of them in teams. It is made once, and kept for later runs. */
  async crowdedFile(users: number): Promise<string> {
    const kept = keptFile(users);
    if (!existsSync(kept)) {
      removeOutdated(users, kept);
      const made = this.file();
      await this.#fill(made, users, true);
      // Another file system may hold it: it is whole before it has its name.
      copyFileSync(made, `${kept}.${process.pid}`);
      renameSync(`${kept}.${process.pid}`, kept);
      return made;
    }
    const file = this.file();
    copyFileSync(kept, file);
    return file;
  }

  /** Starts Rollcall on a file, with other settings than a fresh install where some are given. */
  rollcall(file: string, settings?: Readonly<Record<string, string>>): Promise<Rollcall> {
    return startRollcall({ cores: this.cores, file, profile: this.#profile, settings });
  }

  /** The bare loop, with all indexes or only the named ones. */
  loop(file: string, indexes?: readonly string[]): Child {
    const args = indexes === undefined ? [file] : [file, indexes.join(',')];
    return new Child({ cores: this.cores, script: LOOP, arguments: args });
  }

  bareHttp(file: string, answer = '{}'): Child {
    return new Child({ cores: this.cores, script: HTTP, arguments: [file], env: { BENCH_ANSWER: answer } });
  }

  /** Bare `ws` that verifies tokens and writes users to a file before it greets. */
  bareEntrance(file: string, frame: string): Child {
    return new Child({ cores: this.cores, script: SOCKETS, arguments: [file], env: { BENCH_ANSWER: frame } });
  }

  /** Bare `ws`, which greets with one frame; with `news`, a request for anything makes it tell that to everybody. */
  bareSockets(frame: string, news = ''): Child {
    return new Child({ cores: this.cores, script: SOCKETS, env: { BENCH_ANSWER: frame, BENCH_NEWS: news } });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
