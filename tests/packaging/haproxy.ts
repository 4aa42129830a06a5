import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const APT_MS = 120_000;
const run = promisify(execFile);

/** Where HAProxy is; Debian's root gets it installed. Undefined when there is none to be had. */
export async function findHaproxy(): Promise<string | undefined> {
  const found = onPath();
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return found;
  const options = { timeout: APT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = (): Promise<unknown> =>
    run('apt-get', ['install', '--yes', '--no-install-recommends', 'haproxy'], options);
  // A machine that is new has no list of packages yet.
  await install().catch(() =>
    run('apt-get', ['update'], options)
      .then(install, () => {})
      .catch(() => {}),
  );
  return onPath();
}

function onPath(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'haproxy')).find((file) => existsSync(file));
}
