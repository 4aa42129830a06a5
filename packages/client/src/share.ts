/** How long something stays open that nobody uses: whoever shows it may be back in a moment. In milliseconds. */
const LINGER_MS = 2_000;

/** Counts who uses a thing, and closes it a while after the last one has let go. */
export class Share {
  readonly #close: () => void;
  #uses = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(close: () => void) {
    this.#close = close;
  }

  /** Begins to use it. Returns the end of it, which may be called twice. */
  use(): () => void {
    this.#uses += 1;
    clearTimeout(this.#timer);
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#uses -= 1;
      if (this.#uses === 0) this.#timer = setTimeout(this.#close, LINGER_MS);
    };
  }
}
