import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { App } from '@rollcall/domain/app';
import type { Batch, Patch } from '@rollcall/domain/change';
import { DomainError, refusal } from '@rollcall/domain/error';
import type { JsonValue } from '@rollcall/domain/json';
import type { Claims } from '@rollcall/domain/token';
import { CLOSE, closeFor } from '@rollcall/protocol/close';
import { parseUnwatch, writeConnectionError, writeHello } from '@rollcall/protocol/frame';
import { hasBackslashKey } from '@rollcall/protocol/json';
import { LIMITS } from '@rollcall/protocol/limits';
import { parseDetails } from '@rollcall/protocol/parse';
import { STATUS } from '@rollcall/protocol/status';
import { writeMe } from '@rollcall/protocol/write';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import type { Report } from '../report.ts';
import { type Apps, suspended } from '../service/apps.ts';
import { newConnectionId } from '../service/connection-id.ts';
import type { Limiter } from '../service/limits.ts';
import type { PresenceService } from '../service/presence.ts';
import { bareToken, checkBearer, type Tokens } from '../service/tokens.ts';
import type { UserService } from '../service/users.ts';
import type { Wakefulness } from '../service/wakefulness.ts';
import { Connection, type SocketTimes, type Wires } from './connection.ts';
import type { Hub } from './hub.ts';
import { type ConnectQuery, parseConnectQuery, parseConnectRequest, parseDevice } from './request.ts';

/** What the door works with. */
export interface DoorParts {
  readonly apps: Apps;
  readonly tokens: Tokens;
  readonly users: UserService;
  readonly presence: PresenceService;
  readonly hub: Hub;
  readonly limiter: Limiter;
  readonly connectsPerMinute: number;
  readonly clock: Clock;
  readonly times: SocketTimes;
  readonly report: Report;
  readonly compress: boolean;
  readonly metrics: Metrics | undefined;
  readonly wakefulness: Pick<Wakefulness, 'look'>;
  /** The name of this node. */
  readonly node: string;
}

/** Lets live connections in at `/connect`: the upgrade comes first, since a browser cannot read a refused one. */
export function openDoor(server: Server, parts: DoorParts): Disposable {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: parts.compress,
    clientTracking: false,
  });
  sockets.on('wsClientError', (_, socket) => refuseHandshake(socket, parts));
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node has taken its own listener off: a peer that resets would end the process.
    socket.on('error', ignore);
    // The answer to the upgrade and the first frame leave together: a client is woken once.
    socket.cork();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const wires = { socket: webSocket, raw: parts.compress ? undefined : socket };
      void welcome(wires, request, parts).finally(() => socket.uncork());
    });
  };
  server.on('upgrade', upgrade);
  return { [Symbol.dispose]: () => server.off('upgrade', upgrade) };
}

