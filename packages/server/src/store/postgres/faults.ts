import { DomainError, refusal } from '@rollcall/domain/error';
import pg from 'pg';

/** The link to PostgreSQL broke, or could not be made: whatever was under way may or may not have happened. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';

  constructor(cause: unknown) {
    super(cause instanceof Error ? `the database: ${cause.message}` : 'the database hung up', { cause });
  }
}

/** Classes of what PostgreSQL says when the machine, and not our statement, is at fault: links, resources, operators, the system. */
const AWAY_CLASSES = new Set(['08', '53', '57', '58']);
const READ_ONLY = '25006';
/** Beside these: it came to a stop, a lock took too long, it takes no writes, two were in each other's way. */
const AWAY = new Set(['25P03', '55P03', READ_ONLY, '40001', '40P01']);
/** Nothing happened, and the same may well succeed at once: two were in each other's way, or the table of locks was full. */
const PASSING = new Set(['40001', '40P01', '53200']);

const codeOf = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined);

/** A session that PostgreSQL ends, with a word or without: what was sent on it last may or may not have happened. */
function isEnd(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof pg.DatabaseError && error.severity === 'FATAL');
}

/** A session that may not write. */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === READ_ONLY;

/** Says whether the same work may be done once more. What was lost while it was committed may not: it may have happened. */
export function isPassing(error: unknown, committing: boolean): boolean {
  const code = codeOf(error);
  if (code !== undefined && PASSING.has(code)) return true;
  return isEnd(error) && !committing;
}

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return isEnd(error) || (code !== undefined && (AWAY_CLASSES.has(code.slice(0, 2)) || AWAY.has(code)));
}

/** The refusal that callers read while the database is away. */
export function away(cause: unknown): DomainError {
  const error = refusal('unavailable', 'the database cannot be reached, please try again');
  error.cause = cause;
  return error;
}

/** Turns a fault of the machine into a refusal; a refusal, or a fault of ours, stays what it is. */
export function unavailable(error: unknown): unknown {
  return !(error instanceof DomainError) && isAway(error) ? away(error) : error;
}
