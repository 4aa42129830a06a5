import type { BuiltInField, Field } from './filter.ts';
import { isObject, type JsonObject, type JsonValue } from './json.ts';
import { parseCustom, type User } from './user.ts';

/** A user that is looked into: its custom data is parsed when first asked for, and once. */
export interface Subject {
  readonly user: User;
  custom: JsonObject | undefined;
}

/** Reads a field; undefined when it is not there. */
export type ReadField = (subject: Subject) => JsonValue | undefined;

/** Makes a subject of a user: good for one look, which may ask about many fields. */
export const subjectOf = (user: User): Subject => ({ user, custom: undefined });

const BUILT_IN: Readonly<Record<BuiltInField, ReadField>> = {
  id: ({ user }) => user.id,
  name: ({ user }) => user.name,
  role: ({ user }) => user.role,
  language: ({ user }) => user.language,
  image: ({ user }) => user.image,
  created_at: ({ user }) => user.createdAt,
  updated_at: ({ user }) => user.updatedAt,
  last_active: ({ user }) => user.lastActive,
  deactivated_at: ({ user }) => user.deactivatedAt,
  teams: ({ user }) => user.teams,
  invisible: ({ user }) => user.invisible,
  // Nobody can be banned yet.
  banned: () => false,
  shadow_banned: () => false,
};

/** How a field is read of any user. */
export function readerOf(field: Field): ReadField {
  if (typeof field === 'string') return BUILT_IN[field];
  const { path } = field;
  return (subject) => {
    subject.custom ??= parseCustom(subject.user);
    return inside(subject.custom, path);
  };
}

/** What lies at a path; undefined when it goes through what is no object. */
function inside(custom: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = custom;
  for (const segment of path) {
    if (!isObject(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}
