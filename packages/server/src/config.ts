import { GRACE_MS, LEASE_MS } from '@rollcall/domain/presence';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** How much is logged. */
export type LogLevel = (typeof levels)[number];

interface Setting<T> {
  readonly help: string;
  readonly standard: T;
  /** Reads the text of the environment; throws with what is expected instead. */
  parse(text: string): T;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`expects a whole number from ${least} to ${most}`);
  };
}

const text = (value: string): string => value;

function key(value: string): string {
  if (/^[\w-]{1,64}$/.test(value)) return value;
  throw new Error('expects 1 to 64 letters, digits, _ or -');
}

function yesOrNo(value: string): boolean {
  if (value === 'yes') return true;
  if (value === 'no') return false;
  throw new Error('expects yes or no');
}

function level(value: string): LogLevel {
  const known = levels.find((name) => name === value);
  if (known) return known;
  throw new Error(`expects one of ${levels.join(', ')}`);
}

const POSTGRES = /^postgres(ql)?:\/\/./;
const REDIS = /^rediss?(\+cluster)?:\/\/./;

function database(value: string): string {
  if (/^sqlite:./.test(value) || POSTGRES.test(value)) return value;
  throw new Error(
    'expects sqlite:FILE, such as sqlite:./data/rollcall.db, sqlite::memory:, or postgres://USER:PASSWORD@HOST/DATABASE',
  );
}

function redis(value: string): string {
  if (REDIS.test(value)) return value;
  throw new Error('expects redis://HOST:PORT, rediss:// for TLS, or redis+cluster://HOST:PORT,HOST:PORT');
}

function prefix(value: string): string {
  if (/^[\w:.-]{1,64}$/.test(value)) return value;
  throw new Error('expects 1 to 64 letters, digits or _ : . -');
}

const setting = <T>(help: string, standard: T, parse: (text: string) => T): Setting<T> => ({ help, standard, parse });

function token(value: string): string {
  if (/^[\w.~+/=-]{16,256}$/.test(value)) return value;
  throw new Error('expects 16 to 256 letters, digits or . _ ~ + / = -');
}

/** Every setting an operator may choose, declared once: it reads the environment and explains itself. */
export const SETTINGS = {
  ROLLCALL_HOST: setting('The address to listen on.', '127.0.0.1', text),
  ROLLCALL_PORT: setting('The port to listen on; 0 picks one.', 8800, wholeNumber(0, 65_535)),
  ROLLCALL_DATABASE: setting(
    'Where users live: sqlite:FILE, for one node; postgres://USER:PASSWORD@HOST/DATABASE, for many.',
    'sqlite:./data/rollcall.db',
    database,
  ),
  ROLLCALL_REDIS: setting<string | undefined>(
    'What carries news and presence between nodes: redis://HOST:PORT, or redis+cluster://HOST:PORT,HOST:PORT. Many nodes need it; one does not.',
    undefined,
    redis,
  ),
  ROLLCALL_REDIS_PREFIX: setting(
    'What every key and channel in Redis begins with, so that several installations may share one.',
    'rollcall:',
    prefix,
  ),
  ROLLCALL_POSTGRES_POOL: setting('Connections to PostgreSQL of this node.', 10, wholeNumber(2, 500)),
  ROLLCALL_API_KEY: setting<string | undefined>(
    'The key of an app that is made when missing; generated when unset.',
    undefined,
    key,
  ),
  ROLLCALL_API_SECRET: setting<string | undefined>(
    'The secret of that app; generated and kept when unset.',
    undefined,
    text,
  ),
  ROLLCALL_LOG_LEVEL: setting<LogLevel>(`How much is logged: ${levels.join(', ')}.`, 'info', level),
  ROLLCALL_METRICS_TOKEN: setting<string | undefined>(
    'What a reader of GET /metrics must show; nothing is counted when unset.',
    undefined,
    token,
  ),
  ROLLCALL_WRITES_PER_MINUTE: setting(
    'Writes of one user to one endpoint, a minute; 0 is no limit.',
    60,
    wholeNumber(0, 1e9),
  ),
  ROLLCALL_QUERIES_PER_MINUTE: setting('Queries of one user, a minute; 0 is no limit.', 600, wholeNumber(0, 1e9)),
  ROLLCALL_CONNECTS_PER_MINUTE: setting('Connects of one user, a minute; 0 is no limit.', 60, wholeNumber(0, 1e9)),
  ROLLCALL_CONNECTIONS_PER_USER: setting('Open connections of one user.', 50, wholeNumber(1, 1000)),
  ROLLCALL_COMPRESS_FRAMES: setting(
    'Whether sockets may compress (permessage-deflate): yes or no. It costs memory.',
    false,
    yesOrNo,
  ),
  ROLLCALL_REQUEST_MS: setting('How long a client may take to send a request.', 120_000, wholeNumber(100, 3_600_000)),
  ROLLCALL_HEARTBEAT_MS: setting('How often a socket is greeted.', 25_000, wholeNumber(100, 3_600_000)),
  ROLLCALL_IDLE_MS: setting('How long a silent socket is kept.', 75_000, wholeNumber(100, 3_600_000)),
  ROLLCALL_LEASE_MS: setting(
    'How long a connection is believed without renewal.',
    LEASE_MS,
    wholeNumber(100, 3_600_000),
  ),
  ROLLCALL_RENEW_MS: setting(
    'How often a node renews the leases of its connections.',
    20_000,
    wholeNumber(100, 3_600_000),
  ),
  ROLLCALL_GRACE_MS: setting(
    'How long a user stays online after its last connection.',
    GRACE_MS,
    wholeNumber(0, 3_600_000),
  ),
} as const;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** What the operator chose. */
export type Config = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]['standard'] };

