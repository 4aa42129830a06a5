import type { AddressInfo } from 'node:net';
import { CLOSE } from '@rollcall/protocol/close';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import { createClock } from './clock.ts';
import { type Config, isShared } from './config.ts';
import { refuseWhileAsleep } from './http/asleep.ts';
import { requireActor } from './http/auth.ts';
import { addErrorPage } from './http/error-page.ts';
import { addHealthRoutes } from './http/health.ts';
import { addMetrics } from './http/metrics.ts';
import { collectOpenApi } from './http/openapi.ts';
import { addPresenceRoutes } from './http/presence.ts';
import { buildServer } from './http/server.ts';
import { addSettingsRoutes } from './http/settings.ts';
import { addUserRoutes } from './http/users.ts';
import { openMetrics } from './metrics.ts';
import { createReport, type Report } from './report.ts';
import { type Apps, openApps } from './service/apps.ts';
import { newNodeName } from './service/connection-id.ts';
import { createHandover } from './service/handover.ts';
import { createHeard } from './service/heard.ts';
import { createLimiter } from './service/limits.ts';
import { createPresence, type PresenceService } from './service/presence.ts';
import { createTokens } from './service/tokens.ts';
import { createUsers } from './service/users.ts';
import { Wakefulness } from './service/wakefulness.ts';
import { createWatching } from './service/watching.ts';
import type { SocketTimes } from './socket/connection.ts';
import { openDoor } from './socket/door.ts';
import { Hub } from './socket/hub.ts';
import type { Store } from './store/store.ts';
import { type Sweep, startSweeps } from './sweeps.ts';
import type { Tracker } from './tracker/tracker.ts';
import { VERSION } from './version.ts';

