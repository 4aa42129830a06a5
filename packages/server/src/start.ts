import pino, { type Logger } from 'pino';
import { openShared, openStore } from './adapters.ts';
import { announceToPerson, announceToProgram } from './announce.ts';
import { type App, buildApp, type Parts } from './app.ts';
import { type Config, isShared, readConfig, withoutSecrets } from './config.ts';
import { newNodeName } from './service/connection-id.ts';
import { type FirstApp, firstApp } from './service/first-app.ts';
import { VERSION } from './version.ts';

/** However many clients hang on, a stop takes no longer. */
const STOP_MS = 9000;

/** Starts the server of this process: reads the settings, opens what they name, listens, and stops when asked. */
export async function start(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  try {
    const config = readConfig(process.env);
    const log = pino({ level: config.ROLLCALL_LOG_LEVEL }, pino.destination({ dest: 2, sync: false }));
    const store = opened.use(await openStore(config));
    const node = newNodeName();
    const { bus, tracker } = opened.use(await openShared(config, node, log));
    await serve({ store, bus, tracker, config, log, node }, opened);
  } catch (error) {
    process.stderr.write(`Rollcall cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Serves until it is asked to stop; from then on what was opened is the server's to close. */
async function serve(parts: Parts, opened: AsyncDisposableStack): Promise<void> {
  const { config, log } = parts;
  const app = await buildApp(parts);
  const { first, url } = await open(app, config);
  const shared = isShared(config);
  const database = shared ? withoutSecrets(config.ROLLCALL_DATABASE) : config.ROLLCALL_DATABASE;
  const announcement = { url, ...first, database, shared, version: VERSION };
  // Who reads "ready" may ask for a stop in the same moment.
  stopWhenAsked(app, opened.move(), log);
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

function stopWhenAsked(app: App, opened: AsyncDisposable, log: Logger): void {
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
    await opened[Symbol.asyncDispose]();
    log.flush();
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}
