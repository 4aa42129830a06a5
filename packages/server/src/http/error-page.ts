import type { RefusalName } from '@rollcall/domain/error';
import { STATUS } from '@rollcall/protocol/status';
import type { FastifyInstance } from 'fastify';

/** What each refusal means, and what its reader can do about it. */
const MEANING: Readonly<Record<RefusalName, string>> = {
  internal_error:
    'Something went wrong that is our fault. The message has an id; the log of the server has the rest under it.',
  unavailable:
    'The database cannot be reached, or too many writes wait. Nothing was half done: try again after Retry-After.',
  access_key_error: 'The api_key in the URL is missing, or no app on this server has it.',
  input_error: 'The input is not valid. exception_fields names every place, message the first of them.',
  authentication_error: 'The token is malformed, or belongs to another user than the call names.',
  duplicate_username: 'Another user has this name already. Names are compared without case, spaces and punctuation.',
  rate_limited: 'Too many calls or connections. Retry-After says when to come back.',
  not_found: 'What is named does not exist, or was deleted.',
  path_not_found: 'The path does not exist, or not with this method.',
  not_served:
    'The path is part of the API, and Rollcall does not serve it: it serves users, not channels and messages.',
  not_allowed: 'The token is good, but its user may not do this.',
  payload_too_big: 'The body, or the custom data of a user, is over its limit.',
  request_timeout: 'The request took too long to arrive, or to be answered.',
  header_too_large: 'The headers and the URL together are over 128 KiB.',
  token_expired: 'The token has expired or was revoked: get a new one.',
  token_not_valid_yet: 'The token is not valid yet (nbf).',
  token_used_before_issued: 'The token was issued in the future (iat): look at the clocks.',
  token_signature_invalid: "The token was not signed with this app's secret and HS256.",
  app_suspended: 'The app is suspended by the operator of this server.',
};

function page(): string {
  const names = Object.keys(MEANING) as RefusalName[]; // the table's own keys
  const codes = new Map<number, RefusalName[]>();
  for (const name of names) codes.set(STATUS[name].code, [...(codes.get(STATUS[name].code) ?? []), name]);
  const sections = [...codes].map(([code, of]) => {
    const lines = of.map((name) => `<p><b>HTTP ${STATUS[name].status}</b> ${MEANING[name]}</p>`);
    return `<h2 id="${code}">Code ${code}</h2>${lines.join('')}`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rollcall: errors</title><style>body{font:16px/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem}
:target{background:#ff9}</style><h1>Errors</h1>${sections.join('')}</html>`;
}

/** The page that `more_info` of every error leads to. */
export function addErrorPage(instance: FastifyInstance): void {
  const text = page();
  instance.get('/docs/errors', {
    schema: { hide: true },
    handler: (_, reply) => reply.type('text/html; charset=utf-8').send(text),
  });
}
