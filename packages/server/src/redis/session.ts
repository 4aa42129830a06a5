import { setTimeout as pause } from 'node:timers/promises';
import { createClient, createCluster, ErrorReply } from '@redis/client';
import type { RedisAddress } from './address.ts';

/** What happens to a session. */
export interface SessionEvents {
  /** A message of a channel. */
  heard(channel: string, message: string): void;
  /** A connection broke: nothing that is asked from now on is answered. */
  lost(error: Error): void;
}

/**
 * Connections to Redis that live as long as nothing goes wrong. Nothing is tried again: whoever needs it opens the next
 * one.
 */
export interface Session {
  /** Sends a command to where its key lies. */
  run(key: string, args: readonly string[]): Promise<unknown>;
  /** Hears channels of one shard from now on; answers when Redis said so. */
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channels: readonly string[]): Promise<void>;
  /** Asks every connection for a sign of life. */
  ping(): readonly Promise<unknown>[];
  /** Ends it at once, and fails what is not answered yet. */
  destroy(): void;
}

const CONNECT_MS = 2000;
/** No more waits than that: what comes then is refused. */
const MOST_WAITING = 200_000;

const CLIENT = {
  disableOfflineQueue: true,
  disableClientInfo: true,
  maintNotifications: 'disabled',
  commandsQueueMaxLength: MOST_WAITING,
} as const;
/**
 * Every connection is asked for a sign of life more often than that: one that says nothing for so long was given up
 * while it opened.
 */
const SILENT_MS = 5000;
const SOCKET = { reconnectStrategy: false, connectTimeout: CONNECT_MS, socketTimeout: SILENT_MS } as const;

/** Says whether Redis answered, and refused this one command. */
export const isRefused = (error: unknown): error is Error => error instanceof ErrorReply;

/** Connects; rejects when that does not work, or takes too long: one that stands still accepts connections too. */
export async function openSession(address: RedisAddress, events: SessionEvents): Promise<Session> {
  const session = address.cluster ? clusterSession(address, events) : serverSession(address, events);
  const connected = new AbortController();
  const late = pause(CONNECT_MS, undefined, { signal: connected.signal, ref: false }).then(
    () => Promise.reject(new Error('no answer')),
    () => {},
  );
  const connecting = session.connect();
  try {
    await Promise.race([connecting, late]);
    return session;
  } catch (error) {
    session.destroy();
    // What it still opens after that is closed as well.
    connecting.catch(() => {}).finally(() => session.destroy());
    throw error;
  } finally {
    connected.abort();
  }
}

type Opening = Session & { connect(): Promise<void> };

/** One server: a connection for commands, and one that listens, so that much news does not hold up answers. */
function serverSession({ urls }: RedisAddress, events: SessionEvents): Opening {
  const options = { ...CLIENT, url: urls[0] ?? '', socket: SOCKET };
  const commands = createClient(options);
  const listener = createClient(options);
  for (const client of [commands, listener]) {
    client.on('error', events.lost);
    client.on('end', () => events.lost(new Error('the connection was closed')));
  }
  const heard = (message: string, channel: string): void => events.heard(channel, message);
  return {
    connect: async () => void (await Promise.all([commands.connect(), listener.connect()])),
    run: (_key, args) => commands.sendCommand(args),
    subscribe: async (channels) => void (await listener.sSubscribe([...channels], heard)),
    // With the one who hears, so that the client knows what is on its way out: it would take a channel that is wanted again
    // meanwhile for one that it has.
    unsubscribe: async (channels) => void (await listener.sUnsubscribe([...channels], heard)),
    ping: () => [commands.ping(), listener.ping()],
    destroy() {
      for (const client of [commands, listener]) if (client.isOpen) client.destroy();
    },
  };
}

/** A cluster: the client finds where a key lies, and goes after keys and channels that move. */
function clusterSession({ urls, tls, username, password }: RedisAddress, events: SessionEvents): Opening {
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url, socket: SOCKET })),
    defaults: {
      ...CLIENT,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      socket: tls ? { ...SOCKET, tls: true } : SOCKET,
    },
  });
  for (const name of ['error', 'node-error', 'sharded-channel-moved-error'] as const) {
    cluster.on(name, (error: unknown) => events.lost(error instanceof Error ? error : new Error(`cluster: ${name}`)));
  }
  const heard = (message: string, channel: string): void => events.heard(channel, message);
  return {
    connect: async () => void (await cluster.connect()),
    run: (key, args) => cluster.sendCommand(key, false, [...args]),
    subscribe: async (channels) => void (await cluster.sSubscribe([...channels], heard)),
    unsubscribe: async (channels) => void (await cluster.sUnsubscribe([...channels], heard)),
    ping: () =>
      cluster.masters.flatMap((master) => {
        const commands = Promise.resolve(master.client).then((client) => client?.ping());
        const listener = master.pubSub;
        return listener
          ? [commands, (listener.connectPromise ?? Promise.resolve(listener.client)).then((c) => c.ping())]
          : [commands];
      }),
    destroy: () => cluster.destroy(),
  };
}
