import { writeApp, writeRole, writeRoles } from '@rollcall/protocol/app';
import {
  AppAnswer,
  ChannelTypesAnswer,
  DoneAnswer,
  RoleAnswer,
  RoleBody,
  RolesAnswer,
  SettingsBody,
} from '@rollcall/protocol/schema';
import type { FastifyInstance } from 'fastify';
import type { Apps } from '../service/apps.ts';
import { answer } from './answer.ts';
import { describe } from './openapi.ts';

/** The calls about the app itself: its settings and its roles. */
export function addSettingsRoutes(instance: FastifyInstance, apps: Apps): void {
  instance.get('/app', {
    config: { operation: 'GetApp', serverOnly: true },
    schema: describe("Read the app's settings", { answer: [200, AppAnswer] }),
    handler: async (request, reply) => {
      const { tenant } = request;
      return answer(reply, JSON.stringify({ app: writeApp(tenant, await apps.fieldIndexes(tenant)) }));
    },
  });

  instance.patch<{ Body: SettingsBody }>('/app', {
    config: { operation: 'UpdateApp', serverOnly: true },
    schema: describe("Change the app's settings", { body: SettingsBody, answer: [200, AppAnswer] }),
    handler: async (request, reply) => {
      const { app, warnings } = await apps.changeSettings(request.tenant, request.body);
      const written = writeApp(app, await apps.fieldIndexes(app));
      return answer(reply, JSON.stringify({ app: written, ...(warnings.length > 0 ? { warnings } : {}) }));
    },
  });

  instance.get('/roles', {
    config: { operation: 'ListRoles', serverOnly: true },
    schema: describe('List the roles', { answer: [200, RolesAnswer] }),
    handler: (request, reply) => answer(reply, JSON.stringify({ roles: writeRoles(request.tenant) })),
  });

  instance.post<{ Body: RoleBody }>('/roles', {
    config: { operation: 'CreateRole', serverOnly: true },
    schema: describe('Make a role', { body: RoleBody, answer: [201, RoleAnswer] }),
    handler: async (request, reply) => {
      const role = await apps.createRole(request.tenant, request.body.name);
      return answer(reply.code(201), JSON.stringify({ role: writeRole(role) }));
    },
  });

  instance.delete<{ Params: { name: string } }>('/roles/:name', {
    config: { operation: 'DeleteRole', serverOnly: true },
    schema: describe('Delete a role that nobody has', { answer: [200, DoneAnswer] }),
    handler: async (request, reply) => {
      await apps.deleteRole(request.tenant, request.params.name);
      return answer(reply, '{}');
    },
  });

  instance.get('/channeltypes', {
    config: { operation: 'ListChannelTypes' },
    schema: describe('List the channel types: none, since an app on Rollcall has no channels', {
      answer: [200, ChannelTypesAnswer],
    }),
    handler: (_, reply) => answer(reply, '{"channel_types":{}}'),
  });
}
