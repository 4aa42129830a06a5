import { randomUUID } from 'node:crypto';
import { DomainError, type RefusalName, refusal } from '@rollcall/domain/error';
import { type ErrorBody, errorBody, type Operation, writeDuration } from '@rollcall/protocol/error';
import type { Logger } from 'pino';

/** Turns whatever went wrong into what the caller may read; the log gets the rest. */
export interface Report {
  body(error: DomainError, operation: Operation | undefined, milliseconds: number): ErrorBody;
  /** A fault of ours: written to the log under an id that the caller is told. */
  unexpected(error: unknown): DomainError;
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

const UNAVAILABLE_LOGGED_MS = 1000;

export function createReport(log: Logger, baseUrl: () => string): Report {
  let quietUntil = 0;

  /** A database that is away would fill the log with every call. */
  function logUnavailable(error: DomainError): void {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + UNAVAILABLE_LOGGED_MS;
    log.error({ err: error.cause ?? error }, 'unavailable');
  }

  return {
    body(error, operation, milliseconds) {
      if (error.refusal === 'unavailable') logUnavailable(error);
      return errorBody(error, {
        operation: PLAIN.has(error.refusal) ? undefined : operation,
        duration: writeDuration(milliseconds),
        baseUrl: baseUrl(),
      });
    },
    unexpected(error) {
      if (error instanceof DomainError) {
        if (error.refusal === 'unavailable') logUnavailable(error);
        return error;
      }
      const id = randomUUID();
      log.error({ err: error, id }, 'internal error');
      return refusal('internal_error', `internal error, id ${id}`);
    },
  };
}
