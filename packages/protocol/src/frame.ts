import { isObject, type JsonValue } from '@rollcall/domain/json';
import type { Instant } from '@rollcall/domain/user';
import { writeTime } from './time.ts';

/** The first frame of a good connection: its id, and the user as it sees itself. */
export function writeHello(connectionId: string, me: string, now: Instant): string {
  return `{"type":"health.check","connection_id":"${connectionId}","cid":"*","created_at":"${writeTime(now)}","me":${me}}`;
}

/** A sign of life. */
export function writeHealthCheck(connectionId: string, now: Instant): string {
  return `{"type":"health.check","connection_id":"${connectionId}","cid":"*","created_at":"${writeTime(now)}"}`;
}

/** The last frame of a connection that may not be, or not go on. `error` is the text of the error object. */
export function writeConnectionError(error: string, now: Instant, connectionId = ''): string {
  return `{"type":"connection.error","connection_id":"${connectionId}","created_at":"${writeTime(now)}","error":${error}}`;
}

/** News of a changed user. */
export function writeUserUpdated(user: string, changed: readonly string[], now: Instant): string {
  return `{"type":"user.updated","created_at":"${writeTime(now)}","user":${user},"changed":${JSON.stringify(changed)}}`;
}

/** News of a user who came or went, as `user` tells. */
export function writePresenceChanged(user: string, at: Instant): string {
  return `{"type":"user.presence.changed","created_at":"${writeTime(at)}","user":${user}}`;
}

/**
 * Whom a client no longer wants to hear of: the ids of every `unwatch` in a frame, which may be one object or a list of them.
 * Whatever else a frame says, or says wrongly, asks for nothing.
 */
export function parseUnwatch(frame: JsonValue): readonly string[] {
  const parts = Array.isArray(frame) ? frame : [frame];
  return parts.flatMap((part) => {
    if (!isObject(part) || part.type !== 'unwatch' || !Array.isArray(part.user_ids)) return [];
    return part.user_ids.filter((id) => typeof id === 'string');
  });
}

/** The fields of a user that others never hear of. */
const PRIVATE_FIELDS: ReadonlySet<string> = new Set(['invisible', 'privacy_settings']);

/** The changed fields that a user's own connections hear of: a revocation is for the app's server only. */
export function changedForSelf(changed: readonly string[]): readonly string[] {
  return changed.filter((field) => field !== 'revoke_tokens_issued_before');
}

/** The changed fields that others hear of. */
export function changedForOthers(changed: readonly string[]): readonly string[] {
  return changedForSelf(changed).filter((field) => !PRIVATE_FIELDS.has(field));
}
