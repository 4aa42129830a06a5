import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import { isObject, type JsonValue } from '@rollcall/domain/json';
import { BLANK, type User } from '@rollcall/domain/user';

/** What one node sends to others. */
export interface News {
  readonly from: string;
  readonly app: AppId;
  readonly events: readonly Event[];
}

/** Of messages with another version nothing is known. */
const VERSION = 1;
/** A message is ended when it is that long; no news of one user comes near. */
const FULL = 256 * 1024;
/** Nobody of ours sends more. */
const LONGEST = 4 * 1024 * 1024;

/** How to tell a field of a user from garbage. */
const FIELDS: { readonly [Field in keyof User]: (value: unknown) => boolean } = {
  id: isText,
  role: isText,
  name: isTextOrNothing,
  nameKey: isText,
  image: isTextOrNothing,
  teams: (value) => Array.isArray(value) && value.every(isText),
  teamsRole: (value) => value === undefined || (isObject(value) && Object.values(value).every(isText)),
  language: isText,
  invisible: (value) => typeof value === 'boolean',
  privacySettings: (value) => value === undefined || isObject(value),
  revokeTokensIssuedBefore: isInstantOrNothing,
  custom: isText,
  createdAt: Number.isSafeInteger,
  updatedAt: Number.isSafeInteger,
  deactivatedAt: isInstantOrNothing,
  deletedAt: isInstantOrNothing,
  lastActive: isInstantOrNothing,
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isInstantOrNothing(value: unknown): boolean {
  return value === undefined || Number.isSafeInteger(value);
}

/** Writes news down, in as many messages as it takes. */
export function* writeNews({ from, app, events }: News): Generator<string> {
  const head = `[${VERSION},${JSON.stringify(from)},${app}`;
  let text = head;
  for (const event of events) {
    if (text.length > FULL) {
      yield `${text}]`;
      text = head;
    }
    text += `,${JSON.stringify(encodeEvent(event))}`;
  }
  yield `${text}]`;
}

/** Reads a message; undefined when it is none of ours, or of another version. */
export function parseNews(text: string): News | undefined {
  const parts = parseJson(text);
  if (!Array.isArray(parts)) return undefined;
  const [version, from, app, ...encoded]: JsonValue[] = parts;
  if (version !== VERSION || typeof from !== 'string' || !Number.isSafeInteger(app)) return undefined;
  const events: Event[] = [];
  for (const one of encoded) {
    const event = decodeEvent(one);
    if (event === undefined) return undefined;
    events.push(event);
  }
  return { from, app: Number(app) as AppId, events }; // a number is all that an id is
}

/** Reads JSON that others wrote. */
export function parseJson(text: string): JsonValue | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A flip is a list; of a change it is the user, less what is as in a new one, and what was different before. */
function encodeEvent(event: Event): JsonValue {
  if (event.type === 'user.presence.changed') {
    return [event.userId, event.online ? 1 : 0, event.at, event.lastActive];
  }
  const { user, before } = event;
  const blank: Partial<User> = BLANK;
  // Fields are plain JSON, and nothing of a user is null: it stands for what is absent.
  return [differences(user, blank), differences(before, user)] as JsonValue;
}

function decodeEvent(encoded: JsonValue): Event | undefined {
  if (!Array.isArray(encoded)) return undefined;
  if (encoded.length === 4) {
    const [userId, online, at, lastActive]: JsonValue[] = encoded;
    if (typeof userId !== 'string' || typeof at !== 'number' || typeof lastActive !== 'number') return undefined;
    return { type: 'user.presence.changed', userId, online: online === 1, at, lastActive };
  }
  const user = withDifferences({ ...BLANK }, encoded[0]);
  const before = user && withDifferences(user, encoded[1]);
  return user && before ? { type: 'user.updated', before, user } : undefined;
}

const NAMES = Object.keys(FIELDS) as (keyof User)[]; // the keys of a record are the names of its type

function differences(user: User, other: Partial<User>): Record<string, unknown> {
  const different: Record<string, unknown> = {};
  for (const name of NAMES) if (!isSame(user[name], other[name])) different[name] = user[name] ?? null;
  return different;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}

function withDifferences(base: Partial<User>, different: JsonValue | undefined): User | undefined {
  if (!isObject(different)) return undefined;
  const user: Record<string, unknown> = { ...base };
  for (const name of NAMES) {
    if (Object.hasOwn(different, name)) user[name] = different[name] ?? undefined;
    if (!FIELDS[name](user[name])) return undefined;
  }
  return user as unknown as User; // each of its fields was looked at
}
