import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEngines } from '../support/engines.ts';
import { suffix, within } from '../support/wait.ts';

const FOLDER = fileURLToPath(new URL('../conformance/', import.meta.url));
/** What is said of the program, and not by it. */
const NOT_THESE = new Set(['compatibility']);
/** What differs most between one node and many; in full length all the rest too. */
const THESE = new Set(['conformance', 'watching']);
const IN_EARNEST = process.env.FULL_LENGTH === '1';
const WITHIN_MS = 240_000;

const { engines, skip } = await startEngines();
after(() => engines?.[Symbol.asyncDispose]());

it('two nodes that share a PostgreSQL and a Redis pass what one server passes, each call on the other node', {
  skip,
  timeout: WITHIN_MS,
}, async (test) => {
  assert.ok(engines);
  const { postgres, redis } = engines;
  const shared = createServer(async (_, reply) => {
    const names = {
      ROLLCALL_DATABASE: await postgres.url(),
      ROLLCALL_REDIS: redis.url,
      ROLLCALL_REDIS_PREFIX: `${suffix()}:`,
    };
    reply.end(JSON.stringify(names));
  }).listen(0, '127.0.0.1');
  test.after(() => void shared.close());
  await once(shared, 'listening');
  const address = shared.address();
  assert.ok(address && typeof address === 'object');
  const names = readdirSync(FOLDER).flatMap((file) =>
    file.endsWith('.test.ts') ? file.slice(0, -'.test.ts'.length) : [],
  );
  const files = names.filter((name) => (IN_EARNEST ? !NOT_THESE.has(name) : THESE.has(name)));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--conditions=source', '--test', '--test-timeout=60000', '--test-concurrency=2', '--test-reporter=tap'];
  const child = spawn(process.execPath, [...args, ...files.map((name) => `${FOLDER}${name}.test.ts`)], {
    env: { ...env, ROLLCALL_CONFORMANCE_SHARED: `http://127.0.0.1:${address.port}` },
  });
  test.after(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const [code] = await within('the suite', once(child, 'close'), WITHIN_MS);
  const counts = said.split('\n').filter((line) => /^# (tests|pass|fail|skipped) /.test(line));
  test.diagnostic(counts.join(', '));
  assert.equal(
    code,
    0,
    said
      .split('\n')
      .filter((line) => /^ *not ok|error: /.test(line))
      .join('\n'),
  );
  assert.match(counts.join(), /pass [3-9]\d\d|pass \d{4}/, 'hundreds of tests were run');
});
