import { type ClientRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fields, isFields } from './json.ts';
import { within } from './wait.ts';

export interface Call {
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly query?: { readonly [key: string]: string };
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** How long the answer may take, in milliseconds. */
  readonly deadlineMs?: number;
  /** Send the body in chunks, without a length. */
  readonly chunked?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The answer as a JSON object; empty when it is none. */
  readonly body: Fields;
}

/** Makes one HTTP call. It uses node:http, because fetch cannot say everything that a caller may say. */
export function call(what: Call): Promise<Reply> {
  return within(`${what.method} ${what.path}`, exchange(what), what.deadlineMs ?? 15_000);
}

/** The query string of a call, each part encoded, a space as %20. */
export function queryString(query: { readonly [key: string]: string } = {}): string {
  const parts = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** Writes bytes to a bare socket and returns all that comes back until the other side closes. */
export function rawExchange(url: string, bytes: string, deadlineMs = 10_000): Promise<string> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => resolve(text));
  socket.on('close', () => resolve(text));
  return within(`a bare exchange (read so far: ${text})`, promise, deadlineMs).finally(() => socket.destroy());
}

/** Reads the status line and the JSON body of an answer taken from a bare socket. */
export function parseRaw(text: string): { readonly status: number; readonly body: Fields } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const json = /\{.*\}/s.exec(rest.join('\r\n\r\n'))?.[0] ?? '';
  return { status: Number(head.split(' ')[1]), body: parseFields(json) };
}

function exchange({ url, method, path, query, headers, body, chunked }: Call): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const request = url.startsWith('https:') ? overHttps : overHttp;
  const length = body === undefined || chunked === true ? {} : { 'content-length': Buffer.byteLength(body) };
  const outgoing = request(`${url}${path}${queryString(query)}`, { method, headers: { ...length, ...headers } });
  let answered = false;
  outgoing.on('error', (error) => {
    if (!answered) reject(error);
  });
  outgoing.on('response', (incoming) => {
    answered = true;
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk) => {
      text += chunk;
    });
    incoming.on('error', reject);
    incoming.on('end', () =>
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parseFields(text) }),
    );
  });
  void write(outgoing, chunked === true ? halves(body ?? '') : [body ?? ''], () => answered);
  return promise;
}

/**
 * Writes the body. A giant one stops after its first part and looks whether the answer is there already, as careful
 * clients do: who writes on into a closed connection may lose the answer.
 */
async function write(request: ClientRequest, parts: readonly string[], answered: () => boolean): Promise<void> {
  for (const part of parts) {
    if (part.length > GIANT) {
      request.write(part.slice(0, FIRST_PART));
      await pause(100);
      if (!answered()) request.write(part.slice(FIRST_PART));
    } else if (part !== '') request.write(part);
  }
  if (!answered()) request.end();
}

const GIANT = 1024 * 1024;
const FIRST_PART = 16 * 1024;

function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((part) => part !== '');
}

function parseFields(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}
