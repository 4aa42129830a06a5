import pino, { type Logger } from 'pino';
import { announceToPerson, announceToProgram } from './announce.ts';
import { type App, buildApp } from './app.ts';
import { createMemoryBus } from './bus/memory.ts';
import { type Config, readConfig } from './config.ts';
import { type FirstApp, firstApp } from './service/first-app.ts';
import { openSqlite, sqliteFile } from './store/sqlite.ts';
import type { Store } from './store/store.ts';
import { createMemoryTracker } from './tracker/memory.ts';
import { VERSION } from './version.ts';

/** However many clients hang on, a stop takes no longer. */
const STOP_MS = 9000;

/** Starts the server of this process: reads the settings, opens what they name, listens, and stops when asked. */
export async function start(): Promise<void> {
  let config: Config;
  let store: Store;
  try {
    config = readConfig(process.env);
    store = openSqlite(sqliteFile(config.ROLLCALL_DATABASE));
  } catch (error) {
    process.stderr.write(`Rollcall cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const log = pino({ level: config.ROLLCALL_LOG_LEVEL }, pino.destination({ dest: 2, sync: false }));
  try {
    await serve(config, store, log);
  } catch (error) {
    await store[Symbol.asyncDispose]();
    process.stderr.write(`Rollcall cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function serve(config: Config, store: Store, log: Logger): Promise<void> {
  const tracker = createMemoryTracker({ leaseMs: config.ROLLCALL_LEASE_MS, graceMs: config.ROLLCALL_GRACE_MS });
  const app = await buildApp({ store, bus: createMemoryBus(), tracker, config, log });
  const { first, url } = await open(app, config);
  const announcement = { url, ...first, database: config.ROLLCALL_DATABASE, version: VERSION };
  // Who reads "ready" may ask for a stop in the same moment.
  stopWhenAsked(app, store, log);
  process.stdout.write(process.stdout.isTTY ? announceToPerson(announcement) : announceToProgram(announcement));
  log.debug({ url, version: VERSION }, 'ready');
}

/** Finds or makes the first app, and listens; gives back what the server has when that fails. */
async function open(app: App, config: Config): Promise<{ first: FirstApp; url: string }> {
  try {
    const first = await firstApp(app.apps, config);
    const { address, family, port } = await app.listen(config.ROLLCALL_HOST, config.ROLLCALL_PORT);
    return { first, url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function stopWhenAsked(app: App, store: Store, log: Logger): void {
  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    log.debug('stopping');
    setTimeout(() => {
      log.warn('stopped while clients hung on');
      process.exit(0);
    }, STOP_MS).unref();
    await app.close();
    await store[Symbol.asyncDispose]();
    log.flush();
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}
