import type { RefusalName } from '@rollcall/domain/error';

/** A public code and the HTTP status it comes with. */
export interface Status {
  readonly code: number;
  readonly status: number;
}

/** The one table of refusals: what the wire says for each name (wire.md, section 1). Codes are public and never reused. */
export const STATUS: Readonly<Record<RefusalName, Status>> = {
  internal_error: { code: -1, status: 500 },
  unavailable: { code: -1, status: 503 },
  access_key_error: { code: 2, status: 401 },
  input_error: { code: 4, status: 400 },
  authentication_error: { code: 5, status: 401 },
  duplicate_username: { code: 6, status: 400 },
  rate_limited: { code: 9, status: 429 },
  not_found: { code: 16, status: 404 },
  path_not_found: { code: 16, status: 404 },
  not_served: { code: 16, status: 501 },
  not_allowed: { code: 17, status: 403 },
  payload_too_big: { code: 22, status: 413 },
  request_timeout: { code: 23, status: 408 },
  header_too_large: { code: 24, status: 431 },
  token_expired: { code: 40, status: 401 },
  token_not_valid_yet: { code: 41, status: 401 },
  token_used_before_issued: { code: 42, status: 401 },
  token_signature_invalid: { code: 43, status: 401 },
  app_suspended: { code: 99, status: 403 },
};
