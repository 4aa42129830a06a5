import swagger from '@fastify/swagger';
import { ErrorAnswer } from '@rollcall/protocol/schema';
import type { FastifyInstance, FastifySchema } from 'fastify';
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

/** Collects the calls that are added from here on, for `/openapi.json`. */
export async function collectOpenApi(instance: FastifyInstance, version: string): Promise<void> {
  await instance.register(swagger, {
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
  instance.get('/openapi.json', { schema: { hide: true }, handler: (_, reply) => reply.send(instance.swagger()) });
}
