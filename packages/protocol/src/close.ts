import type { RefusalName } from '@rollcall/domain/error';

/** When a client whose socket was closed should come back: at once, after a pause that grows, with a new token, or not at all. */
export type Reconnect = 'soon' | 'back_off' | 'new_token' | 'never';

/** Why a socket was closed, and what the client does next. The client reads `reconnect`; it never guesses from a code. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
  readonly reconnect: Reconnect;
  /** The first pause before coming back, in milliseconds; a client draws at random below it. */
  readonly pauseMs: number;
}

/** Every reason for which the server closes a socket (wire.md, section 5). */
export const CLOSE = {
  done: { code: 1000, reason: 'done', reconnect: 'never', pauseMs: 0 },
  shutdown: { code: 1012, reason: 'restarting', reconnect: 'soon', pauseMs: 10_000 },
  unavailable: { code: 1013, reason: 'database away', reconnect: 'back_off', pauseMs: 5_000 },
  idle: { code: 4001, reason: 'idle', reconnect: 'soon', pauseMs: 500 },
  slow: { code: 4002, reason: 'too slow', reconnect: 'soon', pauseMs: 500 },
  bad_input: { code: 4400, reason: 'bad input', reconnect: 'never', pauseMs: 0 },
  authentication: { code: 4401, reason: 'authentication', reconnect: 'new_token', pauseMs: 0 },
  not_allowed: { code: 4403, reason: 'not allowed', reconnect: 'never', pauseMs: 0 },
  gone: { code: 4404, reason: 'gone', reconnect: 'never', pauseMs: 0 },
  too_many: { code: 4429, reason: 'too many', reconnect: 'back_off', pauseMs: 5_000 },
} as const satisfies Readonly<Record<string, CloseReason>>;

/** The name of a close reason. */
export type CloseName = keyof typeof CLOSE;

/** What a code that is not in the table means: the network went away, so come back. */
export const CLOSE_UNKNOWN: CloseReason = { code: 1006, reason: 'connection lost', reconnect: 'soon', pauseMs: 500 };

/** The reason behind a close code. */
export function closeReasonOf(code: number): CloseReason {
  return Object.values(CLOSE).find((known) => known.code === code) ?? CLOSE_UNKNOWN;
}

const CLOSE_FOR: Readonly<Record<RefusalName, CloseName>> = {
  input_error: 'bad_input',
  payload_too_big: 'bad_input',
  duplicate_username: 'bad_input',
  access_key_error: 'not_allowed',
  not_allowed: 'not_allowed',
  app_suspended: 'not_allowed',
  not_found: 'gone',
  rate_limited: 'too_many',
  unavailable: 'unavailable',
  internal_error: 'unavailable',
  request_timeout: 'unavailable',
  header_too_large: 'bad_input',
  path_not_found: 'bad_input',
  not_served: 'bad_input',
  authentication_error: 'authentication',
  token_expired: 'authentication',
  token_not_valid_yet: 'authentication',
  token_used_before_issued: 'authentication',
  token_signature_invalid: 'authentication',
};

/** The close that follows a refused connect. */
export function closeFor(refusal: RefusalName): CloseReason {
  return CLOSE[CLOSE_FOR[refusal]];
}
