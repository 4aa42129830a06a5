import type { App } from '@rollcall/domain/app';
import { refusal } from '@rollcall/domain/error';
import { type Actor, notAllowed, SERVER } from '@rollcall/domain/permission';
import type { Claims } from '@rollcall/domain/token';
import type { Operation } from '@rollcall/protocol/error';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { type Apps, suspended } from '../service/apps.ts';
import type { Limiter } from '../service/limits.ts';
import { bareToken, checkBearer, type Tokens } from '../service/tokens.ts';
import type { UserService } from '../service/users.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The app that `api_key` names. */
    tenant: App;
    /** Who is asking. */
    actor: Actor;
    /** What the token of whoever is asking says. */
    claims: Claims;
  }
  interface FastifyContextConfig {
    /** The call's name on the wire. */
    operation?: Operation;
    /** Whether only the app's backend may call. */
    serverOnly?: boolean;
    /** Which of a user's limits the call counts to. */
    limit?: 'write' | 'query';
  }
}

/** What the check works with. */
export interface AuthParts {
  readonly apps: Apps;
  readonly tokens: Tokens;
  readonly users: UserService;
  readonly limiter: Limiter;
  readonly clock: Clock;
  /** Calls a minute of one user; 0 is no limit. */
  readonly perMinute: { readonly write: number; readonly query: number };
}

/** Makes every call of an instance name its app and show who asks, before its body is read. */
export function requireActor(instance: FastifyInstance, parts: AuthParts): void {
  instance.addHook('onRequest', (request, reply, done) => {
    try {
      const waits = authenticate(request, reply, parts);
      if (waits) waits.then(() => done(), done);
      else done();
    } catch (error) {
      done(error instanceof Error ? error : undefined);
    }
  });
}

/** A server's token is checked at once; a user's needs a look at the user. */
function authenticate(request: FastifyRequest, reply: FastifyReply, parts: AuthParts): Promise<void> | undefined {
  const query = request.query as Readonly<Record<string, unknown>>; // as the query parser yields it
  const app = findApp(query.api_key, parts.apps);
  request.tenant = app;
  if (request.headers['stream-auth-type'] === 'anonymous')
    throw refusal('not_allowed', 'anonymous users are not served yet');
  const claims = parts.tokens.verify(app, tokenOf(request.headers.authorization), parts.clock());
  request.claims = claims;
  if (claims.userId === undefined) {
    request.actor = SERVER;
    return undefined;
  }
  const id = claims.userId;
  if (query.user_id !== undefined && query.user_id !== '' && query.user_id !== id) {
    throw refusal('authentication_error', 'user_id is not the user of the token');
  }
  return parts.users.find(app, id).then((user) => {
    checkBearer(claims, user);
    const actor = { kind: 'user', id, role: user?.role ?? 'user', teams: user?.teams ?? [] } as const;
    request.actor = actor;
    const { serverOnly, operation = '' } = request.routeOptions.config;
    if (serverOnly) throw refusal('not_allowed', notAllowed(actor, operation));
    count(request, reply, id, parts);
  });
}

function findApp(key: unknown, apps: Apps): App {
  if (key === undefined || key === '') throw refusal('access_key_error', 'api_key not provided');
  const app = typeof key === 'string' ? apps.find(key) : undefined;
  if (!app) throw refusal('access_key_error', 'api_key is invalid');
  if (app.suspended) throw suspended(app);
  return app;
}

function tokenOf(header: string | undefined): string {
  if (!header) throw refusal('authentication_error', 'Authorization header not provided: it carries the token');
  return bareToken(header);
}

function count(
  request: FastifyRequest,
  reply: FastifyReply,
  userId: string,
  { limiter, perMinute, clock }: AuthParts,
): void {
  const { limit: kind, operation } = request.routeOptions.config;
  if (!kind || perMinute[kind] === 0) return;
  const { limit, remaining, resetsAt, allowed } = limiter.take(
    `${request.tenant.id} ${operation} ${userId}`,
    perMinute[kind],
  );
  void reply.header('x-ratelimit-limit', limit).header('x-ratelimit-remaining', remaining);
  void reply.header('x-ratelimit-reset', resetsAt);
  if (allowed) return;
  void reply.header('retry-after', Math.max(1, resetsAt - Math.floor(clock() / 1000)));
  throw refusal('rate_limited', `too many requests: ${limit} a minute are allowed, please try again later`);
}
