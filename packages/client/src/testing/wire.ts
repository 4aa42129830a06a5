import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at whatever was sent
  readonly body: any;
}

/** What to answer; `undefined` cuts the line. */
export type Answer =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> }
  | undefined;

/** How the other end of the wire behaves. */
export interface Behaviour {
  readonly rest?: (request: Received) => Answer | Promise<Answer>;
  /** Called when a socket was upgraded; `nth` counts from 0. */
  readonly socket?: (
    socket: WebSocket,
    json: { user_id: string; user_details: Record<string, unknown> },
    nth: number,
  ) => void;
}

/** The other end of the wire: a real server that keeps what it received, and behaves as a test wants. */
export class Wire {
  readonly requests: Received[] = [];
  readonly connects: { readonly token: string; readonly details: Record<string, unknown> }[] = [];
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #lines = new Set<Socket>();

  constructor(behaviour: Behaviour) {
    this.#http = createServer((incoming, outgoing) => {
      void this.#receive(incoming).then(async (request) => {
        const answer = await behaviour.rest?.(request);
        if (!answer) return outgoing.destroy();
        outgoing.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
        return outgoing.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
      });
    });
    this.#http.on('connection', (line) => {
      this.#lines.add(line);
      line.on('close', () => this.#lines.delete(line));
    });
    this.#http.on('upgrade', (request, line, head) => {
      const query = new URL(request.url ?? '', 'http://wire').searchParams;
      const json = JSON.parse(query.get('json') ?? '{}');
      const nth = this.connects.push({ token: query.get('authorization') ?? '', details: json.user_details }) - 1;
      if (!behaviour.socket) return; // never answered
      this.#sockets.handleUpgrade(request, line, head, (socket) => behaviour.socket?.(socket, json, nth));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get sockets(): ReadonlySet<WebSocket> {
    return this.#sockets.clients;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** Cuts every line without a goodbye, as a network does. */
  cut(): void {
    for (const line of this.#lines) line.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #receive(incoming: IncomingMessage): Promise<Received> {
    const url = new URL(incoming.url ?? '', 'http://wire');
    const text = await new Response(incoming as unknown as ReadableStream).text();
    const body = text === '' ? undefined : JSON.parse(text);
    const { method = '', headers } = incoming;
    const request = { method, path: url.pathname, query: url.searchParams, headers, body };
    this.requests.push(request);
    return request;
  }
}

/** Starts the other end, for the length of a test. */
export async function startWire(t: { after(work: () => Promise<void>): void }, behaviour: Behaviour): Promise<Wire> {
  const wire = await new Wire(behaviour).listen();
  t.after(() => wire.close());
  return wire;
}

/** A good hello. */
export function hello(socket: WebSocket, user: { readonly id?: unknown; readonly [key: string]: unknown }): void {
  const me = { role: 'user', updated_at: '2030-01-01T00:00:00.000Z', devices: [], unread_count: 0, ...user };
  send(socket, { type: 'health.check', connection_id: `to-${user.id}`, cid: '*', created_at: NOW, me });
}

/** A refused connect: the error frame, then the close. */
export function refuse(socket: WebSocket, close: number, code: number, message = 'no'): void {
  const error = { code, StatusCode: 400, message, duration: '0ms', more_info: '', details: [] };
  send(socket, { type: 'connection.error', connection_id: '', created_at: NOW, error });
  socket.close(close);
}

/** Puts a frame on a socket. */
export function send(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame));
}

/** An error object as an answer. */
export function fault(status: number, code: number, message: string, fields: Record<string, string> = {}): Answer {
  const body = {
    code,
    StatusCode: status,
    message,
    exception_fields: fields,
    duration: '0ms',
    more_info: '',
    details: [],
  };
  return { status, body };
}

/** Waits until something holds, for at most two seconds. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const NOW = '2030-01-01T00:00:00.000Z';
