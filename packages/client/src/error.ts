/** What is known about a failure. */
export interface RollcallErrorParts {
  readonly code: number;
  readonly status?: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one way in which Rollcall's client fails.
 *
 * `code` is the public code of the server's answer (4 input, 6 duplicate username, 9 rate limit, 16 not found, 17 not allowed,
 * 40 token expired or revoked, …), or 0 when there was none to read: network, timeout, cancelled, or something
 * that is not Rollcall answered.
 */
export class RollcallError extends Error {
  override readonly name = 'RollcallError';
  readonly code: number;
  /** The HTTP status; 0 when no answer came, and for what was refused before it was sent. */
  readonly status: number;
  /** Every fault by its place: `users[bob].name` → what is wrong with it. */
  readonly fields: Readonly<Record<string, string>>;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, parts: RollcallErrorParts) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.status = parts.status ?? 0;
    this.fields = parts.fields ?? {};
    this.retryAfterMs = parts.retryAfterMs;
  }
}

/** No answer came. */
export const noAnswer = (message: string, cause?: unknown): RollcallError =>
  new RollcallError(message, { code: 0, cause });

/** The caller's mistake, seen before anything was sent. */
export const inputError = (message: string): RollcallError => new RollcallError(message, { code: 4 });

/** Whatever was thrown, as an error of ours. */
export function rollcallErrorOf(thrown: unknown, message: string): RollcallError {
  if (thrown instanceof RollcallError) return thrown;
  return noAnswer(`${message}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
}

/** Reads the error object of an answer or of a `connection.error` frame; undefined when it is not one. */
export function parseError(value: unknown, status?: number, retryAfterMs?: number): RollcallError | undefined {
  if (!isRecord(value) || typeof value.code !== 'number') return undefined;
  const own = typeof value.StatusCode === 'number' ? value.StatusCode : 0;
  const message = typeof value.message === 'string' ? value.message : `code ${value.code}`;
  const fields = isRecord(value.exception_fields) ? value.exception_fields : {};
  const named = Object.fromEntries(Object.entries(fields).map(([key, told]) => [key, String(told)]));
  return new RollcallError(message, { code: value.code, status: status ?? own, fields: named, retryAfterMs });
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
