import type { Hear } from './move.ts';

/** Where progress is shown. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How often the bar moves, and how often a line is printed where there is no terminal. */
const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5000;
const BAR_CELLS = 16;

/** A name is somebody's text: it must not move the cursor. */
export const plain = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

const counted = (users: number): string => Math.floor(users).toLocaleString('en');

/** Shows how far a move has come: a bar on a terminal, a line now and then anywhere else. */
export class Progress implements Hear, Disposable {
  readonly #screen: Screen;
  readonly #now: () => number;
  #what = '';
  #total: number | undefined;
  #done = 0;
  #doneBefore = 0;
  #begunAt = 0;
  #shownAt = 0;
  #showing = false;

  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  begin(what: string, total?: number, done = 0): void {
    this.#end();
    this.#what = plain(what);
    this.#total = total;
    this.#done = done;
    this.#doneBefore = done;
    this.#begunAt = this.#now();
    this.#shownAt = this.#begunAt;
    this.#showing = true;
  }

  did(users: number): void {
    this.#done += users;
    const now = this.#now();
    if (now - this.#shownAt < (this.#screen.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownAt = now;
    this.#show();
  }

  say(line: string): void {
    this.#end();
    this.#screen.write(`${plain(line)}\n`);
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #end(): void {
    if (!this.#showing) return;
    this.#show();
    if (this.#screen.isTTY) this.#screen.write('\n');
    this.#showing = false;
  }

  #show(): void {
    const { isTTY, columns } = this.#screen;
    // Some terminals say that they have no columns at all.
    if (isTTY) this.#screen.write(`\r\u001b[K${this.#bar().slice(0, (columns || 80) - 1)}`);
    else this.#screen.write(`${this.#line()}\n`);
  }

  /** Short enough for 80 columns, when names are. */
  #bar(): string {
    const { pace, share, left } = this.#state();
    if (share === undefined) return `${this.#what}  ${counted(this.#done)}  ${pace}/s`;
    const full = Math.floor(share * BAR_CELLS);
    const cells = `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}]`;
    const done = `${counted(this.#done)} of ${counted(this.#total ?? 0)}`;
    return `${this.#what} ${cells} ${percentOf(share)}  ${done}  ${pace}/s${left === '' ? '' : `  ${left}`}`;
  }

  #line(): string {
    const { pace, share, left } = this.#state();
    if (share === undefined) return `${this.#what}: ${counted(this.#done)} users, ${pace} users/s`;
    const done = `${counted(this.#done)} of ${counted(this.#total ?? 0)} users`;
    return `${this.#what}: ${percentOf(share)}, ${done}, ${pace} users/s${left === '' ? '' : `, ${left}`}`;
  }

  /** The pace of this run, and what is left at that pace. */
  #state(): { readonly pace: string; readonly share: number | undefined; readonly left: string } {
    const seconds = Math.max(0.001, (this.#now() - this.#begunAt) / 1000);
    const perSecond = (this.#done - this.#doneBefore) / seconds;
    const pace = counted(perSecond);
    if (this.#total === undefined) return { pace, share: undefined, left: '' };
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
    const users = this.#total - this.#done;
    return { pace, share, left: users <= 0 || perSecond === 0 ? '' : `${durationOf(users / perSecond)} left` };
  }
}

const percentOf = (share: number): string => `${Math.floor(share * 100)} %`.padStart(5);

function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
