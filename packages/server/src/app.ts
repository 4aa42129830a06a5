import type { AddressInfo } from 'node:net';
import { CLOSE } from '@rollcall/protocol/close';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { requireActor } from './http/auth.ts';
import { addErrorPage } from './http/error-page.ts';
import { addHealthRoutes } from './http/health.ts';
import { collectOpenApi } from './http/openapi.ts';
import { buildServer } from './http/server.ts';
import { addSettingsRoutes } from './http/settings.ts';
import { addUserRoutes } from './http/users.ts';
import { createReport, type Report } from './report.ts';
import { type Apps, openApps } from './service/apps.ts';
import { createLimiter } from './service/limits.ts';
import { createPresence, type PresenceService } from './service/presence.ts';
import { createTokens } from './service/tokens.ts';
import { createUsers } from './service/users.ts';
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
  readonly clock: Clock;
  readonly config: Config;
  readonly log: Logger;
}

/** A server that is wired and does not listen yet. */
export interface App {
  readonly apps: Apps;
  readonly http: FastifyInstance;
  /** Listens, and answers where. */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Finishes what was accepted, sends everybody away with "come back", and gives everything back but the store. */
  close(): Promise<void>;
}

const SWEEP_MS = 1000;
const SEE_EVERYBODY_MS = 15 * 60_000;
/** How long clients have to answer a goodbye. */
const GOODBYE_MS = 1500;

/** Wires the parts together. */
export async function buildApp(parts: Parts): Promise<App> {
  const { store, bus, tracker, clock, config, log } = parts;
  const reportOf = (server: FastifyInstance) => createReport(log, () => baseUrlOf(server, config));
  const http = await buildServer(reportOf, config.ROLLCALL_REQUEST_MS, log);
  const { report } = http;
  const apps = await openApps(store, clock);
  const tokens = createTokens();
  const limiter = createLimiter(clock);
  const users = createUsers({ store, bus, clock });
  const presence = createPresence({ store, tracker, clock, connectionsPerUser: config.ROLLCALL_CONNECTIONS_PER_USER });
  const times = timesOf(config);
  const hub = new Hub({ bus, presence, clock, times, report });
  apps.onChange((app) => hub.recheckApp(app));

  await collectOpenApi(http.instance, VERSION);
  addHealthRoutes(http.instance, store);
  addErrorPage(http.instance);
  await http.instance.register(async (calls) => {
    const perMinute = { write: config.ROLLCALL_WRITES_PER_MINUTE, query: config.ROLLCALL_QUERIES_PER_MINUTE };
    requireActor(calls, { apps, tokens, users, limiter, clock, perMinute });
    addUserRoutes(calls, { users, presence });
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
    listen: (host, port) => listen(http.instance, host, port),
    async close() {
      hub.seeEverybody();
      hub.closeAll(CLOSE.shutdown);
      const cut = setTimeout(() => hub.terminateAll(), GOODBYE_MS);
      await http.instance.close();
      clearTimeout(cut);
      hub.terminateAll();
      await sweeps[Symbol.asyncDispose]();
      await presence.save();
      hub[Symbol.dispose]();
    },
  };
}

const timesOf = (config: Config): SocketTimes => ({
  heartbeatMs: config.ROLLCALL_HEARTBEAT_MS,
  idleMs: config.ROLLCALL_IDLE_MS,
  renewMs: config.ROLLCALL_RENEW_MS,
});

/** Where this server is, for the links in its errors: the port that was found when none was asked for. */
function baseUrlOf(server: FastifyInstance, config: Config): string {
  const address = server.server.address();
  const port = address === null || typeof address === 'string' ? config.ROLLCALL_PORT : address.port;
  return `http://${config.ROLLCALL_HOST}:${port}`;
}

async function listen(server: FastifyInstance, host: string, port: number): Promise<AddressInfo> {
  await server.listen({ host, port });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no address');
  return address;
}

interface Swept {
  readonly apps: Apps;
  readonly hub: Hub;
  readonly presence: PresenceService;
  readonly report: Report;
}

/** The two timers of a server: one looks at all that may be due, one notes who is there. */
function startSweeps({ apps, hub, presence, report }: Swept): AsyncDisposable {
  let sweeping: Promise<unknown> = Promise.resolve();
  const sweeps = setInterval(() => {
    const all = [apps.refresh(), hub.sweep(), presence.sweep(), presence.save()];
    sweeping = Promise.all(all).catch((error: unknown) => report.unexpected(error));
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
