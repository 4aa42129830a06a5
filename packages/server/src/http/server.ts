import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { type DomainError, refusal } from '@rollcall/domain/error';
import { parseJson } from '@rollcall/protocol/json';
import { LIMITS } from '@rollcall/protocol/limits';
import { STATUS } from '@rollcall/protocol/status';
import Fastify, { type ConnectionError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Report } from '../report.ts';
import { allowEveryOrigin, answersPreflight } from './cors.ts';
import { refusalOf } from './errors.ts';
import { addNotFound } from './unserved.ts';

const KEEP_ALIVE_MS = 72_000;
const HEADERS_MS = 60_000;
/** How often Node looks for requests that take too long. */
const LOOK_MS = 15_000;

/** A server, and how it speaks of errors. */
export interface HttpServer {
  readonly instance: FastifyInstance;
  readonly report: Report;
}

/** Builds the HTTP server with everything that holds for every call: parsing, errors, CORS. It has no calls yet. A request may take `requestMs` to arrive. */
export function buildServer(
  reportOf: (instance: FastifyInstance) => Report,
  requestMs: number,
  log: Logger,
): HttpServer {
  const instance: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: LIMITS.bodyBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: requestMs,
    http: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: Math.min(HEADERS_MS, requestMs),
      // Refused below, in the words of the wire.
      requireHostHeader: false,
      // Any other offer to upgrade is passed over, and the request answered as it is.
      shouldUpgradeCallback: ({ url = '', headers }) =>
        (url === '/connect' || url.startsWith('/connect?')) && headers.upgrade?.toLowerCase() === 'websocket',
      connectionsCheckingInterval: Math.min(LOOK_MS, requestMs),
    },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
        keywords: ['x-consume'],
      },
    },
    // Answers are texts already, or small enough for JSON.stringify: a schema describes them and does not rewrite them.
    schemaController: { compilersFactory: { buildSerializer: () => () => JSON.stringify } },
    clientErrorHandler: (error, socket) => answerBroken(error, socket, report),
    // Hooks are not asked about a path that cannot be read.
    frameworkErrors: (error, request, reply) => {
      if (!answersPreflight(request, reply)) sendError(reply, error, report);
    },
    routerOptions: { maxParamLength: 1000 },
    // A call that comes while the server stops is served, and its connection closed.
    return503OnClosing: false,
  });
  const report = reportOf(instance);
  beginCalls(instance);
  closeConnectionsWhenStopping(instance);
  if (log.isLevelEnabled('debug')) logRequests(instance, log);
  parseJsonOnly(instance);
  instance.setErrorHandler((error, _, reply) => sendError(reply, error, report));
  allowEveryOrigin(instance);
  instance.get('/connect', {
    config: { operation: 'Connect' },
    schema: { hide: true },
    handler: () => {
      throw refusal('input_error', 'this path takes a WebSocket upgrade, not a plain request');
    },
  });
  addNotFound(instance);
  return { instance, report };
}

/** Notes when a call begins, and refuses one that is no HTTP/1.1 by the letter. */
function beginCalls(instance: FastifyInstance): void {
  instance.decorateRequest('startedAt', 0);
  instance.addHook('onRequest', (request, _, done) => {
    request.startedAt = performance.now();
    const { httpVersion, headers } = request.raw;
    // RFC 9112, section 3.2.
    const hostless = httpVersion === '1.1' && headers.host === undefined;
    done(hostless ? refusal('input_error', 'the Host header is missing') : undefined);
  });
  // Whatever else is expected of us may be passed over (RFC 9110, section 10.1.1).
  instance.server.on('checkExpectation', (request, response) => instance.server.emit('request', request, response));
}

/** A connection that is kept alive would hold up a stop. */
function closeConnectionsWhenStopping(instance: FastifyInstance): void {
  let stopping = false;
  instance.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  instance.addHook('onSend', (_, reply, payload, done) => {
    if (stopping) void reply.header('connection', 'close');
    done(null, payload);
  });
}

/** Logs each call. A query string is left out: tokens travel in URLs. */
function logRequests(instance: FastifyInstance, log: Logger): void {
  instance.addHook('onResponse', (request, reply, done) => {
    const path = request.url.split('?', 1)[0];
    const ms = performance.now() - request.startedAt;
    log.debug({ method: request.method, path, status: reply.statusCode, ms }, 'request');
    done();
  });
}

/** Every body is JSON, whatever it says it is; an empty one is no body. */
function parseJsonOnly(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    if (bytes.length === 0) done(null, undefined);
    else if (bytes.length > LIMITS.ownUserBodyBytes && request.actor?.kind === 'user') {
      done(refusal('payload_too_big', `the body of a user's own call must fit in ${LIMITS.ownUserBodyBytes} bytes`));
    } else if (!isUtf8(bytes)) done(refusal('input_error', 'the body is not valid UTF-8'));
    else if (bytes.length > LIMITS.bodyBytes && isNestedDeeply(bytes)) {
      done(refusal('input_error', `the body is nested more than ${BODY_NESTING} levels deep`));
    } else {
      try {
        done(null, parseJson(bytes.toString(), 'the body'));
      } catch (error) {
        done(error as Error); // a refusal
      }
    }
  });
}

/** Far more than any body has. A parser takes seconds for the millions of levels that fit into one. */
const BODY_NESTING = 500;
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT, QUOTE, BACKSLASH] = Buffer.from('[{]}"\\');

/** Looks at the brackets of a big body before it is parsed. */
function isNestedDeeply(bytes: Buffer): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > BODY_NESTING) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

function sendError(reply: FastifyReply, error: unknown, report: Report): FastifyReply {
  const refused = refusalOf(error) ?? report.unexpected(error);
  const { startedAt, routeOptions } = reply.request;
  const { operation } = routeOptions?.config ?? {};
  const { status } = STATUS[refused.refusal];
  // A body that is too big is read to its end all the same: hung up on, its sender would never see why.
  if (refused.refusal === 'payload_too_big') void reply.removeHeader('connection');
  if (status === 503) void reply.header('retry-after', 1);
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(report.body(refused, operation, startedAt ? performance.now() - startedAt : 0)));
}

const BROKEN: Readonly<Record<string, DomainError>> = {
  HPE_HEADER_OVERFLOW: refusal('header_too_large', `the headers and the URL must fit in ${LIMITS.headerBytes} bytes`),
  ERR_HTTP_REQUEST_TIMEOUT: refusal('request_timeout', 'the request took too long to arrive'),
};
const BROKEN_HTTP = refusal('input_error', 'the request is not valid HTTP');
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers what is no HTTP request at all, in the words of the wire, and hangs up. */
function answerBroken(error: ConnectionError, socket: Socket, report: Report): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const refused = BROKEN[error.code ?? ''] ?? BROKEN_HTTP;
  const { status } = STATUS[refused.refusal];
  const body = JSON.stringify(report.body(refused, undefined, 0));
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    'Access-Control-Allow-Origin: *',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
