import type { DomainError } from '@rollcall/domain/error';
import { STATUS } from './status.ts';

/** Calls as the wire names them in its errors. */
export type Operation =
  | 'UpdateUsers'
  | 'UpdateUsersPartial'
  | 'QueryUsers'
  | 'GetPresence'
  | 'GetApp'
  | 'UpdateApp'
  | 'ListRoles'
  | 'CreateRole'
  | 'DeleteRole'
  | 'ListChannelTypes'
  | 'Connect';

/** An error as the wire has it (wire.md, section 1). */
export interface ErrorBody {
  readonly code: number;
  readonly StatusCode: number;
  readonly message: string;
  readonly exception_fields?: Readonly<Record<string, string>>;
  readonly duration: string;
  readonly more_info: string;
  readonly details: readonly never[];
}

/** What an error is told with besides its reason. */
export interface ErrorContext {
  /** The call that failed; undefined where no call was reached, and then the message stands alone. */
  readonly operation: Operation | undefined;
  readonly duration: string;
  readonly baseUrl: string;
}

/** Puts a refusal into the words of the wire. */
export function errorBody(error: DomainError, { operation, duration, baseUrl }: ErrorContext): ErrorBody {
  const { code, status } = STATUS[error.refusal];
  const fields = new Map<string, string>();
  for (const { at, message } of error.faults) if (at !== '' && !fields.has(at)) fields.set(at, message);
  return {
    code,
    StatusCode: status,
    message: operation === undefined ? error.message : `${operation} failed with error: "${error.message}"`,
    ...(fields.size > 0 ? { exception_fields: Object.fromEntries(fields) } : {}),
    duration,
    more_info: `${baseUrl}/docs/errors#${code}`,
    details: [],
  };
}

/** A duration as the wire writes it. */
export function writeDuration(milliseconds: number): string {
  return `${milliseconds.toFixed(2)}ms`;
}
