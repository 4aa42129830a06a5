import { randomUUID } from 'node:crypto';
import { DomainError, type RefusalName, refusal } from '@rollcall/domain/error';
import { type ErrorBody, errorBody, type Operation, writeDuration } from '@rollcall/protocol/error';
import type { Logger } from 'pino';

/** Turns whatever went wrong into what the caller may read; the log gets the rest. */
export interface Report {
  body(error: DomainError, operation: Operation | undefined, milliseconds: number): ErrorBody;
  /** A fault of ours: written to the log under an id that the caller is told. */
  unexpected(error: unknown): DomainError;
  /** The same error as before, which the log knows. */
  again(error: unknown): void;
  /** The database was reached, as it is now and then: the log says so when it was away. */
  reached(): void;
}

/** Refusals that speak for themselves, whatever was asked. */
const PLAIN = new Set<RefusalName>([
  'access_key_error',
  'authentication_error',
  'token_expired',
  'token_not_valid_yet',
  'token_used_before_issued',
  'token_signature_invalid',
  'app_suspended',
  'path_not_found',
  'not_served',
  'internal_error',
]);

/** How long nothing must have failed before a database that is reached counts as back. */
const CALM_MS = 2000;

export function createReport(log: Logger, baseUrl: () => string): Report {
  let away = false;
  let lastAway = 0;

  /** A database that is away would fill the log with every call: it is told when it goes and when it is back. */
  function noteUnavailable(error: DomainError): void {
    // What is out of reach is something that the call named, and not the database.
    if (error.faults[0]?.at !== '') return;
    lastAway = performance.now();
    if (away) return;
    away = true;
    log.error({ err: error.cause ?? error }, 'unavailable');
  }

  return {
    body(error, operation, milliseconds) {
      if (error.refusal === 'unavailable') noteUnavailable(error);
      return errorBody(error, {
        operation: PLAIN.has(error.refusal) ? undefined : operation,
        duration: writeDuration(milliseconds),
        baseUrl: baseUrl(),
      });
    },
    unexpected(error) {
      if (error instanceof DomainError) {
        if (error.refusal === 'unavailable') noteUnavailable(error);
        return error;
      }
      const id = randomUUID();
      log.error({ err: error, id }, 'internal error');
      return refusal('internal_error', `internal error, id ${id}`);
    },
    again(error) {
      if (error instanceof DomainError && error.refusal === 'unavailable') noteUnavailable(error);
    },
    reached() {
      if (!away || performance.now() - lastAway < CALM_MS) return;
      away = false;
      log.warn('available again');
    },
  };
}
