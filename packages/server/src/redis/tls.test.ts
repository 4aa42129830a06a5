import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { makeCertificate, NO_OPENSSL } from '../testing-certificate.ts';
import { freePort, NO_REDIS, startRedis } from '../testing-redis.ts';

const run = promisify(execFile);

it('reaches Redis over TLS, and only one whose certificate is trusted', async (test) => {
  await using certificate = await makeCertificate();
  if (!certificate) return test.skip(NO_OPENSSL);
  const { cert, key } = certificate;
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
  await using redis = await startRedis(tls);
  if (!redis?.ours) return test.skip(NO_REDIS);
  assert.equal(await newsOver(`rediss://localhost:${port}`, cert), 'heard');
  // A process trusts what it was started with.
  assert.equal(await newsOver(`rediss://localhost:${port}`, undefined), 'away');
});

/** In a process of its own: two nodes meet, and one tells the other some news. */
async function newsOver(url: string, trusted: string | undefined): Promise<string> {
  const script = `
    import { TestNodes } from './packages/server/src/redis/testing.ts';
    await using nodes = new TestNodes();
    const [one, other] = await nodes.open(process.argv[1], 2);
    if (!one.bus.connected || !other.bus.connected) console.log('away');
    else {
      const heard = Promise.withResolvers();
      other.bus.subscribe(() => heard.resolve('heard'));
      await other.bus.follow(1, ['ada']);
      one.bus.publish(1, [{ type: 'user.presence.changed', userId: 'ada', online: true, at: 5, lastActive: 5 }]);
      console.log(await heard.promise);
    }`;
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { stdout } = await run(
    process.execPath,
    ['--conditions=source', '--input-type=module', '--eval', script, url],
    {
      cwd: new URL('../../../..', import.meta.url),
      env: trusted === undefined ? env : { ...env, NODE_EXTRA_CA_CERTS: trusted },
      timeout: 30_000,
    },
  );
  return stdout.trim();
}
