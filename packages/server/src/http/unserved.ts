import { refusal } from '@rollcall/domain/error';
import type { FastifyInstance } from 'fastify';

/** The parts of the API that Rollcall does not serve: their callers read so, rather than that they are lost. */
const UNSERVED =
  /^\/(?:api\/v2|channels?|messages?|threads?|moderation|polls?|devices|search|sync|drafts|reminders|commands|blocklists|permissions|push_providers|push_preferences|campaigns?|segments?|guest|tasks|export|export_channels|import_urls|imports|unread|unread_batch|rate_limits|stats|check_push|check_sqs|check_sns|hooks|og|query_(?:banned|future)\w*|usergroups|video|feeds)(?:\/|$)|^\/users\/.+|^\/channeltypes(?:\/|$)/;

/** Answers every path that no call was added for. */
export function addNotFound(instance: FastifyInstance): void {
  instance.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (UNSERVED.test(path)) {
      throw refusal('not_served', `${request.method} ${path} is part of the API that Rollcall does not serve`);
    }
    throw refusal('path_not_found', `${request.method} ${path} does not exist`);
  });
}
