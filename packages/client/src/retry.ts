import { type Chance, jitter } from './backoff.ts';
import { RollcallError } from './error.ts';
import { pause } from './wait.ts';

/** How to be patient. */
export interface Patience {
  readonly signal: AbortSignal;
  readonly chance: Chance;
  /** How many tries in all. */
  readonly tries?: number;
}

/** No server is believed that asks for a longer pause, in milliseconds. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Codes under which nothing is wrong with what was asked: internal error or away (-1), rate limit (9), timeout (23). */
const PASSING_CODES: readonly number[] = [-1, 9, 23];

/** Whether the same call may well succeed a little later. */
export function mayPass(error: unknown): error is RollcallError {
  if (!(error instanceof RollcallError)) return false;
  if (error.code !== 0) return PASSING_CODES.includes(error.code);
  return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500;
}

/** How long to wait before the next try, after so many (0, 1, 2, …): what the server asks for, and a random pause that grows. */
export function pauseAfterFailure(error: RollcallError, attempt: number, chance: Chance): number {
  return Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS) + jitter(attempt, chance);
}

/**
 * Makes a call that may safely be made twice, again and again while its failures may pass: 8 times unless told otherwise,
 * over about half a minute, longer where the server says `Retry-After`. Rejects with the last failure, or the signal's reason.
 */
export async function patiently<Answer>(call: () => Promise<Answer>, patience: Patience): Promise<Answer> {
  const { signal, chance, tries = 8 } = patience;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error) || attempt + 1 >= tries) throw error;
      await pause(pauseAfterFailure(error, attempt, chance), signal);
    }
  }
}
