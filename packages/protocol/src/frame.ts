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
