import { isRecord, noAnswer, parseError, type RollcallError } from './error.ts';
import { parseJson } from './request.ts';
import { pause } from './wait.ts';

/** As much of a WebSocket as is needed; the global one fits, and so does that of the `ws` package. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number): void;
  terminate?(): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

/** What makes sockets. */
export type SocketClass = new (url: string) => SocketLike;

/** One frame, before anybody knows what it says. */
export interface Frame {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** How a socket ended. */
export interface SocketEnd {
  readonly code: number;
  /** The good hello had come. */
  readonly greeted: boolean;
  readonly error: RollcallError;
}

/** What one socket needs. */
export interface SocketParts {
  readonly WebSocket: SocketClass;
  readonly url: string;
  /** How long to wait for the first frame. */
  readonly helloMs: number;
  /** How often to show signs of life. */
  readonly heartbeatMs: number;
  /** After how long without a frame the socket counts as dead. */
  readonly silenceMs: number;
  readonly onHello: (frame: Frame) => void;
  readonly onFrame: (frame: Frame) => void;
}

/** How long a goodbye may take. */
const GOODBYE_MS = 1_000;
const LOST = 1006;

/** One socket, from its opening to its end. Once over, it tells nothing more and holds no timer. */
export class LiveSocket {
  /** Settles as soon as the socket is of no more use, even if it is not closed yet. Never rejects. */
  readonly ended: Promise<SocketEnd>;
  readonly #parts: SocketParts;
  readonly #socket: SocketLike;
  readonly #gone: Promise<void>;
  #settle: (end: SocketEnd) => void = () => {};
  #over = false;
  #greeted = false;
  #seenAt = Date.now();
  #error: RollcallError | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#socket = new parts.WebSocket(parts.url);
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#gone = new Promise((resolve) => {
      this.#socket.addEventListener('close', (event) => {
        this.#end(event.code);
        resolve();
      });
    });
    this.#socket.addEventListener('message', (event) => this.#receive(event.data));
    this.#socket.addEventListener('error', () => {}); // a close follows, and tells
    this.#watch();
  }

  /** Puts a frame on the socket. What is said before the hello or after the end is not sent. */
  send(frame: Frame): void {
    if (this.#greeted && !this.#over) this.#socket.send(JSON.stringify(frame));
  }

  /** Says goodbye. Resolves when the socket is gone, at the latest after a second. */
  async close(): Promise<void> {
    this.#end(1000);
    await this.#discard();
  }

  #receive(data: unknown): void {
    if (this.#over) return;
    this.#seenAt = Date.now();
    const frame = typeof data === 'string' ? parseJson(data) : undefined;
    if (!isFrame(frame)) return;
    if (frame.type === 'connection.error') this.#error = parseError(frame.error);
    if (frame.type === 'health.check' && !this.#greeted) this.#greet(frame);
    if (!this.#over) this.#parts.onFrame(frame);
  }

  #greet(frame: Frame): void {
    this.#greeted = true;
    this.#heartbeat = setInterval(() => this.#socket.send('[{"type":"health.check"}]'), this.#parts.heartbeatMs);
    this.#watch();
    this.#parts.onHello(frame);
  }

  /** Waits for silence: until the hello, and between frames ever after. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    const limitMs = this.#greeted ? this.#parts.silenceMs : this.#parts.helloMs;
    const leftMs = this.#seenAt + limitMs - Date.now();
    if (leftMs > 0) {
      this.#watchdog = setTimeout(() => this.#watch(), leftMs);
      return;
    }
    this.#error ??= noAnswer(`the server was silent for ${limitMs} ms`);
    this.#end(LOST);
    void this.#discard();
  }

  #end(code: number): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#watchdog);
    const what = this.#greeted ? 'the connection was lost' : 'the server could not be reached';
    const error = this.#error ?? noAnswer(`${what} (close code ${code})`);
    this.#settle({ code, greeted: this.#greeted, error });
  }

  async #discard(): Promise<void> {
    this.#socket.close(1000);
    const gone = new AbortController();
    void this.#gone.then(() => gone.abort());
    await pause(GOODBYE_MS, gone.signal);
    if (!gone.signal.aborted) this.#socket.terminate?.();
  }
}

const isFrame = (value: unknown): value is Frame => isRecord(value) && typeof value.type === 'string';
