import { parseArgs } from 'node:util';
import type { App } from '@rollcall/domain/app';
import { createSigner } from 'fast-jwt';
import { openAppStore } from './adapters.ts';
import { createClock } from './clock.ts';
import { type Config, readConfig } from './config.ts';
import { type Apps, openApps } from './service/apps.ts';

const HELP = `Usage: npm run app -- COMMAND

  create NAME              make an app; prints its key and its secret
  list [--secret]          list the apps; with --secret, their secrets too
  suspend KEY [REASON]     refuse every call of an app
  resume KEY               serve it again
  token [USER] [--app KEY] print a token: for USER, or for a backend
  secret [--app KEY]       print an app's secret, for a script
  env [--app KEY]          print the lines that give a shell the address, the key and the secret

Without --app the oldest app is meant, or the one ROLLCALL_API_KEY names. --json prints JSON, a line an app.
A running server sees a change within a second.
`;

interface Options {
  readonly secret?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly app?: string | undefined;
}

function show(app: App, { secret, json }: Options): string {
  if (json) {
    return JSON.stringify({
      name: app.name,
      api_key: app.key,
      suspended: app.suspended,
      ...(secret ? { secret: app.secret } : {}),
    });
  }
  const state = app.suspended ? '  suspended' : '';
  return `${app.name}\n  API key      ${app.key}${state}${secret ? `\n  API secret   ${app.secret}` : ''}`;
}

function findApp(apps: Apps, key: string | undefined): App {
  const app = key === undefined ? apps.all()[0] : apps.find(key);
  if (!app)
    throw new Error(
      key === undefined ? 'there is no app yet: npm start makes one' : `there is no app with the key ${key}`,
    );
  return app;
}

function required(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`${what} is missing\n\n${HELP}`);
  return value;
}

function tokenFor(app: App, user: string | undefined): string {
  const sign = createSigner({ key: app.secret, algorithm: 'HS256' });
  return sign(user === undefined ? { server: true } : { user_id: user });
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Lines for a shell: `eval "$(npm run --silent app -- env)"`. */
function exportsFor(app: App, config: Config): string {
  const { ROLLCALL_HOST: host } = config;
  return [
    `export ROLLCALL_URL=${quoted(`http://${host.includes(':') ? `[${host}]` : host}:${config.ROLLCALL_PORT}`)}`,
    `export ROLLCALL_API_KEY=${quoted(app.key)}`,
    `export ROLLCALL_API_SECRET=${quoted(app.secret)}`,
  ].join('\n');
}

async function run(apps: Apps, config: Config, words: readonly string[], options: Options): Promise<string> {
  const key = options.app ?? config.ROLLCALL_API_KEY;
  const [command, first, ...rest] = words;
  switch (command) {
    case 'create':
      return show(await apps.create({ name: required(first, 'NAME') }), { ...options, secret: true });
    case 'list':
      return apps
        .all()
        .map((app) => show(app, options))
        .join('\n');
    case 'suspend':
      return show(await apps.suspend(findApp(apps, required(first, 'KEY')), true, rest.join(' ')), options);
    case 'resume':
      return show(await apps.suspend(findApp(apps, required(first, 'KEY')), false), options);
    case 'token':
      return tokenFor(findApp(apps, key), first);
    case 'secret':
      return findApp(apps, key).secret;
    case 'env':
      return exportsFor(findApp(apps, key), config);
    default:
      throw new Error(command === undefined ? HELP : `there is no command "${command}"\n\n${HELP}`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      secret: { type: 'boolean' },
      json: { type: 'boolean' },
      app: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const config = readConfig(process.env);
  await using store = await openAppStore(config);
  const apps = await openApps(store, createClock(await store.newest()));
  const answer = await run(apps, config, positionals, values);
  process.stdout.write(`${answer}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
