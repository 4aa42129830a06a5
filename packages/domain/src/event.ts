import type { User } from './user.ts';

/** A user was changed and the change is stored. */
export interface UserUpdated {
  readonly type: 'user.updated';
  readonly before: User;
  readonly user: User;
}

/** One piece of news about a user, past tense. An event is a hint: a lost one costs freshness, never truth. */
export type Event = UserUpdated;
