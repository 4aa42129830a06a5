import type { Instant, User } from '@rollcall/domain/user';
import { writeTime } from './time.ts';

/** Who will read a user: the app's server sees all, a user sees more of itself than of others. */
export type Reader = 'server' | 'self' | 'other';

/** Whether a user is there, and when it last was. */
export interface Seen {
  /** At least one connection, hidden or not. */
  readonly online: boolean;
  readonly lastActive: Instant | undefined;
}

const timeField = (name: string, time: Instant): string => `,"${name}":"${writeTime(time)}"`;

/**
 * Writes a user as the wire has it: custom data first, spliced in as the text it is stored as, then the built-in fields.
 * An id needs no escaping: it has letters, digits, @, _ and - only.
 */
export function writeUser(user: User, seen: Seen, reader: Reader): string {
  return `{${fieldsOf(user, seen, reader)}}`;
}

function fieldsOf(user: User, seen: Seen, reader: Reader): string {
  let text = user.custom.length > 2 ? `${user.custom.slice(1, -1)},` : '';
  if (user.name !== undefined) text += `"name":${JSON.stringify(user.name)},`;
  if (user.image !== undefined) text += `"image":${JSON.stringify(user.image)},`;
  const online = seen.online && (reader !== 'other' || !user.invisible);
  text += `"id":"${user.id}","role":${JSON.stringify(user.role)}`;
  text += user.teams.length === 0 ? ',"teams":[]' : `,"teams":${JSON.stringify(user.teams)}`;
  if (user.teamsRole !== undefined) text += `,"teams_role":${JSON.stringify(user.teamsRole)}`;
  text += `,"language":"${user.language}","banned":false,"online":${online}`;
  if (reader !== 'other') text += privateFields(user, reader);
  text += `,"created_at":"${writeTime(user.createdAt)}","updated_at":"${writeTime(user.updatedAt)}"`;
  if (seen.lastActive !== undefined) text += timeField('last_active', seen.lastActive);
  if (user.deactivatedAt !== undefined) text += timeField('deactivated_at', user.deactivatedAt);
  return `${text},"blocked_user_ids":[]`;
}

/** What only the user itself and the app's server may see: present when it was set. */
function privateFields(user: User, reader: Reader): string {
  let text = user.invisible ? ',"invisible":true' : '';
  if (user.privacySettings !== undefined) text += `,"privacy_settings":${JSON.stringify(user.privacySettings)}`;
  if (reader === 'server' && user.revokeTokensIssuedBefore !== undefined) {
    text += timeField('revoke_tokens_issued_before', user.revokeTokensIssuedBefore);
  }
  return text;
}

const NOTHING_YET =
  '"roles":[],"devices":[],"mutes":[],"channel_mutes":[],"unread_count":0,"total_unread_count":0,"unread_channels":0,"unread_threads":0';

/** Writes a user as it sees itself when it connects. */
export function writeMe(user: User, seen: Seen): string {
  return `{${fieldsOf(user, seen, 'self')},${NOTHING_YET}}`;
}

/** Writes users by id, in their order. */
export function writeUserMap(users: readonly User[], write: (user: User) => string): string {
  let text = '';
  for (const user of users) text += `${text === '' ? '' : ','}"${user.id}":${write(user)}`;
  return `{"users":{${text}}}`;
}

/** Writes a page of users, with the place where the next one begins. */
export function writePage(users: readonly User[], next: string | undefined, write: (user: User) => string): string {
  const more = next === undefined ? '' : `,"next":"${next}"`;
  return `{"users":[${users.map(write).join(',')}]${more}}`;
}
