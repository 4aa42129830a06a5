/** Where Redis is: one server, or a Redis Cluster by some of its nodes. */
export interface RedisAddress {
  readonly cluster: boolean;
  /** One address for a server; for a cluster those of the nodes that are asked for the others. */
  readonly urls: readonly string[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const FORM = /^(rediss?)(\+cluster)?:\/\/(?:([^/]*)@)?([^/@]+)(\/\d*)?$/;
const EXPECTED = 'expects redis://HOST:PORT, rediss://HOST:PORT, or redis+cluster://HOST:PORT,HOST:PORT';

/**
 * Reads an address: `redis://` or `rediss://` (TLS), a name and password before `@` if there are any. With `+cluster`,
 * or with several hosts, it is a Redis Cluster. The error never repeats the address, which may hold a password.
 */
export function parseRedisAddress(text: string): RedisAddress {
  const [, scheme, cluster, credentials, hosts, database] = FORM.exec(text) ?? [];
  if (scheme === undefined || hosts === undefined) throw new Error(EXPECTED);
  const named = hosts.split(',');
  const several = cluster !== undefined || named.length > 1;
  if (several && database !== undefined && database.length > 1) {
    throw new Error('a Redis Cluster has no databases to choose');
  }
  const urls = named.map((host) => {
    const url = `${scheme}://${credentials === undefined ? '' : `${credentials}@`}${host}${several ? '' : (database ?? '')}`;
    if (!URL.canParse(url) || new URL(url).hostname === '') throw new Error(EXPECTED);
    return url;
  });
  const { username, password } = new URL(urls[0] ?? '');
  return {
    cluster: several,
    urls,
    tls: scheme === 'rediss',
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
  };
}