/** What every setting's name begins with. */
const PREFIX = 'ROLLCALL_';

/** For the client's examples and scripts, which share the environment. */
const OTHERS = new Set(['ROLLCALL_URL']);

/** Reads the settings from an environment. Throws an error that names every setting that is unknown or wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  for (const name of Object.keys(environment)) {
    if (name.startsWith(PREFIX) && !Object.hasOwn(SETTINGS, name) && !OTHERS.has(name))
      faults.push(`${name} is not a setting`);
  }
  const config = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => {
      const given = environment[name];
      try {
        return [name, given === undefined || given === '' ? setting.standard : setting.parse(given)];
      } catch (error) {
        // A secret is never repeated.
        faults.push(`${name} ${error instanceof Error ? error.message : 'is wrong'}`);
        return [name, setting.standard];
      }
    }),
  );
  if (config.ROLLCALL_API_SECRET !== undefined && config.ROLLCALL_API_KEY === undefined) {
    faults.push('ROLLCALL_API_SECRET needs ROLLCALL_API_KEY, which names its app');
  }
  if (Number(config.ROLLCALL_LEASE_MS) <= Number(config.ROLLCALL_RENEW_MS)) {
    faults.push('ROLLCALL_LEASE_MS must be longer than ROLLCALL_RENEW_MS, or leases run out before they are renewed');
  }
  if (Number(config.ROLLCALL_IDLE_MS) < Number(config.ROLLCALL_HEARTBEAT_MS)) {
    faults.push(
      'ROLLCALL_IDLE_MS must not be shorter than ROLLCALL_HEARTBEAT_MS, or whoever only answers is closed as silent',
    );
  }
  if (faults.length > 0) throw new Error(`${faults.join('; ')}\n\nThe settings are:\n${helpOfSettings()}`);
  return config as Config; // one value of its own type for each setting
}

/** Every setting with its standard and its help, a line each. */
export function helpOfSettings(): string {
  return Object.entries(SETTINGS)
    .map(([name, { standard, help }]) => `  ${name.padEnd(30)} ${help} (${standard ?? 'unset'})`)
    .join('\n');
}

/** Says whether the database may be another node's too. */
export function isShared({ ROLLCALL_DATABASE }: Pick<Config, 'ROLLCALL_DATABASE'>): boolean {
  return POSTGRES.test(ROLLCALL_DATABASE);
}

/** An address without the user, the password and the parameters in it, which no line of output may hold. */
export function withoutSecrets(address: string): string {
  return address.replace(/^([\w+]+:\/\/)(?:.*@)?([^?#]*).*$/s, '$1$2');
}
