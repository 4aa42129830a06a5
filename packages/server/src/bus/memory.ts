import type { Bus, Deliver } from './bus.ts';

/** The bus of one node: news is heard at once, and there is nobody else to follow or to ask. */
export function createMemoryBus(): Bus {
  const listeners = new Set<Deliver>();
  return {
    publish(app, events) {
      if (events.length > 0) for (const deliver of listeners) deliver(app, events);
    },
    subscribe(deliver) {
      listeners.add(deliver);
      return { [Symbol.dispose]: () => listeners.delete(deliver) };
    },
    follow: () => undefined,
    unfollow: () => {},
    ask: async () => undefined,
    answer: () => {},
    connected: true,
    onReconnect: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
