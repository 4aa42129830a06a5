import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '@rollcall/server/store/postgres/testing';
import { NO_REDIS, type RedisServer, startRedis } from '@rollcall/server/testing-redis';
import { type Program, ROOT, startProgram } from '../chaos/process.ts';
import { connect, read, type Target, upsert } from '../concurrency/backend.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { suffix, until } from '../support/wait.ts';
import { findHaproxy } from './haproxy.ts';
import { freePort } from './ports.ts';

// The load balancer of compose.yaml, with its file as it is, before two nodes on a real PostgreSQL and a real Redis.

const HAPROXY = await findHaproxy();
const WRITERS = 4;

describe('the load balancer of compose.yaml', { skip: !HAPROXY && 'SKIPPED: no haproxy on the PATH' }, () => {
  const app = { apiKey: 'balanced', secret: `secret-${suffix()}` };
  const nodes: RunningServer[] = [];
  const ports: number[] = [];
  let postgres: TestPostgres;
  let redis: RedisServer | undefined;
  let database: string;
  let balancer: Program;
  let target: Target;

  const startNode = (at: number): Promise<RunningServer> =>
    startServer({
      ...app,
      database,
      env: {
        ROLLCALL_PORT: String(ports[at]),
        ROLLCALL_REDIS: redis?.url ?? '',
        ROLLCALL_METRICS_TOKEN: 'a-token-of-a-test',
      },
    });

  before(async () => {
    if (!HAPROXY) return;
    [postgres, redis] = await Promise.all([startPostgres({ fast: true }), startRedis()]);
    if (!redis) return;
    database = await postgres.url();
    for (let at = 0; at < 3; at += 1) ports.push(await freePort());
    for (let at = 0; at < 2; at += 1) nodes.push(await startNode(at));
    const [first, second, own] = ports.map((port) => `127.0.0.1:${port}`);
    const settings = { ROLLCALL_LISTEN: String(own), ROLLCALL_NODE1: String(first), ROLLCALL_NODE2: String(second) };
    balancer = startProgram(HAPROXY, ['-db', '-f', join(ROOT, 'deploy/haproxy.cfg')], settings);
    target = { ...app, url: `http://127.0.0.1:${ports[2]}` };
    const ready = (): Promise<boolean> =>
      fetch(`${target.url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the balancer serves', ready, (ok) => ok, 15_000);
  });
  after(async () => {
    await balancer?.[Symbol.asyncDispose]();
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  it('lets sockets through, and keeps the metrics of nodes to itself', async (test) => {
    if (!redis) return test.skip(NO_REDIS);
    const { socket, first } = await connect(target, 'ada');
    assert.equal(first?.type, 'health.check');
    await socket[Symbol.asyncDispose]();
    const headers = { authorization: 'Bearer a-token-of-a-test' };
    assert.equal((await fetch(`${target.url}/metrics`, { headers })).status, 404);
    const own = await fetch(`http://127.0.0.1:${ports[0]}/metrics`, { headers });
    assert.equal(own.status, 200);
    const figures = await own.text();
    assert.match(figures, /^rollcall_pool_connections 10$/m);
    assert.match(figures, /^rollcall_pool_waiting 0$/m);
    assert.match(figures, /^rollcall_bus_connected 1$/m);
    assert.match(figures, /^rollcall_bus_lag_seconds /m);
  });

  it('hides from callers that both nodes are restarted, one after the other', async (test) => {
    if (!redis) return test.skip(NO_REDIS);
    const acknowledged: string[] = [];
    const odd: string[] = [];
    let writing = true;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let at = 0; writing; at += 1) {
        const id = `user-${writer}-${at}`;
        const { status, text } = await upsert(target, [{ id }]);
        if (status === 201) acknowledged.push(id);
        else odd.push(`${status} ${text}`);
      }
    });
    const { socket } = await connect(target, 'ada');
    for (const at of [0, 1]) {
      await pause(1000);
      assert.equal(await nodes[at]?.stop(), 0);
      nodes[at] = await startNode(at);
      await pause(2500);
    }
    writing = false;
    await Promise.all(writers);
    assert.deepEqual(odd.slice(0, 3), [], `${odd.length} callers read an error`);
    assert.ok(acknowledged.length > 100);
    assert.equal((await read(target, acknowledged)).size, acknowledged.length, 'what was acknowledged is there');
    assert.equal((await socket.closed()).code, 1012);
    const again = await connect(target, 'ada');
    assert.equal(again.first?.type, 'health.check');
    await again.socket[Symbol.asyncDispose]();
    test.diagnostic(`${acknowledged.length} writes meanwhile`);
  });

  it('answers in the words of the wire when no node is there', async (test) => {
    if (!redis) return test.skip(NO_REDIS);
    for (const node of nodes) await node.stop();
    const { status, body, headers } = await upsert(target, [{ id: 'nobody' }]);
    assert.equal(status, 503);
    assert.equal(body.code, -1);
    assert.equal(headers['retry-after'], '2');
  });
});
