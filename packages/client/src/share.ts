/** How long something stays open that nobody uses: whoever shows it may be back in a moment. In milliseconds. */
const LINGER_MS = 2_000;

/** How to close what nobody uses just now, by the client it belongs to. */
const IDLE = new WeakMap<object, Set<() => void>>();

/** Closes what nobody uses of a client's: its room is needed. */
export function closeIdle(client: object): void {
  for (const close of IDLE.get(client) ?? []) close();
}

/** Counts who uses a thing of a client's, and closes it a while after the last one has let go, or when its room is needed. */
export class Share {
  readonly #close: () => void;
  readonly #idle: Set<() => void>;
  #uses = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: object, close: () => void) {
    this.#idle = IDLE.get(client) ?? new Set();
    IDLE.set(client, this.#idle);
    this.#close = () => {
      this.#wake();
      close();
    };
  }

  /** Begins to use it. Returns the end of it, which may be called twice. */
  use(): () => void {
    this.#uses += 1;
    this.#wake();
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#uses -= 1;
      if (this.#uses === 0) this.#rest();
    };
  }

  #rest(): void {
    this.#idle.add(this.#close);
    this.#timer = setTimeout(this.#close, LINGER_MS);
  }

  #wake(): void {
    this.#idle.delete(this.#close);
    clearTimeout(this.#timer);
  }
}