/** What a server is made of. */
export interface Parts {
  readonly store: Store;
  readonly bus: Bus;
  readonly tracker: Tracker;
  readonly config: Config;
  readonly log: Logger;
  /** The name of this node; one by chance when none is given. */
  readonly node?: string;
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

/** How often everything that may be due is looked at, at most: more often when times are set that are shorter. */
const SWEEP_MS = 1000;
const LEAST_SWEEP_MS = 25;
/** How often it is looked whether somebody else changed an app: another node may at any time, an operator's command now and then. */
const LOOK_FOR_APPS_MS = { shared: 400, alone: 1000 };
/** How often it is written when users were last there: other nodes know it from then on. */
const SAVE_MS = { shared: 200, alone: 1000 };
const SEE_EVERYBODY_MS = 15 * 60_000;
/** How often everybody who matters is read anew while other nodes cannot tell of them. */
const RECHECK_MS = 10_000;
/** How long a request that is still arriving may take to be whole. */
const UNFINISHED_MS = 5000;
/** How long clients have to answer a goodbye. */
const GOODBYE_MS = 1500;

/** Wires the parts together. */
export async function buildApp(parts: Parts): Promise<App> {
  const { config, log } = parts;
  const reportOf = (server: FastifyInstance) => createReport(log, baseUrlOf(server, config));
  const { instance, report } = buildServer(reportOf, config.ROLLCALL_REQUEST_MS, log);
  const services = await openServices(parts, report);
  const { hub, apps, bus, handover, metrics } = services;
  await serveCalls(instance, services);
  openDoor(instance.server, {
    ...services,
    connectsPerMinute: config.ROLLCALL_CONNECTS_PER_MINUTE,
    compress: config.ROLLCALL_COMPRESS_FRAMES,
  });
  const sweeps = startSweeps(sweepsOf(services), report);
  bus.onReconnect(() => {
    Promise.all([apps.reload(), hub.catchUp()]).catch((error: unknown) => report.unexpected(error));
  });
  return {
    apps,
    http: instance,
    async listen(host, port) {
      // Without it some users are seen to go and to come: no reason not to serve.
      await handover.resume().catch(report.unexpected);
      return listen(instance, host, port);
    },
    async close() {
      await close(instance, services, sweeps);
      metrics?.[Symbol.dispose]();
    },
  };
}

type Services = Awaited<ReturnType<typeof openServices>>;

/** Opens everything that works behind the doors. */
async function openServices(parts: Parts, report: Report) {
  const { store, bus, tracker, config, log, node = newNodeName() } = parts;
  // What is stored never goes back in time, even if the machine's clock was set back; tokens and leases live by the machine's.
  const storedClock = createClock(await store.newest());
  const clock = createClock(0);
  const apps = await openApps(store, storedClock);
  const tokens = createTokens();
  const limiter = createLimiter(clock);
  const users = createUsers({ store, bus, clock: storedClock });
  const connectionsPerUser = config.ROLLCALL_CONNECTIONS_PER_USER;
  const presence = createPresence({ store, tracker, bus, clock, node, connectionsPerUser });
  const handover = createHandover({ store, tracker, clock });
  const times = timesOf(config);
  const wakefulness = new Wakefulness({
    mostMs: standstillMsOf(config),
    beginAnew: () => {
      log.warn('this process stood still: everybody is sent away, and settings are read anew');
      hub.startAnew();
      return apps.reload();
    },
  });
  const hub = new Hub({ bus, store, presence, clock, times, report, wakefulness });
  const watching = createWatching({ store, connections: hub, presence, bus, node });
  const metrics = await openMetrics(config.ROLLCALL_METRICS_TOKEN, { crowd: () => hub.crowd(), bus, store, clock });
  apps.onChange((app) => hub.recheckApp(app));
  return {
    ...{ store, bus, config, node, clock, apps, tokens, limiter, users, presence, handover, times, wakefulness, hub },
    ...{ watching, metrics, report },
  };
}

/** Adds the calls, and what holds for all of them. */
async function serveCalls(instance: FastifyInstance, services: Services): Promise<void> {
  const { apps, tokens, users, presence, watching, hub, bus, store, limiter, clock, node, config } = services;
  collectOpenApi(instance, VERSION);
  addMetrics(instance, services.metrics);
  refuseWhileAsleep(instance, services.wakefulness);
  addHealthRoutes(instance, { store, bus });
  addErrorPage(instance);
  await instance.register(async (calls) => {
    const perMinute = { write: config.ROLLCALL_WRITES_PER_MINUTE, query: config.ROLLCALL_QUERIES_PER_MINUTE };
    requireActor(calls, { apps, tokens, users, limiter, clock, perMinute });
    addUserRoutes(calls, { users, presence, watching });
    const upToDate = createHeard({ bus, node, lastHeard: (id) => hub.lastHeard(id) });
    addPresenceRoutes(calls, { presence, clock, upToDate });
    addSettingsRoutes(calls, apps);
  });
}

/** What is done again and again: looking at all that may be due, and noting who is there. */
function sweepsOf({ config, wakefulness, report, hub, presence, apps, bus }: Services): readonly Sweep[] {
  const everyMs = sweepMsOf(config);
  const where = isShared(config) ? 'shared' : 'alone';
  const lookForApps = () => apps.refresh().then(() => report.reached());
  return [
    { everyMs, work: async () => wakefulness.tick() },
    { everyMs, work: () => hub.sweep() },
    { everyMs, work: () => presence.sweep() },
    { everyMs: SAVE_MS[where], work: () => presence.save() },
    { everyMs: LOOK_FOR_APPS_MS[where], work: lookForApps },
    { everyMs: SEE_EVERYBODY_MS, work: async () => hub.seeEverybody() },
    { everyMs: RECHECK_MS, work: async () => (bus.connected ? undefined : hub.recheckEverybody()) },
  ];
}

/** How often to look: a quarter of the shortest time that is set. */
function sweepMsOf(config: Config): number {
  const { ROLLCALL_HEARTBEAT_MS, ROLLCALL_IDLE_MS, ROLLCALL_RENEW_MS, ROLLCALL_LEASE_MS } = config;
  const shortest = Math.min(ROLLCALL_HEARTBEAT_MS, ROLLCALL_IDLE_MS, ROLLCALL_RENEW_MS, ROLLCALL_LEASE_MS);
  return Math.max(LEAST_SWEEP_MS, Math.min(SWEEP_MS, shortest / 4));
}

/** For how long this process may stand still before a lease of its may have run out: each was renewed a while before. */
function standstillMsOf({ ROLLCALL_LEASE_MS, ROLLCALL_RENEW_MS }: Config): number {
  return Math.max(ROLLCALL_LEASE_MS - ROLLCALL_RENEW_MS - SWEEP_MS, ROLLCALL_LEASE_MS / 2);
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

async function close(server: FastifyInstance, services: Services, sweeps: AsyncDisposable): Promise<void> {
  const { hub, presence, report, handover } = services;
  hub.seeEverybody();
  hub.closeAll(CLOSE.shutdown);
  const cut = setTimeout(() => hub.terminateAll(), GOODBYE_MS);
  const hangUp = setTimeout(() => server.server.closeAllConnections(), UNFINISHED_MS);
  await server.close();
  clearTimeout(cut);
  clearTimeout(hangUp);
  hub.terminateAll();
  await sweeps[Symbol.asyncDispose]();
  // A database that is away is no reason to hang on.
  await saveAll(presence).catch(report.unexpected);
  await handover.leave().catch(report.unexpected);
  hub[Symbol.dispose]();
}

async function saveAll(presence: PresenceService): Promise<void> {
  while (await presence.save());
}
