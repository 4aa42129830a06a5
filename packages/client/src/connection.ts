import { CLOSE, CLOSE_UNKNOWN, type CloseReason, closeReasonOf } from '@rollcall/protocol/close';
import { type Chance, pauseAfter } from './backoff.ts';
import { noAnswer, type RollcallError, rollcallErrorOf } from './error.ts';
import { type Frame, LiveSocket, type SocketParts } from './socket.ts';
import type { TokenSource } from './token.ts';
import type { ConnectionState } from './types.ts';
import { pause } from './wait.ts';

/** What one user's connection needs. */
export interface ConnectionParts {
  readonly tokens: TokenSource;
  /** The address to connect to; `first` until a hello came, then only the id is told. */
  readonly urlFor: (token: string, first: boolean) => string;
  readonly socket: Omit<SocketParts, 'url' | 'onHello'>;
  readonly connectTimeoutMs: number;
  readonly chance: Chance;
  readonly onHello: (frame: Frame) => void;
  readonly onState: (state: ConnectionState) => void;
}

/** How one attempt ended, and what that means. */
interface Attempt {
  readonly reason: CloseReason;
  readonly error: RollcallError;
  readonly greeted: boolean;
  readonly token?: string;
}

/** The connection of one user: one socket after another, until it is closed or there is no use in going on. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #startedAt = Date.now();
  #live: LiveSocket | undefined;
  #nap: AbortController | undefined;
  #wakeable = false;
  #over = false;
  #greeted = false;
  #opened: (hello: Frame) => void = () => {};
  #refused: (error: RollcallError) => void = () => {};
  #opening: Promise<Frame> | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Resolves with the first hello. Rejects when there is no use in trying on, or after about `connectTimeoutMs`. */
  open(): Promise<Frame> {
    this.#opening = new Promise((resolve, reject) => {
      this.#opened = resolve;
      this.#refused = reject;
    });
    globalThis.addEventListener?.('online', this.#wake);
    this.#tell({ status: 'connecting' });
    this.#run().catch((error) => this.#stop(rollcallErrorOf(error, 'could not connect')));
    return this.#opening;
  }

  /** Ends it, at whatever point it is. An `open` that has not resolved rejects, without being reported as unhandled. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#opening?.catch(() => {});
    this.#stop();
    await this.#live?.close();
  }

  /** Puts a frame on the socket there is; without one it is lost. */
  send(frame: Frame): void {
    this.#live?.send(frame);
  }

  async #run(): Promise<void> {
    const { tokens, chance } = this.#parts;
    let attempt = 0;
    let refusedToken: string | undefined;
    while (!this.#over) {
      const end = await this.#attempt(refusedToken);
      if (this.#over) return;
      if (end.greeted) {
        attempt = 0;
        refusedToken = undefined;
      }
      const tried = { attempt, renewed: refusedToken !== undefined, renewable: tokens.renewable };
      const pauseMs = pauseAfter(end.reason, tried, chance);
      if (pauseMs === undefined || this.#tooLate(pauseMs)) return this.#stop(end.error);
      // An attempt that ended otherwise ends the refusal; one without a token, for want of a provider, tried nothing.
      if (end.token !== undefined) refusedToken = end.reason.reconnect === 'new_token' ? end.token : undefined;
      attempt += 1;
      const status = this.#greeted ? 'reconnecting' : 'connecting';
      this.#tell({ status, error: end.error, retryInMs: pauseMs });
      await this.#rest(pauseMs, end.reason.reconnect !== 'back_off');
    }
  }

  async #attempt(refusedToken: string | undefined): Promise<Attempt> {
    const { tokens, urlFor, socket } = this.#parts;
    let token: string;
    try {
      token = refusedToken === undefined ? await tokens.read() : await tokens.renew(refusedToken);
    } catch (thrown) {
      const error = rollcallErrorOf(thrown, 'no token');
      return { reason: this.#greeted ? CLOSE_UNKNOWN : CLOSE.done, error, greeted: false };
    }
    if (this.#over) return { reason: CLOSE.done, error: cancelled(), greeted: false };
    const url = urlFor(token, !this.#greeted);
    this.#live = new LiveSocket({ ...socket, url, onHello: (hello) => this.#hear(hello) });
    const { code, error, greeted } = await this.#live.ended;
    return { reason: error.code === 40 ? CLOSE.authentication : closeReasonOf(code), error, greeted, token };
  }

  #hear(hello: Frame): void {
    this.#greeted = true;
    this.#parts.onHello(hello);
    this.#tell({ status: 'connected', connectionId: String(hello.connection_id) });
    this.#opened(hello);
  }

  /** The first connection is worth only so much waiting; one that was lost is worth any. */
  #tooLate(pauseMs: number): boolean {
    return !this.#greeted && Date.now() + pauseMs - this.#startedAt > this.#parts.connectTimeoutMs;
  }

  async #rest(ms: number, wakeable: boolean): Promise<void> {
    this.#nap = new AbortController();
    this.#wakeable = wakeable;
    await pause(ms, this.#nap.signal);
    this.#nap = undefined;
  }

  /** The network is back: no need to wait, unless the server asked for it. */
  readonly #wake = (): void => {
    if (this.#wakeable) this.#nap?.abort();
  };

  #stop(error?: RollcallError): void {
    if (this.#over) return;
    this.#over = true;
    globalThis.removeEventListener?.('online', this.#wake);
    this.#parts.tokens.close();
    this.#nap?.abort();
    this.#refused(error ?? cancelled());
    this.#tell({ status: 'disconnected', ...(error && { error }) });
  }

  #tell(state: ConnectionState): void {
    this.#parts.onState(Object.freeze(state));
  }
}

const cancelled = (): RollcallError => noAnswer('disconnectUser was called before the connection was made');
