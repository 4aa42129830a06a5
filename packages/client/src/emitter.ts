interface Listener<Event> {
  readonly type: string;
  readonly hear: (event: Event) => void;
}

/**
 * Tells events to those who listen, in the order in which they began to. One event after another: what is raised inside a
 * handler is told when everybody has heard what is being told.
 */
export class Emitter<Event extends { readonly type: string }> {
  readonly #listeners = new Set<Listener<Event>>();
  /** What is being told, and what is to be told after it. */
  readonly #events: Event[] = [];

  /** Listens for one type, or for `'*'`, all of them. Returns the undo. */
  on(type: string, hear: (event: Event) => void): () => void {
    const listener = { type, hear };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells an event. A handler that throws is reported as uncaught and keeps nobody else from hearing. */
  emit(event: Event): void {
    if (this.#events.push(event) > 1) return; // whoever is telling goes on with it
    for (const next of this.#events) this.#tell(next);
    this.#events.length = 0;
  }

  #tell(event: Event): void {
    for (const listener of [...this.#listeners]) {
      const { type, hear } = listener;
      if ((type !== '*' && type !== event.type) || !this.#listeners.has(listener)) continue;
      try {
        hear(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
