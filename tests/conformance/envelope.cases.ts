import type { Case, Group, Step } from './case.ts';
import { as, made, madeUsers, ok, post, postRaw, query, read, refused, upsert } from './steps.ts';

const CORS: Step = { method: 'OPTIONS', path: '/users', actor: 'none', app: 'none' };

const paths: readonly Case[] = [
  ...[
    ['GET', '/nothing-here'],
    ['PUT', '/users'],
    ['DELETE', '/users'],
    ['POST', '/app'],
  ].map(
    ([method, path]): Case => ({
      name: `an unknown path or method is told so: ${method} ${path}`,
      why: '1',
      method: method as Step['method'], // one of the four written above
      path: String(path),
      expect: refused(16),
    }),
  ),
  {
    name: 'a plain GET of /connect is told that it takes an upgrade',
    why: '5',
    method: 'GET',
    path: '/connect',
    expect: refused(4),
  },
];

const channelTypes: Case = {
  name: 'an app without channels has no channel types',
  why: '1',
  method: 'GET',
  path: '/channeltypes',
  expect: ok({ channel_types: {} }),
};

const cors: readonly Case[] = [
  {
    name: 'a browser may ask first, without key or token, and keeps the answer for a day',
    why: '1 CORS',
    ...CORS,
    headers: {
      origin: 'https://chat.example',
      'access-control-request-method': 'PATCH',
      'access-control-request-headers':
        'authorization,content-type,stream-auth-type,x-stream-client,x-client-request-id',
    },
    expect: {
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': /(?=.*GET)(?=.*POST)(?=.*PATCH)(?=.*DELETE)/,
        'access-control-allow-headers':
          /(?=.*authorization)(?=.*content-type)(?=.*stream-auth-type)(?=.*x-stream-client)(?=.*x-client-request-id)/i,
        'access-control-max-age': '86400',
      },
    },
  },
  {
    name: 'a browser may read answers, the limit headers and hints',
    why: '1 CORS',
    ...read(['ann~']),
    headers: { origin: 'https://chat.example' },
    expect: {
      status: 200,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-expose-headers':
          /(?=.*X-RateLimit-Limit)(?=.*X-RateLimit-Remaining)(?=.*X-RateLimit-Reset)(?=.*X-Rollcall-Hint)/i,
      },
    },
  },
  {
    name: 'a browser may read refusals too',
    why: '1 CORS',
    ...read(['ann~'], { actor: 'none' }),
    headers: { origin: 'https://chat.example' },
    expect: { ...refused(5), headers: { 'access-control-allow-origin': '*' } },
  },
];

const bodies: readonly Case[] = [
  ...[
    ['broken', '{"users": {'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"users"'],
    ['a number', '5'],
    ['not JSON at all', 'users=ann'],
    ['empty', ''],
    ['with a trailing comma', '{"users": {"ann~": {"id": "ann~"},}}'],
  ].map(
    ([what, rawBody]): Case => ({
      name: `a body that is ${what} is refused with a clear error`,
      why: '1',
      ...postRaw(String(rawBody)),
      unchanged: ['ann~'],
      expect: refused(4, /\w/),
    }),
  ),
  {
    name: 'a body over 8 MiB is refused as too big',
    why: '11',
    ...postRaw(`{"users":{"ann~":{"id":"ann~","blob":"${'x'.repeat(8 * 1024 * 1024)}"}}}`),
    unchanged: ['ann~'],
    expect: refused(22),
  },
  {
    name: 'a body over 64 KiB is refused as too big elsewhere than on /users',
    why: '11',
    method: 'PATCH',
    path: '/app',
    body: { event_hooks: ['x'.repeat(64 * 1024)] },
    expect: refused(22),
  },
  {
    name: 'a body nested a hundred thousand deep is refused, not a crash',
    why: '2',
    ...postRaw(`{"users":{"ann~":{"id":"ann~","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}}}`),
    unchanged: ['ann~'],
    expect: refused(4),
    after: [upsert([{ id: 'ann~' }], { expect: made() })],
  },
  {
    name: 'a body may come in chunks, without a length',
    why: '1',
    ...upsert([{ id: 'ann~', color: 'green' }]),
    chunked: true,
    expect: madeUsers({ id: 'ann~', color: 'green' }),
  },
  {
    name: 'a DELETE with a JSON content type and no body is a DELETE without a body',
    why: '1',
    given: [{ method: 'POST', path: '/roles', body: { name: 'reviewer~' } }],
    method: 'DELETE',
    path: '/roles/reviewer~',
    headers: { 'content-type': 'application/json' },
    expect: ok(),
  },
  {
    name: 'a GET with a JSON content type and no body is a GET without a body',
    why: '1',
    ...query({}),
    headers: { 'content-type': 'application/json' },
    expect: ok(),
  },
  {
    name: 'unknown keys beside `users` are ignored',
    why: '1',
    method: 'POST',
    path: '/users',
    body: { users: { 'ann~': { id: 'ann~' } }, connection_id: 'x', whatever: [1] },
    expect: madeUsers({ id: 'ann~' }),
  },
  {
    name: 'client-side query parameters are welcome',
    why: '1',
    ...upsert([{ id: 'ann~' }], { actor: as('ann~') }),
    query: { user_id: 'ann~', connection_id: '', 'x-stream-client': 'some-client' },
    expect: madeUsers({ id: 'ann~' }),
  },
];

const order: readonly Case[] = [
  {
    name: 'the api key is checked before the token',
    why: '1 order of checks',
    ...post({}),
    app: 'unknown',
    actor: { raw: 'broken' },
    expect: refused(2, 'api_key is invalid'),
  },
  {
    name: 'the token is checked before the body',
    why: '1 order of checks',
    ...postRaw('{', { actor: { raw: 'broken' } }),
    expect: refused(5, 'token contains an invalid number of segments'),
  },
  {
    name: 'permission is checked before the body of a settings change',
    why: '1 order of checks',
    method: 'PATCH',
    path: '/app',
    actor: as('ann~'),
    body: { enforce_unique_usernames: 'perhaps' },
    expect: refused(17),
  },
];

/** Section 1: what every call shares. */
export const envelopeGroups: readonly Group[] = [
  ['envelope.paths', paths],
  ['envelope.channeltypes', [channelTypes]],
  ['envelope.cors', cors],
  ['envelope.bodies', bodies],
  ['envelope.order', order],
];
