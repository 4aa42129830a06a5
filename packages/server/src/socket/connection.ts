import type { App } from '@rollcall/domain/app';
import { hasExpired } from '@rollcall/domain/token';
import type { Instant } from '@rollcall/domain/user';
import type { CloseReason } from '@rollcall/protocol/close';
import { CLOSE } from '@rollcall/protocol/close';
import { writeHealthCheck } from '@rollcall/protocol/frame';
import { LIMITS } from '@rollcall/protocol/limits';
import type { WebSocket } from 'ws';

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
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/** One live socket, on this node. It has no timer of its own: the hub's sweep looks at all of them. */
export class Connection {
  readonly id: string;
  readonly app: App;
  readonly userId: string;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** As of the last news about the user; undefined before there was any. */
  invisible: boolean | undefined;
  /** Its lease has begun, and must be ended. */
  leased = false;
  /** Why this node closed it. */
  leaving: CloseReason | undefined;
  /** What came before the hello, which is always first. */
  #early: string[] | undefined = [];
  #socket: WebSocket;
  #lastHeard: Instant;
  #nextBeat: Instant;
  #nextRenewal: Instant;

  constructor(socket: WebSocket, details: ConnectionDetails, now: Instant, times: SocketTimes) {
    this.id = details.id;
    this.app = details.app;
    this.userId = details.userId;
    this.issuedAt = details.issuedAt;
    this.expiresAt = details.expiresAt;
    this.#socket = socket;
    this.#lastHeard = now;
    this.#nextBeat = now + times.heartbeatMs;
    this.#nextRenewal = now + times.renewMs;
  }

  /** Anything well-formed counts as life. */
  heard(now: Instant): void {
    this.#lastHeard = now;
  }

  get greeted(): boolean {
    return this.#early === undefined;
  }

  /** Says hello, the first frame, and then what has come meanwhile: the hello tells how things stood before. */
  greet(hello: string): void {
    this.#write(hello);
    for (const text of this.#early ?? []) this.#write(text);
    this.#early = undefined;
  }

  /** Sends a frame. A reader who leaves more than 1 MiB unread is let go. */
  send(text: string): void {
    if (this.#early) this.#early.push(text);
    else this.#write(text);
  }

  /** Sends the last frame and closes. */
  end(text: string, reason: CloseReason): void {
    this.#write(text);
    this.close(reason);
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #write(text: string): void {
    if (!this.open) return;
    if (this.#socket.bufferedAmount > LIMITS.unreadBytes) this.close(CLOSE.slow);
    else this.#socket.send(text);
  }

  /** Says goodbye. A peer that does not answer is cut off by the socket's own time limit. */
  close(why: CloseReason): void {
    this.leaving ??= why;
    this.#socket.close(why.code, why.reason);
  }

  /** Cuts the socket off, without a goodbye. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Looks at the clock: says what is due, and beats by itself. */
  check(now: Instant, times: SocketTimes): 'expired' | 'idle' | 'renew' | undefined {
    if (hasExpired(this, now)) return 'expired';
    if (now - this.#lastHeard >= times.idleMs) return 'idle';
    if (now >= this.#nextBeat) {
      this.#nextBeat = now + times.heartbeatMs;
      this.send(writeHealthCheck(this.id, now));
      if (this.open) this.#socket.ping();
    }
    if (now < this.#nextRenewal) return undefined;
    this.#nextRenewal = now + times.renewMs;
    return 'renew';
  }
}
