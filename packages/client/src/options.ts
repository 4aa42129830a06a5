import type { Chance } from './backoff.ts';
import { noAnswer } from './error.ts';
import type { FetchLike } from './request.ts';
import type { SocketClass } from './socket.ts';

/** What a client may be told. Only the address is needed. */
export interface RollcallOptions {
  /** The address of the server: `https://chat.example.com`. */
  readonly url: string;
  /** The class to open sockets with, where the runtime has none: Node 20 needs `import { WebSocket } from 'ws'`. */
  readonly WebSocket?: SocketClass;
  /** What to make calls with; the global `fetch` unless given. */
  readonly fetch?: FetchLike;
  /** How long a call, a token provider and a hello may each take: 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How long `connectUser` keeps trying before it rejects: 15,000 ms. */
  readonly connectTimeoutMs?: number;
  /** How often to show the server a sign of life: every 25,000 ms. */
  readonly heartbeatMs?: number;
  /** After how long without a frame the connection counts as dead: 35,000 ms; the server speaks every 25,000. */
  readonly silenceMs?: number;
  /** Draws the pauses between attempts, a number from 0 to 1; `Math.random` unless a test says otherwise. */
  readonly chance?: Chance;
}

/** The class to open sockets with. Throws when the runtime has none and none was given. */
export function socketClassOf(options: RollcallOptions): SocketClass {
  const found = options.WebSocket ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
  if (found) return found;
  throw noAnswer(
    'This runtime has no WebSocket (Node has one from version 22 on). Install the ws package and pass its class: ' +
      "import { WebSocket } from 'ws'; new Rollcall(key, { url, WebSocket })",
  );
}
