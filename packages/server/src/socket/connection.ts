import type { Duplex } from 'node:stream';
import type { App } from '@rollcall/domain/app';
import type { Hiding } from '@rollcall/domain/presence';
import { hasExpired } from '@rollcall/domain/token';
import { BLANK, type Instant, type User } from '@rollcall/domain/user';
import type { CloseReason } from '@rollcall/protocol/close';
import { CLOSE } from '@rollcall/protocol/close';
import { writeHealthCheck } from '@rollcall/protocol/frame';
import { LIMITS } from '@rollcall/protocol/limits';
import type { WebSocket } from 'ws';
import type { Encoded } from './encoded.ts';
import type { Recipient } from './outbox.ts';
import type { Watched, Watcher } from './watches.ts';

/** When a socket is greeted, believed dead, and its lease renewed. In milliseconds. */
export interface SocketTimes {
  readonly heartbeatMs: number;
  readonly idleMs: number;
  readonly renewMs: number;
}

/** What is known of a connection when it is made. */
export interface ConnectionDetails {
  readonly id: string;
  readonly app: App;
  readonly userId: string;
  readonly device: string;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/** The two ends of one socket on this node. */
export interface Wires {
  readonly socket: WebSocket;
  /** What lies under it: frames that are ready go there as they are. Undefined where `ws` must see each, to compress it. */
  readonly raw: Duplex | undefined;
}

/** How much is written in one go before it is seen whether the reader keeps up. */
const GO_BYTES = 128 * 1024;
/** How long a peer has to answer a goodbye. */
const GOODBYE_MS = 10_000;
const NOT_KNOWN: Hiding = { invisible: false, asOf: -1 };

/** One live socket, on this node. It has no timer of its own: the hub's sweep looks at all of them. */
export class Connection implements Recipient, Watcher<Connection> {
  readonly id: string;
  readonly app: App;
  readonly userId: string;
  readonly device: string;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
  readonly connectedAt: Instant;
  /** Whether its user hides, and what teams it has, by the latest news. */
  hiding = NOT_KNOWN;
  teams: readonly string[] = BLANK.teams;
  /** It was let in, and shows its user. */
  entered = false;
  /** Whom it watches. */
  watched: Set<Watched<Connection>> | undefined;
  /** Why this node closed it. */
  leaving: CloseReason | undefined;
  readonly #wires: Wires;
  #greeted = false;
  /** What is to be sent next. Before the hello, which is always first, it waits. */
  #queue: Encoded[] | undefined;
  #lastHeard: Instant;
  #nextBeat: Instant;
  #nextRenewal: Instant;
  #leftAt: Instant | undefined;

  constructor(wires: Wires, details: ConnectionDetails, now: Instant, times: SocketTimes) {
    this.id = details.id;
    this.app = details.app;
    this.userId = details.userId;
    this.device = details.device;
    this.issuedAt = details.issuedAt;
    this.expiresAt = details.expiresAt;
    this.connectedAt = now;
    this.#wires = wires;
    this.#lastHeard = now;
    this.#nextBeat = now + times.heartbeatMs;
    this.#nextRenewal = now + times.renewMs;
  }

  /** Anything well-formed counts as life. */
  heard(now: Instant): void {
    this.#lastHeard = now;
  }

  /** When it last gave a sign of life. */
  get lastHeard(): Instant {
    return this.#lastHeard;
  }

  /** Its user is now as given, unless something newer is known. */
  learn(user: User): void {
    if (user.updatedAt < this.hiding.asOf) return;
    this.hiding = { invisible: user.invisible, asOf: user.updatedAt };
    this.teams = user.teams.length === 0 ? BLANK.teams : user.teams;
  }

  get open(): boolean {
    const { socket } = this.#wires;
    return socket.readyState === socket.OPEN;
  }

  /** Says hello, the first frame, and then what has come meanwhile: the hello tells how things stood before. */
  greet(hello: string): void {
    if (this.open) this.#wires.socket.send(hello);
    this.#greeted = true;
    this.flush();
  }

  queue(news: Encoded): boolean {
    if (!this.open) return false;
    if (this.#queue) this.#queue.push(news);
    else {
      this.#queue = [news];
      return true;
    }
    return false;
  }

  flush(): number {
    const queue = this.#queue;
    if (!queue || !this.#greeted) return 0;
    this.#queue = undefined;
    if (this.open) this.#write(queue);
    return queue.length;
  }

  /** Writes frames, as many as can be at once. A reader who leaves more than 1 MiB unread is let go. */
  #write(queue: readonly Encoded[]): void {
    const { socket, raw } = this.#wires;
    const [only] = queue;
    if (raw && only && queue.length === 1 && raw.writableLength === 0) {
      raw.write(only.frame);
      return;
    }
    raw?.cork();
    let bytes = 0;
    for (const news of queue) {
      if (bytes > GO_BYTES) {
        raw?.uncork();
        raw?.cork();
        bytes = 0;
      }
      if (bytes === 0 && socket.bufferedAmount > LIMITS.unreadBytes) {
        this.close(CLOSE.slow);
        break;
      }
      bytes += news.frame.length;
      if (raw) raw.write(news.frame);
      else socket.send(news.text);
    }
    raw?.uncork();
  }

  /** Sends the last frame and closes. */
  end(text: string, reason: CloseReason): void {
    this.flush();
    if (this.open) this.#wires.socket.send(text);
    this.close(reason);
  }

  /** Says goodbye. A peer that does not answer is cut off by the sweep. */
  close(why: CloseReason): void {
    if (why !== CLOSE.slow) this.flush();
    this.leaving ??= why;
    this.#wires.socket.close(why.code, why.reason);
  }

  /** Cuts the socket off, without a goodbye. */
  terminate(): void {
    this.#wires.socket.terminate();
  }

  /** Looks at the clock: says what is due, and beats by itself. */
  check(now: Instant, times: SocketTimes): 'expired' | 'idle' | 'renew' | undefined {
    if (this.leaving) {
      this.#leftAt ??= now;
      if (now - this.#leftAt >= GOODBYE_MS) this.terminate();
      return undefined;
    }
    if (hasExpired(this, now)) return 'expired';
    if (now - this.#lastHeard >= times.idleMs) return 'idle';
    if (now >= this.#nextBeat) {
      this.#nextBeat = now + times.heartbeatMs;
      this.#beat(now);
    }
    if (now < this.#nextRenewal) return undefined;
    this.#nextRenewal = now + times.renewMs;
    return 'renew';
  }

  #beat(now: Instant): void {
    const { socket, raw } = this.#wires;
    if (!this.#greeted || !this.open) return;
    if (socket.bufferedAmount > LIMITS.unreadBytes) {
      this.close(CLOSE.slow);
      return;
    }
    raw?.cork();
    socket.send(writeHealthCheck(this.id, now));
    socket.ping();
    raw?.uncork();
  }
}
