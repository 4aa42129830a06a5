import { WebSocket } from 'ws';
import { queryString } from './http.ts';
import { at, type Fields, isFields } from './json.ts';
import { until } from './wait.ts';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface ConnectOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly token?: string;
  readonly authType?: string;
  /** The connect document as JSON text; makes `?json=`. */
  readonly json?: string;
  /** A query string to send as it is, instead of all the above. */
  readonly rawQuery?: string;
}

/** One live connection that keeps every frame from the first moment on. */
export interface Socket extends AsyncDisposable {
  readonly frames: readonly Fields[];
  /** The first frame that fits, already here or still to come. */
  frame(fits: (frame: Fields) => boolean, deadlineMs?: number): Promise<Fields>;
  /** The first frame of that type. */
  type(type: string, deadlineMs?: number): Promise<Fields>;
  /** Waits until the server has closed it. */
  closed(deadlineMs?: number): Promise<Closed>;
  isOpen(): boolean;
  send(data: string | Buffer): void;
  /** Sends bytes below the WebSocket layer, so that they can break it. */
  sendRaw(bytes: Buffer): void;
  /** Closes it like a client that is done. */
  close(): Promise<Closed>;
}

/** Opens a connection to `/connect`. It resolves as soon as the upgrade is through, before any frame. */
export async function openSocket(options: ConnectOptions): Promise<Socket> {
  const socket = new WebSocket(`${options.url.replace(/^http/, 'ws')}/connect${connectQuery(options)}`);
  const frames: Fields[] = [];
  let end: Closed | undefined;
  let failure: Error | undefined;
  socket.on('message', (data) => frames.push(parseFrame(String(data))));
  socket.on('close', (code, reason) => {
    end = { code, reason: reason.toString() };
  });
  socket.on('error', (error) => {
    failure = error;
  });
  await until(
    'the upgrade',
    () => socket.readyState,
    () => socket.readyState !== WebSocket.CONNECTING,
  );
  if (frames.length === 0 && end === undefined && failure !== undefined) throw failure;
  const frame: Socket['frame'] = async (fits, deadlineMs) => {
    await until(
      `a frame among ${JSON.stringify(frames)}`,
      () => frames.length,
      () => frames.some(fits),
      deadlineMs,
    );
    return frames.find(fits) ?? {};
  };
  const closed = async (deadlineMs?: number): Promise<Closed> => {
    await until(
      'the close',
      () => frames,
      () => end !== undefined,
      deadlineMs,
    );
    return end ?? { code: 0, reason: '' };
  };
  const close = (): Promise<Closed> => {
    socket.close(1000);
    return closed();
  };
  return {
    frames,
    frame,
    type: (type, deadlineMs) => frame((candidate) => candidate.type === type, deadlineMs),
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: (data) => socket.send(data),
    sendRaw: (bytes) => void Reflect.get(socket, '_socket').write(bytes),
    close,
    async [Symbol.asyncDispose]() {
      if (end !== undefined) return;
      socket.terminate();
      await closed();
    },
  };
}

function connectQuery({ apiKey, token, authType, json, rawQuery }: ConnectOptions): string {
  if (rawQuery !== undefined) return `?${rawQuery}`;
  const query: Record<string, string> = {};
  if (apiKey !== undefined) query.api_key = apiKey;
  if (token !== undefined) query.authorization = token;
  query['stream-auth-type'] = authType ?? 'jwt';
  if (json !== undefined) query.json = json;
  return queryString(query);
}

function parseFrame(text: string): Fields {
  const value: unknown = JSON.parse(text);
  if (isFields(value)) return value;
  throw new Error(`not a frame: ${at({ text }, 'text')}`);
}
