import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';

const KNOWN = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name', 'host', 'options']);

/** Where PostgreSQL is, and who we are there. */
export type Address = Pick<ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'> & {
  readonly applicationName: string;
  /** Settings of the session that the operator gave. */
  readonly options: string;
};

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`. Throws a plain error, for the operator to read, that holds
 * nothing of the password.
 */
export function readAddress(text: string): Address {
  const url = URL.parse(text);
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new Error('the database must be named like postgres://user:password@host:5432/database');
  }
  for (const name of url.searchParams.keys()) {
    if (!KNOWN.has(name)) throw new Error(`the database's URL has a parameter "${name}", which means nothing here`);
  }
  const parameter = (name: string) => url.searchParams.get(name) ?? undefined;
  const database = decoded(url.pathname.slice(1));
  if (database === '' || database.includes('/')) throw new Error("the database's URL must end in one database's name");
  // What is left out is taken from PGUSER and the like, as every client of PostgreSQL does.
  const host = parameter('host') ?? decoded(url.hostname.replace(/^\[(.+)\]$/, '$1'));
  return {
    database,
    ...(host === '' ? {} : { host }),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(url.username === '' ? {} : { user: decoded(url.username) }),
    ...(url.password === '' ? {} : { password: decoded(url.password) }),
    ssl: readTls(parameter),
    applicationName: parameter('application_name') ?? 'rollcall',
    options: parameter('options') ?? '',
  };
}

type Parameter = (name: string) => string | undefined;

/** What `sslmode` means, as in every client of PostgreSQL, but for the modes that would settle for less in silence. */
function readTls(parameter: Parameter): ConnectionOptions | false {
  const ca = readGiven(parameter, 'sslrootcert');
  const files = { ...ca('ca'), ...readGiven(parameter, 'sslcert')('cert'), ...readGiven(parameter, 'sslkey')('key') };
  const mode = parameter('sslmode') ?? (Object.keys(files).length > 0 ? 'verify-full' : 'disable');
  const anyName = { checkServerIdentity: () => undefined };
  switch (mode) {
    case 'disable':
      return false;
    case 'require':
      // With an authority to ask, the certificate is looked at; the name in it is not.
      return 'ca' in files ? { ...files, ...anyName } : { ...files, rejectUnauthorized: false };
    case 'verify-ca':
      return { ...files, ...anyName };
    case 'verify-full':
      return files;
    default:
      throw new Error(`sslmode must be disable, require, verify-ca or verify-full, not "${mode}"`);
  }
}

function readGiven(parameter: Parameter, name: string) {
  const file = parameter(name);
  return (option: 'ca' | 'cert' | 'key'): ConnectionOptions => {
    if (file === undefined) return {};
    try {
      return { [option]: readFileSync(file) };
    } catch (cause) {
      throw new Error(`the file that ${name} names, ${file}, cannot be read`, { cause });
    }
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error(`the database's URL has a "%" that stands for nothing: a "%" itself is written "%25"`);
  }
}
