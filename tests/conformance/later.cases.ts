import type { Case, Group, Step } from './case.ts';
import { query, refused } from './steps.ts';

type Probe = readonly [method: Step['method'], path: string];

/** That a call of the API which is not served says so, to the backend that makes it. */
function notServed([method, path]: Probe): Case {
  return {
    name: `${method} ${path} says that it is not served`,
    why: '1 and 12',
    method,
    path,
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: {} }),
    expect: { status: 501, code: 16, message: /is part of the API that Rollcall does not serve$/ },
  };
}

/** That it says so whatever its body is: text that is no JSON, or more than any call takes. */
const withAnyBody: readonly Case[] = (
  [
    ['POST', '/channels/messaging/general/image', '--boundary\r\nContent-Disposition: form-data; name="file"\r\n\r\n~'],
    ['POST', '/channels/messaging/general/file', 'x'.repeat(200_000)],
    ['POST', '/import_urls', '{'],
  ] as const
).map(([method, path, rawBody]) => ({
  ...notServed([method, path]),
  rawBody,
  name: `${method} ${path} says so whatever its body is`,
}));

const probes = (...calls: readonly Probe[]): readonly Case[] => calls.map(notServed);

/** Section 12: what is not served. When a call is served one day, its probe fails and its row moves. */
export const laterGroups: readonly Group[] = [
  [
    'later.guests',
    [
      ...probes(['POST', '/guest']),
      {
        name: 'anonymous calls are refused',
        why: '12',
        ...query({}, { actor: 'anonymous' }),
        expect: refused(17, /anonymous users are not served yet/),
      },
    ],
  ],
  [
    'later.lifecycle',
    probes(
      ['POST', '/users/ann~/deactivate'],
      ['POST', '/users/ann~/reactivate'],
      ['POST', '/users/deactivate'],
      ['POST', '/users/reactivate'],
      ['DELETE', '/users/ann~'],
      ['POST', '/users/delete'],
      ['POST', '/users/restore'],
      ['GET', '/users/ann~/export'],
      ['POST', '/export/users'],
      ['GET', '/tasks/some-task'],
    ),
  ],
  [
    'later.moderation',
    probes(
      ['POST', '/moderation/ban'],
      ['DELETE', '/moderation/ban'],
      ['GET', '/query_banned_users'],
      ['POST', '/moderation/mute'],
      ['POST', '/moderation/unmute'],
      ['POST', '/moderation/flag'],
      ['POST', '/users/block'],
      ['POST', '/users/unblock'],
      ['GET', '/users/block'],
    ),
  ],
  [
    'later.devices',
    probes(
      ['GET', '/devices'],
      ['POST', '/devices'],
      ['DELETE', '/devices'],
      ['GET', '/push_providers'],
      ['POST', '/push_preferences'],
      ['POST', '/check_push'],
    ),
  ],
  ['later.permissions', probes(['GET', '/permissions'], ['GET', '/permissions/update-user'])],
  ['later.rate-limits', probes(['GET', '/rate_limits'])],
  ['later.events', probes(['POST', '/users/ann~/event'])],
  ['later.import', probes(['POST', '/import_urls'], ['POST', '/imports'], ['GET', '/imports/some-import'])],
  ['later.unread', probes(['GET', '/unread'], ['POST', '/unread_batch'])],
  [
    'later.channels',
    probes(
      ['POST', '/channels'],
      ['POST', '/channels/messaging/general/query'],
      ['GET', '/messages/some-message'],
      ['POST', '/threads'],
      ['POST', '/polls'],
      ['GET', '/search'],
      ['POST', '/sync'],
      ['POST', '/channeltypes'],
      ['GET', '/members'],
    ).concat(withAnyBody),
  ],
  ['later.v2', probes(['POST', '/api/v2/users'], ['GET', '/api/v2/users'], ['GET', '/api/v2/app'])],
];
