import type { News } from './fold.ts';
import type { Sort } from './types.ts';
import { sortFields } from './users.ts';

/** The names of the fields a filter asks about; of a path (`address.city`) the first name. */
export function fieldsOf(filter: object): ReadonlySet<string> {
  const names = Object.entries(filter).flatMap(([key, value]) => {
    if (!key.startsWith('$')) return [headOf(key)];
    return Array.isArray(value) ? value.flatMap((inner: object) => [...fieldsOf(inner)]) : [];
  });
  return new Set(names);
}

/** The names of the fields a sort goes by. */
export const namesOf = (sort: Sort | undefined): readonly string[] =>
  sort === undefined ? [] : sortFields(sort).map(({ field }) => headOf(field));

/** The first name of a path. */
const headOf = (path: string): string => path.split('.', 1)[0] ?? path;

/** Whether news may change who is found by these fields. Who does not say what changed may have changed anything. */
export function concerns<Custom extends object>(news: News<Custom>, fields: ReadonlySet<string>): boolean {
  if (news.type === 'user.presence.changed') return fields.has('last_active');
  if (news.changed === undefined) return true;
  return fields.has('updated_at') || news.changed.some((name) => fields.has(headOf(name)));
}
