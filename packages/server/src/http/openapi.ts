import { ErrorAnswer } from '@rollcall/protocol/schema';
import Fastify, { type FastifyInstance, type FastifySchema, type RouteOptions } from 'fastify';
import Type, { type TSchema } from 'typebox';

/** What a call takes and gives. */
export interface Shapes {
  readonly body?: TSchema;
  /** The JSON document in the query parameter `payload`. */
  readonly payload?: TSchema;
  readonly answer: readonly [status: number, shape: TSchema];
}

/** The schema of a call, as it validates and as `/openapi.json` shows it. */
export function describe(summary: string, { body, payload, answer: [status, shape] }: Shapes): FastifySchema {
  return {
    summary,
    operationId: summary.replace(/[:,].*$/, '').replace(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ...(body ? { body } : {}),
    ...(payload
      ? {
          querystring: Type.Object({
            payload: Type.Optional(Type.Unsafe({ ...payload, 'x-consume': 'application/json' })),
          }),
        }
      : {}),
    response: { [status]: { description: 'Done', ...shape }, '4xx': { description: 'Refused', ...ErrorAnswer } },
  };
}

/** Collects the calls that are added from here on, for `/openapi.json`. What writes it down is not even loaded before somebody asks. */
export function collectOpenApi(instance: FastifyInstance, version: string): void {
  const calls: RouteOptions[] = [];
  instance.addHook('onRoute', ({ method, url, schema }) => {
    if (method !== 'HEAD' && schema && !schema.hide) calls.push({ method, url, schema, handler: NOBODY });
  });
  let page: Promise<object> | undefined;
  instance.get('/openapi.json', {
    schema: { hide: true },
    handler: async (_, reply) => {
      page ??= writeOpenApi(calls, version);
      try {
        return reply.send(await page);
      } catch (error) {
        page = undefined;
        throw error;
      }
    },
  });
}

/** The calls are only described, and never made. */
const NOBODY = (): void => {};

async function writeOpenApi(calls: readonly RouteOptions[], version: string): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger');
  await using described = Fastify({ exposeHeadRoutes: false });
  described.setValidatorCompiler(() => () => true);
  described.setSerializerCompiler(() => () => '');
  await described.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rollcall',
        version,
        description: 'The users part of a chat API, served by yourself.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This server' }],
      components: {
        securitySchemes: {
          api_key: { type: 'apiKey', in: 'query', name: 'api_key', description: 'Names the app.' },
          token: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: "A JWT, HS256, signed with the app's secret.",
          },
        },
      },
      security: [{ api_key: [], token: [] }],
    },
  });
  for (const call of calls) described.route(call);
  await described.ready();
  return described.swagger();
}
