import { type DomainError, refusal } from '@rollcall/domain/error';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The parts of the API that Rollcall does not serve: their callers read so, rather than that they are lost. */
const UNSERVED =
  /^\/(?:api\/v2|channels?|messages?|threads?|moderation|polls?|devices|search|sync|drafts|reminders|commands|blocklists|permissions|push_providers|push_preferences|campaigns?|segments?|guest|tasks|export|export_channels|import_urls|imports|unread|unread_batch|rate_limits|stats|check_push|check_sqs|check_sns|hooks|members|og|query_(?:banned|future)\w*|usergroups|video|feeds)(?:\/|$)|^\/users\/.+|^\/channeltypes(?:\/|$)/;

/** Answers every path that no call was added for, whatever its body: that may be anything, an image too. */
export function addNotFound(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, _, done) => done(request.is404 ? refusalOf(request) : undefined));
}

function refusalOf({ url, method }: FastifyRequest): DomainError {
  const path = url.split('?', 1)[0] ?? '';
  return UNSERVED.test(path)
    ? refusal('not_served', `${method} ${path} is part of the API that Rollcall does not serve`)
    : refusal('path_not_found', `${method} ${path} does not exist`);
}
