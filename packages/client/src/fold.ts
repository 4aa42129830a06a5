import type { PresenceChangedEvent, UserUpdatedEvent } from './event.ts';
import type { User } from './types.ts';

/** News of a watched user. */
export type News<Custom extends object> = UserUpdatedEvent<Custom> | PresenceChangedEvent<Custom>;

/** A user as it is known, and how new its presence is. */
export interface Known<Custom extends object> {
  readonly user: User<Custom>;
  /** The `created_at` of the last frame that told its presence; empty before there was one. */
  readonly presenceAt: string;
}

/**
 * Folds news into what is known; the same object when it is old. Two halves that never mix: a profile, as new as its
 * `updated_at`, and a presence, as new as the frame that told it. Times as the server writes them compare as text.
 */
export function fold<Custom extends object>(known: Known<Custom>, news: News<Custom>): Known<Custom> {
  if (news.type === 'user.updated') {
    if (!(news.user.updated_at > known.user.updated_at)) return known;
    return { ...known, user: withPresence(news.user, known.user) };
  }
  if (!(news.created_at > known.presenceAt)) return known;
  const { online, last_active = known.user.last_active } = news.user;
  return { user: withPresence(known.user, { online, last_active }), presenceAt: news.created_at };
}

/** When a piece of news was new: only later ones of its kind say more. */
export const timeOf = <Custom extends object>(news: News<Custom>): string =>
  news.type === 'user.updated' ? news.user.updated_at : news.created_at;

function withPresence<Custom extends object>(
  user: User<Custom>,
  { online, last_active }: { readonly online: boolean; readonly last_active?: string | undefined },
): User<Custom> {
  const { last_active: _, ...rest } = user;
  // A user whose presence was replaced is a user still.
  return { ...rest, online, ...(last_active !== undefined && { last_active }) } as User<Custom>;
}
