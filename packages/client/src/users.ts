import { inputError, noAnswer } from './error.ts';
import { type Call, toJson } from './request.ts';
import type { Filter, QueryOptions, Sort, SortField, UserInput, UserPatch, UsersById } from './types.ts';

/** POST /users. The users of one call succeed or fail together. Throws when one has no id or comes twice. */
export function upsertCall<Custom extends object>(users: readonly UserInput<Custom>[]): Call {
  const byId = new Map<string, UserInput<Custom>>();
  for (const user of users) {
    if (!hasId(user)) throw inputError('every user needs an id, a string');
    if (byId.has(user.id)) throw inputError(`users[${user.id}] comes twice in one call`);
    byId.set(user.id, user);
  }
  return { method: 'POST', path: '/users', body: { users: Object.fromEntries(byId) } };
}

/** PATCH /users. */
export function patchCall<Custom extends object>(patches: readonly UserPatch<Custom>[]): Call {
  return { method: 'PATCH', path: '/users', body: { users: patches } };
}

/** GET /users. */
export function queryCall<Custom extends object>(filter: Filter<Custom>, sort?: Sort, options?: QueryOptions): Call {
  const payload = { ...options, filter_conditions: filter, ...(sort === undefined ? {} : { sort: sortFields(sort) }) };
  return { method: 'GET', path: '/users', query: { payload: toJson(payload) } };
}

/** Both ways of saying a sort, as the wire says it. */
export function sortFields(sort: Sort): SortField[] {
  const parts: readonly (SortField | Readonly<Record<string, unknown>>)[] = Array.isArray(sort) ? sort : [sort];
  return parts.flatMap((part) =>
    isSortField(part) ? [part] : Object.entries(part).map(([field, direction]) => ({ field, direction }) as SortField),
  );
}

const isSortField = (part: object): part is SortField => 'field' in part && typeof part.field === 'string';

/** Whether this can be told apart from other users at all. */
export const hasId = (user: { readonly id: string } | null | undefined): boolean =>
  typeof user?.id === 'string' && user.id !== '';

/** The one user of an answer. */
export function onlyUser<Custom extends object>(
  answer: UsersById<Custom>,
  id: string,
): UsersById<Custom>['users'][string] {
  const user = answer.users?.[id];
  if (user === undefined) throw noAnswer(`the answer does not tell of users[${id}]; is the url right?`);
  return user;
}
