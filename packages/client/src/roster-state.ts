import type { RollcallError } from './error.ts';
import type { AnyCustom, Sort, User } from './types.ts';

/** Which of the users found to keep in a list, and how fresh. */
export interface WatchOptions {
  /** What to sort by; newest first when absent. */
  sort?: Sort;
  /** How many users at most, 1 to 1,000; 30 when absent. A connection watches at most 1,000 in all. */
  limit?: number;
  /**
   * How often to read again, in milliseconds, at least 1,000: so that users who were made later, or fit only now, come in.
   * Never when absent; then call `refresh` when you know of a reason.
   */
  refreshMs?: number;
  include_deactivated_users?: boolean;
}

/** What a roster shows. Never changed in place: a new state is a new object. */
export interface RosterState<Custom extends object = AnyCustom> {
  /**
   * `loading`: nothing was read yet. `live`: as last read, and every change since. `stale`: as last read, but the connection
   * is away; it reads again by itself. `failed`: the server refused, or there are more users than a connection watches (`error`
   * says why); the next connection or `refresh` tries again, and it reads by itself when other lists have made room.
   */
  readonly status: 'loading' | 'live' | 'stale' | 'failed';
  /** In order; the same array until something in it changes, with the same objects for users that did not. */
  readonly users: readonly User<Custom>[];
  /** There are more users than `limit`. */
  readonly more: boolean;
  /** Why it is not live, or why reading again did not work yet. */
  readonly error?: RollcallError;
}

/** Nothing known yet. */
export const LOADING: RosterState<never> = Object.freeze({
  status: 'loading',
  users: Object.freeze([]),
  more: false,
});
