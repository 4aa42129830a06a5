interface Listener<Event> {
  readonly type: string;
  readonly hear: (event: Event) => void;
}

/** Tells events to those who listen, in the order in which they began to. */
export class Emitter<Event extends { readonly type: string }> {
  readonly #listeners = new Set<Listener<Event>>();

  /** Listens for one type, or for `'*'`, all of them. Returns the undo. */
  on(type: string, hear: (event: Event) => void): () => void {
    const listener = { type, hear };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells an event. A handler that throws is reported as uncaught and keeps nobody else from hearing. */
  emit(event: Event): void {
    for (const { type, hear } of [...this.#listeners]) {
      if (type !== '*' && type !== event.type) continue;
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
