import type { Batch, Patch, Profile } from '@rollcall/domain/change';
import { refusal } from '@rollcall/domain/error';
import type { JsonValue } from '@rollcall/domain/json';
import type { Actor } from '@rollcall/domain/permission';
import type { User } from '@rollcall/domain/user';
import { parseJson } from '@rollcall/protocol/json';
import { LIMITS } from '@rollcall/protocol/limits';
import { parsePatches, parseProfiles } from '@rollcall/protocol/parse';
import { parseSearch } from '@rollcall/protocol/query';
import { PageAnswer, PatchBody, QueryPayload, UpsertBody, UsersAnswer } from '@rollcall/protocol/schema';
import { type Reader, writePage, writeUser, writeUserMap } from '@rollcall/protocol/write';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PresenceService } from '../service/presence.ts';
import type { UserService } from '../service/users.ts';
import type { WatchService } from '../service/watching.ts';
import { answer } from './answer.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { describe } from './openapi.ts';

/** What the calls work with. */
export interface UserRouteParts {
  readonly users: UserService;
  readonly presence: PresenceService;
  readonly watching: WatchService;
}

/** The calls about users: upsert, partial update, query. */
export function addUserRoutes(instance: FastifyInstance, { users, presence, watching }: UserRouteParts): void {
  /** Writes users for whoever asked: each user sees more of itself than of others. */
  async function writer({ tenant, actor }: FastifyRequest, shown: readonly User[]): Promise<(user: User) => string> {
    const look = await presence.look(tenant.id, shown);
    return (user) => {
      const reader = readerOf(actor, user);
      return writeUser(user, look(user, reader), reader);
    };
  }

  instance.post<{ Body: Batch<Profile> }>('/users', {
    bodyLimit: LIMITS.usersBodyBytes,
    config: { operation: 'UpdateUsers', limit: 'write' },
    schema: describe('Create or replace users, all or nothing', { body: UpsertBody, answer: [201, UsersAnswer] }),
    validatorCompiler: () => parsedBy(parseProfiles),
    handler: async (request, reply) => {
      const changed = await users.upsert(request.tenant, request, request.body);
      return answer(reply.code(201), writeUserMap(changed, await writer(request, changed)));
    },
  });

  instance.patch<{ Body: Batch<Patch> }>('/users', {
    bodyLimit: LIMITS.usersBodyBytes,
    config: { operation: 'UpdateUsersPartial', limit: 'write' },
    schema: describe('Change parts of users, all or nothing', { body: PatchBody, answer: [200, UsersAnswer] }),
    validatorCompiler: () => parsedBy(parsePatches),
    handler: async (request, reply) => {
      const changed = await users.patch(request.tenant, request, request.body);
      return answer(reply, writeUserMap(changed, await writer(request, changed)));
    },
  });

  instance.get<{ Querystring: { payload?: QueryPayload; connection_id?: unknown } }>('/users', {
    config: { operation: 'QueryUsers', limit: 'query' },
    schema: describe('Find users', { payload: QueryPayload, answer: [200, PageAnswer] }),
    preValidation: (request, _, done) => {
      users.permitQuery(request.tenant, request.actor);
      request.query.payload = parsePayload(request.query.payload);
      done();
    },
    handler: async (request, reply) => {
      const { tenant, actor, query } = request;
      const search = parseSearch(query.payload ?? {});
      const connectionId = search.connectionId ?? connectionIdIn(query.connection_id);
      const watcher = search.presence ? watching.watcher(tenant, actor, connectionId) : undefined;
      const after = search.next === undefined ? undefined : readCursor(search, search.next);
      const found = await users.query(tenant, actor, search, after);
      if (found.walked !== undefined) void reply.header('x-rollcall-hint', hintOf(found.walked));
      const page = found.users.slice(0, search.limit);
      const last = found.users.length > search.limit ? page.at(-1) : undefined;
      const next = last && writeCursor(search, last);
      const { includeDeactivated } = search;
      const shown = watcher
        ? await watching.watch(tenant, actor, watcher, { ...found, users: page, includeDeactivated })
        : page;
      return answer(reply, writePage(shown, next, await writer(request, shown)));
    },
  });
}

/** Lets a parser stand where a validator would: what it returns is the body, what it throws is the answer. */
function parsedBy<T>(parse: (body: JsonValue | undefined) => T) {
  return (body: unknown): { value: T } | { error: Error } => {
    try {
      return { value: parse(body as JsonValue | undefined) }; // it comes from a JSON parser
    } catch (error) {
      if (error instanceof Error) return { error };
      throw error;
    }
  };
}

function readerOf(actor: Actor, user: User): Reader {
  if (actor.kind === 'server') return 'server';
  return actor.id === user.id ? 'self' : 'other';
}

/** Names the field that a query waited for. A header takes ASCII only. */
function hintOf(field: string): string {
  const quoted = JSON.stringify(field).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `declare ${quoted} in indexed_fields`;
}

/** The connection that a query parameter names. An empty one names none. */
function connectionIdIn(parameter: unknown): string | undefined {
  if (parameter === undefined || parameter === '') return undefined;
  if (typeof parameter === 'string') return parameter;
  throw refusal('input_error', 'connection_id is given more than once', 'connection_id');
}

/** The JSON document in the query parameter; the schema looks at what is in it. */
function parsePayload(text: unknown): QueryPayload {
  if (text === undefined || text === '') return {};
  if (typeof text !== 'string') throw refusal('input_error', 'payload is given more than once', 'payload');
  return parseJson(text, 'payload', 'payload') as QueryPayload; // as far as the schema lets it through
}