/** Answers a handshake that is none, in the words of the wire. */
function refuseHandshake(socket: Duplex, { report }: DoorParts): void {
  const error = refusal('input_error', 'the WebSocket handshake is not valid');
  const body = JSON.stringify(report.body(error, 'Connect', 0));
  const head = ['HTTP/1.1 400 Bad Request', 'Connection: close', 'Content-Type: application/json; charset=utf-8'];
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** The status of an upgrade. */
const SWITCHED = 101;

/** Takes a new socket through the checks, and says hello or why not. A socket may close at any moment of it. */
async function welcome(wires: Wires, request: IncomingMessage, parts: DoorParts): Promise<void> {
  const { socket } = wires;
  const startedAt = performance.now();
  countClose(socket, parts);
  // A frame that breaks the protocol is answered by `ws` with a close code of its own; an error without a listener would crash.
  socket.on('error', ignore);
  try {
    await connect(wires, request, parts);
    parts.metrics?.answered('Connect', SWITCHED, undefined, performance.now() - startedAt);
  } catch (error) {
    const refused = error instanceof DomainError ? error : parts.report.unexpected(error);
    const ms = performance.now() - startedAt;
    parts.metrics?.answered('Connect', STATUS[refused.refusal].status, refused.refusal, ms);
    const body = parts.report.body(refused, 'Connect', ms);
    if (socket.readyState === socket.OPEN) socket.send(writeConnectionError(JSON.stringify(body), parts.clock()));
    const { code, reason } = closeFor(refused.refusal);
    socket.close(code, reason);
  }
}

const ignore = (): void => {};

/** Apart from all else, so that what it keeps as long as the socket lives is no more than it needs. */
function countClose(socket: WebSocket, { metrics }: DoorParts): void {
  if (metrics) socket.on('close', (code) => metrics.closed(code));
}

async function connect(wires: Wires, { url = '', headers }: IncomingMessage, parts: DoorParts): Promise<void> {
  const waits = parts.wakefulness.look();
  if (waits) await waits;
  if (wires.socket.readyState !== wires.socket.OPEN) return;
  const query = parseConnectQuery(url);
  const { app, claims, userId } = authenticate(query, parts);
  if (
    parts.connectsPerMinute > 0 &&
    !parts.limiter.take(`${app.id} connect ${userId}`, parts.connectsPerMinute).allowed
  ) {
    throw refusal('rate_limited', 'too many connects, please try again later');
  }
  let batch: Batch<Patch>;
  try {
    batch = parseDetails(userId, parseConnectRequest(query.json, userId).details);
  } catch (error) {
    // Who may not come in at all reads that first.
    checkBearer(claims, await parts.users.find(app, userId));
    throw error;
  }
  const { issuedAt, expiresAt } = claims;
  const details = {
    id: newConnectionId(parts.node),
    app,
    userId,
    device: parseDevice(query, headers),
    issuedAt,
    expiresAt,
  };
  const connection = new Connection(wires, details, parts.clock(), parts.times);
  // Before the first wait, so that a revocation which comes meanwhile finds it.
  parts.hub.add(connection);
  listen(wires, connection, parts);
  try {
    const followed = parts.hub.followed(connection);
    if (!(await parts.presence.begin(connection))) throw refusal('rate_limited', 'the user has too many connections');
    // Before the user is read, so that what another node changes from then on is heard.
    if (followed) await followed;
    if (connection.open) await enter(connection, batch, claims, parts);
  } catch (error) {
    await parts.presence.end(connection);
    throw error;
  }
  // It may have closed before its lease began.
  if (!connection.open && !connection.entered) await parts.presence.end(connection);
}

/** Makes or changes the user, shows it as there, and says hello. */
async function enter(connection: Connection, batch: Batch<Patch>, claims: Claims, parts: DoorParts): Promise<void> {
  const { app } = connection;
  const user = await parts.users.connect(app, batch, (stored) => checkBearer(claims, stored));
  connection.learn(user);
  // Nobody who was on the way while this process stood still is shown as there.
  if (parts.wakefulness.look() || !connection.open) return;
  connection.entered = true;
  await parts.presence.enter(connection);
  if (!connection.open) return;
  const now = parts.clock();
  // Whoever reads this is there.
  connection.greet(writeHello(connection.id, writeMe(user, { online: true, lastActive: now }), now));
}

function authenticate(
  { apiKey, authType, authorization = '' }: ConnectQuery,
  { apps, tokens, clock }: DoorParts,
): { app: App; claims: Claims; userId: string } {
  if (!apiKey) throw refusal('access_key_error', 'api_key not provided');
  const app = apps.find(apiKey);
  if (!app) throw refusal('access_key_error', 'api_key is invalid');
  if (app.suspended) throw suspended(app);
  if (authType === 'anonymous') throw refusal('not_allowed', 'anonymous users cannot connect yet');
  const claims = tokens.verify(app, bareToken(authorization), clock());
  if (claims.userId === undefined)
    throw refusal('authentication_error', 'a server token cannot connect: use a user token');
  return { app, claims, userId: claims.userId };
}

/** From here on the socket is the hub's, until it closes. */
function listen({ socket }: Wires, connection: Connection, parts: DoorParts): void {
  const { hub, clock } = parts;
  socket.on('pong', () => connection.heard(clock()));
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const frame = isBinary ? undefined : parseFrame(data);
    if (frame === undefined) connection.close(CLOSE.bad_input);
    else {
      if (parts.wakefulness.look()) return;
      connection.heard(clock());
      hub.unwatch(connection, parseUnwatch(frame));
    }
  });
  socket.on('close', () => {
    hub.remove(connection);
    leave(connection, parts).catch((error: unknown) => parts.report.unexpected(error));
  });
}

/** Ends the lease of a socket that closed. */
async function leave(connection: Connection, { presence }: DoorParts): Promise<void> {
  // After a restart everybody comes back: the lease is left to run out, and nobody seems to go.
  if (connection.entered && connection.leaving === CLOSE.shutdown) return;
  await presence.end(connection);
}

/** Reads a text frame: JSON, whatever it says. Undefined when it is not well-formed. */
function parseFrame(data: RawData): JsonValue | undefined {
  const text = data.toString();
  // One that must not be read says nothing that is known here, and is a sign of life all the same.
  if (hasBackslashKey(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
