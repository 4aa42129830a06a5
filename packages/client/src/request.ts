import { inputError, isRecord, noAnswer, parseError, RollcallError } from './error.ts';
import { VERSION } from './version.ts';

/** As much of `fetch` as is needed; the global one fits, and so do its replacements. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/** One call of the API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Where calls go. */
export interface Endpoint {
  readonly key: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly fetch: FetchLike;
  readonly timeoutMs: number;
}

/** Checks the server's address and returns it without a slash at the end. Throws when it is not an http(s) URL. */
export function parseUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw inputError('the url must be the address of a Rollcall server, such as http://127.0.0.1:8800');
  }
  return url.replace(/\/+$/, '');
}

/** Checks key and address, and fills in what was not chosen. */
export function openEndpoint(
  key: string,
  options: { url: string; fetch?: FetchLike; requestTimeoutMs?: number },
): Endpoint {
  if (typeof key !== 'string' || key === '') throw inputError('the API key is missing');
  return {
    key,
    url: parseUrl(options.url),
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutMs: options.requestTimeoutMs ?? 10_000,
  };
}

/** A query string. Percent-encoded throughout: `+` would not be read as a space. */
export function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}

/**
 * Makes one call and returns its answer, trusted to have the shape of the contract.
 * Rejects with a `RollcallError`: the server's own, or one with code 0 when no answer of Rollcall could be read in time.
 */
export async function request<Answer>(endpoint: Endpoint, call: Call, token: string): Promise<Answer> {
  const abort = new AbortController();
  const told = `${call.method} ${call.path}`;
  const late = noAnswer(`${told} got no answer within ${endpoint.timeoutMs} ms`);
  const timer = setTimeout(() => abort.abort(late), endpoint.timeoutMs);
  const cancel = (): void => abort.abort(noAnswer(`${told} was cancelled`, call.signal?.reason));
  call.signal?.addEventListener('abort', cancel);
  if (call.signal?.aborted) cancel();
  try {
    return (await exchange(endpoint, call, token, abort.signal)) as Answer;
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    if (abort.signal.aborted) throw abort.signal.reason;
    throw noAnswer(`${told} got no answer: ${reasonOf(error)}`, error);
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', cancel);
  }
}

async function exchange(endpoint: Endpoint, call: Call, token: string, signal: AbortSignal): Promise<unknown> {
  const headers: Record<string, string> = {
    authorization: token,
    'stream-auth-type': 'jwt',
    'x-stream-client': `rollcall-client-${VERSION}`,
  };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  const body = call.body === undefined ? {} : { body: toJson(call.body) };
  const url = `${endpoint.url}${call.path}?${queryOf({ api_key: endpoint.key, ...call.query })}`;
  const { fetch } = endpoint;
  const response = await fetch(url, { method: call.method, headers, signal, ...body });
  const answer = parseJson(await response.text());
  if (response.status >= 200 && response.status < 300 && isRecord(answer)) return answer;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
  const refused = parseError(answer, response.status, retryAfterMs);
  if (refused) throw refused;
  const message = `${call.method} ${call.path} was answered ${response.status}, but not by Rollcall; is the url right?`;
  throw new RollcallError(message, { code: 0, status: response.status, retryAfterMs });
}

/** A value as JSON. Throws when it has no such form. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw inputError(`this cannot be sent as JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** JSON as a value; undefined when it is broken. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseRetryAfter(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}

/** `fetch failed` says nothing; the reason lies one level below. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
