import type { Instant } from '@rollcall/domain/user';

/** Beyond a round of renewals, for nodes that find Redis again later than others. */
const LATER_MS = 2000;
/** Of a lease, that much goes by between two renewals. */
const ROUNDS_OF_A_LEASE = 3;

/**
 * The time after an outage in which no lease may be said to have run out: other nodes could not renew theirs, and now
 * do. What ran out before it is not believed meanwhile.
 */
export class Settling {
  readonly #ms: number;
  #until = 0;
  #awaySince: Instant | undefined;

  constructor(leaseMs: number) {
    this.#ms = leaseMs / ROUNDS_OF_A_LEASE + LATER_MS;
  }

  /** An outage that began at an instant is over; of one that this process did not see, undefined. */
  begin(awaySince: Instant | undefined): void {
    this.#awaySince = awaySince;
    this.#until = performance.now() + this.#ms;
  }

  get active(): boolean {
    return performance.now() < this.#until;
  }

  /** Up to when open leases may be said to have run out. */
  expiredUpTo(now: Instant): Instant {
    return this.active ? Math.min(now, this.#awaySince ?? -1) : now;
  }

  /** Up to when they are not believed in what is told of a user. */
  disbelievedUpTo(now: Instant): Instant {
    return this.active ? Math.min(now, this.#awaySince ?? now) : now;
  }
}
