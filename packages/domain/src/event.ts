import type { Instant, User } from './user.ts';

/** A user was changed and the change is stored. */
export interface UserUpdated {
  readonly type: 'user.updated';
  readonly before: User;
  readonly user: User;
}

/** Others see a user come online or go offline. */
export interface PresenceChanged {
  readonly type: 'user.presence.changed';
  readonly userId: string;
  readonly online: boolean;
  /** Strictly increases for a user. */
  readonly at: Instant;
  /** When others last saw the user there. */
  readonly lastActive: Instant;
}

/**
 * One piece of news about a user, past tense, made of plain values. An event is a hint: a lost one costs freshness, never
 * truth.
 */
export type Event = UserUpdated | PresenceChanged;
