import type { Instant, User } from './user.ts';

/** A user was changed and the change is stored. */
export interface UserUpdated {
  readonly type: 'user.updated';
  readonly before: User;
  readonly user: User;
}

/** A user came, went, or hid: others now see it differently. */
export interface PresenceChanged {
  readonly type: 'user.presence.changed';
  readonly userId: string;
  readonly online: boolean;
  readonly at: Instant;
}

/** One piece of news about a user, past tense. An event is a hint: a lost one costs freshness, never truth. */
export type Event = UserUpdated;
