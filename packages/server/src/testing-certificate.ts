import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for `localhost` that signed itself, in files. */
export interface TestCertificate extends AsyncDisposable {
  readonly cert: string;
  readonly key: string;
}

/** Why a test that needs a certificate is skipped. */
export const NO_OPENSSL = 'SKIPPED: there is no openssl to make a certificate with';

/** Makes one that a system user, if one is named, may read; undefined where there is no openssl. */
export async function makeCertificate(owner?: string): Promise<TestCertificate | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-certificate-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const what = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...what], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  if (owner !== undefined && process.getuid?.() === 0) {
    const uid = Number(execFileSync('id', ['-u', owner]).toString());
    for (const path of [folder, cert, key]) chownSync(path, uid, uid);
  }
  return { cert, key, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
