import type { QueryOptions, User, UserPage } from './types.ts';

/** Users in one page at most. */
const PAGE = 100;

/** What was found, page after page. */
export interface FoundUsers<Custom extends object> {
  readonly users: readonly User<Custom>[];
  /** There are more than were asked for. */
  readonly more: boolean;
  /** How many calls it took. */
  readonly pages: number;
}

/**
 * Reads the first `limit` users. Sorted by a field that moves, a user may come twice: then the later word holds. A page may
 * be short, since who went out of sight meanwhile is left out of it: then there are more pages, but never more than twice as many.
 */
export async function findUsers<Custom extends object>(
  limit: number,
  ask: (options: QueryOptions) => Promise<UserPage<Custom>>,
): Promise<FoundUsers<Custom>> {
  const found = new Map<string, User<Custom>>();
  const most = 2 * Math.ceil(limit / PAGE);
  let next: string | undefined;
  let pages = 0;
  do {
    const left = Math.min(PAGE, limit - found.size);
    const page = await ask({ limit: left, presence: true, ...(next !== undefined && { next }) });
    for (const user of page.users) found.set(user.id, user);
    next = page.next;
    pages += 1;
  } while (next !== undefined && found.size < limit && pages < most);
  return { users: [...found.values()], more: next !== undefined, pages };
}
