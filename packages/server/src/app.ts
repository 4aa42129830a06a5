import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { CLOSE } from '@rollcall/protocol/close';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import { createClock } from './clock.ts';
import type { Config } from './config.ts';
import { requireActor } from './http/auth.ts';
import { addErrorPage } from './http/error-page.ts';
import { addHealthRoutes } from './http/health.ts';
import { collectOpenApi } from './http/openapi.ts';
import { addPresenceRoutes } from './http/presence.ts';
import { buildServer } from './http/server.ts';
import { addSettingsRoutes } from './http/settings.ts';
import { addUserRoutes } from './http/users.ts';
import { createReport, type Report } from './report.ts';
import { type Apps, openApps } from './service/apps.ts';
import { createHandover, type Handover } from './service/handover.ts';
import { createLimiter } from './service/limits.ts';
import { createPresence, type PresenceService } from './service/presence.ts';
import { createTokens } from './service/tokens.ts';
import { createUsers } from './service/users.ts';
import { createWatching } from './service/watching.ts';
import type { SocketTimes } from './socket/connection.ts';
import { openDoor } from './socket/door.ts';
import { Hub } from './socket/hub.ts';
import type { Store } from './store/store.ts';
import type { Tracker } from './tracker/tracker.ts';
import { VERSION } from './version.ts';

/** What a server is made of. */
export interface Parts {
  readonly store: Store;
  readonly bus: Bus;
  readonly tracker: Tracker;
  readonly config: Config;
  readonly log: Logger;
}

/** A server that is wired and does not listen yet. */
export interface App {
  readonly apps: Apps;
  readonly http: FastifyInstance;
  /** Takes up the leases that the server before it left, listens, and answers where. */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Finishes what was accepted, sends everybody away with "come back", and gives everything back but the store. */
  close(): Promise<void>;
}

/** A process is named by chance, so that two of one machine differ. */
const NODE_BYTES = 4;
const SWEEP_MS = 1000;
const SEE_EVERYBODY_MS = 15 * 60_000;
/** How long a request that is still arriving may take to be whole. */
const UNFINISHED_MS = 5000;
/** How long clients have to answer a goodbye. */
const GOODBYE_MS = 1500;

/** Wires the parts together. */
export async function buildApp(parts: Parts): Promise<App> {
  const { store, bus, tracker, config, log } = parts;
  // What is stored never goes back in time, even if the machine's clock was set back; tokens and leases live by the machine's.
  const storedClock = createClock(await store.newest());
  const clock = createClock(0);
  const reportOf = (server: FastifyInstance) => createReport(log, baseUrlOf(server, config));
  const http = await buildServer(reportOf, config.ROLLCALL_REQUEST_MS, log);
  const { report } = http;
  const apps = await openApps(store, storedClock);
  const tokens = createTokens();
  const limiter = createLimiter(clock);
  const users = createUsers({ store, bus, clock: storedClock });
  const connectionsPerUser = config.ROLLCALL_CONNECTIONS_PER_USER;
  const node = randomBytes(NODE_BYTES).toString('hex');
  const presence = createPresence({ store, tracker, bus, clock, node, connectionsPerUser });
  const handover = createHandover({ store, tracker, clock });
  const times = timesOf(config);
  const hub = new Hub({ bus, store, presence, clock, times, report });
  const watching = createWatching({ store, connections: hub });
  apps.onChange((app) => hub.recheckApp(app));

  await collectOpenApi(http.instance, VERSION);
  addHealthRoutes(http.instance, store);
  addErrorPage(http.instance);
  await http.instance.register(async (calls) => {
    const perMinute = { write: config.ROLLCALL_WRITES_PER_MINUTE, query: config.ROLLCALL_QUERIES_PER_MINUTE };
    requireActor(calls, { apps, tokens, users, limiter, clock, perMinute });
    addUserRoutes(calls, { users, presence, watching });
    addPresenceRoutes(calls, { presence, clock, lastHeard: (id) => hub.lastHeard(id) });
    addSettingsRoutes(calls, apps);
  });
  const connectsPerMinute = config.ROLLCALL_CONNECTS_PER_MINUTE;
  const compress = config.ROLLCALL_COMPRESS_FRAMES;
  const door = { apps, tokens, users, presence, hub, limiter, connectsPerMinute, clock, times, report, compress };
  openDoor(http.instance.server, door);
  const sweeps = startSweeps({ apps, hub, presence, report });
  return {
    apps,
    http: http.instance,
    async listen(host, port) {
      // Without it some users are seen to go and to come: no reason not to serve.
      await handover.resume().catch(report.unexpected);
      return listen(http.instance, host, port);
    },
    close: () => close(http.instance, { apps, hub, presence, report, handover, sweeps }),
  };
}

const timesOf = (config: Config): SocketTimes => ({
  heartbeatMs: config.ROLLCALL_HEARTBEAT_MS,
  idleMs: config.ROLLCALL_IDLE_MS,
  renewMs: config.ROLLCALL_RENEW_MS,
});

const WILDCARDS = new Set(['0.0.0.0', '::']);

/** Where this server is, for the links in its errors: the port that was found when none was asked for. */
function baseUrlOf(server: FastifyInstance, config: Config): () => string {
  let port = config.ROLLCALL_PORT;
  const host = WILDCARDS.has(config.ROLLCALL_HOST) ? 'localhost' : config.ROLLCALL_HOST;
  return () => {
    const address = server.server.address();
    if (address !== null && typeof address !== 'string') port = address.port;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  };
}

/**
 * How many connections may wait to be taken, as far as the system allows: when all clients come back at once, whoever finds no room
 * is left to the ever longer pauses of TCP.
 */
const BACKLOG = 65_535;

async function listen(server: FastifyInstance, host: string, port: number): Promise<AddressInfo> {
  await server.listen({ host, port, backlog: BACKLOG });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no address');
  return address;
}

interface Running extends Swept {
  readonly handover: Handover;
  readonly sweeps: AsyncDisposable;
}

async function close(server: FastifyInstance, { hub, presence, report, handover, sweeps }: Running): Promise<void> {
  hub.seeEverybody();
  hub.closeAll(CLOSE.shutdown);
  const cut = setTimeout(() => hub.terminateAll(), GOODBYE_MS);
  const hangUp = setTimeout(() => server.server.closeAllConnections(), UNFINISHED_MS);
  await server.close();
  clearTimeout(cut);
  clearTimeout(hangUp);
  hub.terminateAll();
  await sweeps[Symbol.asyncDispose]();
  while (await presence.save());
  await handover.leave().catch(report.unexpected);
  hub[Symbol.dispose]();
}

interface Swept {
  readonly apps: Apps;
  readonly hub: Hub;
  readonly presence: PresenceService;
  readonly report: Report;
}

/** The two timers of a server: one looks at all that may be due, one notes who is there. */
function startSweeps({ apps, hub, presence, report }: Swept): AsyncDisposable {
  let sweeping: Promise<unknown> | undefined;
  const sweeps = setInterval(() => {
    sweeping ??= Promise.all([apps.refresh(), hub.sweep(), presence.sweep(), presence.save()])
      .catch((error: unknown) => report.unexpected(error))
      .finally(() => {
        sweeping = undefined;
      });
  }, SWEEP_MS);
  const sightings = setInterval(() => hub.seeEverybody(), SEE_EVERYBODY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(sweeps);
      clearInterval(sightings);
      await sweeping;
    },
  };
}
