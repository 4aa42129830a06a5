/** Every way Rollcall says no. `@rollcall/protocol/status` maps each name to its public code; a name without a row there does not compile. */
export type RefusalName =
  | 'input_error'
  | 'payload_too_big'
  | 'not_allowed'
  | 'not_found'
  | 'duplicate_username'
  | 'access_key_error'
  | 'authentication_error'
  | 'token_expired'
  | 'token_not_valid_yet'
  | 'token_used_before_issued'
  | 'token_signature_invalid'
  | 'app_suspended'
  | 'rate_limited'
  | 'request_timeout'
  | 'header_too_large'
  | 'path_not_found'
  | 'not_served'
  | 'unavailable'
  | 'internal_error';

/** One thing that is wrong with what was asked, and where. */
export interface Fault {
  readonly refusal: RefusalName;
  /** The place, as the caller wrote it: `users[bob].set.address.city`. Empty when the whole call is meant. */
  readonly at: string;
  readonly message: string;
  /** Position in the batch, so that the first fault is the first in the caller's order. */
  readonly index: number;
}

/** A refusal the caller may read. It carries every fault of one phase, the first of them first. */
export class DomainError extends Error {
  readonly refusal: RefusalName;
  readonly faults: readonly Fault[];

  constructor(faults: readonly [Fault, ...Fault[]]) {
    super(faults[0].message);
    this.name = 'DomainError';
    this.refusal = faults[0].refusal;
    this.faults = faults;
  }
}

/**
 * How many faults of one call are named. A batch has at most a few hundred faults of a later phase, so that the first phase
 * with a fault is never among those left out.
 */
export const FAULTS_NAMED = 1000;

/** Refuses a whole call for one reason. */
export function refusal(refusal: RefusalName, message: string, at = ''): DomainError {
  return new DomainError([{ refusal, at, message, index: 0 }]);
}

/** The place of a user, or of something inside it, in a caller's batch. */
export function placeOf(userId: string, path = ''): string {
  return path === '' ? `users[${userId}]` : `users[${userId}].${path}`;
}

/** Shape and limits come before permission, permission before existence, existence before names. */
const PHASE: Partial<Record<RefusalName, number>> = {
  input_error: 0,
  payload_too_big: 0,
  not_allowed: 1,
  not_found: 2,
  duplicate_username: 3,
};

const phaseOf = (fault: Fault): number => PHASE[fault.refusal] ?? 0;

/** Throws when there is a fault: all faults of the earliest phase, in the order of the batch. */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const phase = faults.map(phaseOf).reduce((a, b) => (a < b ? a : b));
  const [first, ...rest] = faults.filter((fault) => phaseOf(fault) === phase).sort((a, b) => a.index - b.index);
  if (first) throw new DomainError([first, ...rest]);
}
