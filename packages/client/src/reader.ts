/** Does one piece of work at a time. Asked for more meanwhile, it does it once again afterwards, however often it was asked. */
export class Reader {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #due: { readonly at: number; readonly timer: ReturnType<typeof setTimeout> } | undefined;

  /** `work` never rejects, and gives up as soon as its signal is aborted. */
  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  /** Works now, or as soon as what runs is over, since that may have begun too early. Resolves when it is done, or was stopped. */
  now(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    const { signal } = this.#stopping;
    this.#next ??= this.#running.then(() => (signal.aborted ? undefined : this.#run()));
    return this.#next;
  }

  /** Works after so many milliseconds, or earlier when that is due already. */
  soon(ms: number): void {
    const at = Date.now() + ms;
    if (this.#due && this.#due.at <= at) return;
    clearTimeout(this.#due?.timer);
    this.#due = { at, timer: setTimeout(() => void this.now(), ms) };
  }

  /** Stops what runs and forgets what is due. It may be asked anew at once. */
  stop(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    clearTimeout(this.#due?.timer);
    this.#due = undefined;
    this.#running = undefined;
    this.#next = undefined;
  }

  #run(): Promise<void> {
    clearTimeout(this.#due?.timer);
    this.#due = undefined;
    this.#next = undefined;
    const { signal } = this.#stopping;
    const running = this.#work(signal).then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
