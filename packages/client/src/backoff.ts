import type { CloseReason } from '@rollcall/protocol/close';

/** A number drawn evenly from 0 to 1, as `Math.random` does. */
export type Chance = () => number;

/** No pause is longer than this, in milliseconds. */
export const LONGEST_PAUSE_MS = 30_000;

const FIRST_PAUSE_MS = 500;

/** Full jitter: anything between nothing and a ceiling that doubles with each attempt (0, 1, 2, …). */
export function jitter(attempt: number, chance: Chance, firstPauseMs: number = FIRST_PAUSE_MS): number {
  return chance() * Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** attempt);
}

/** What has been tried since the last good hello. */
export interface Tried {
  /** How many attempts have failed in a row. */
  readonly attempt: number;
  /** A new token was already asked for. */
  readonly renewed: boolean;
  /** There is a provider that can give a new token. */
  readonly renewable: boolean;
}

/** How long to wait before coming back after a close, in milliseconds; undefined means: not at all. */
export function pauseAfter(reason: CloseReason, tried: Tried, chance: Chance): number | undefined {
  switch (reason.reconnect) {
    case 'never':
      return undefined;
    case 'new_token':
      return tried.renewable && !tried.renewed ? 0 : undefined;
    case 'back_off':
      return jitter(tried.attempt, chance, reason.pauseMs);
    case 'soon':
      return chance() * Math.max(reason.pauseMs, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tried.attempt));
  }
}
