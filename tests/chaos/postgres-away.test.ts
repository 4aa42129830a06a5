import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accepted, connect, patch, read, upsert } from '../concurrency/backend.ts';
import { startEngines } from '../support/engines.ts';
import { call, type Reply } from '../support/http.ts';
import { at } from '../support/json.ts';
import { type Node, SHORT_LEASES, startNodes } from '../support/nodes.ts';
import { serverToken } from '../support/token.ts';
import { suffix, until } from '../support/wait.ts';
import { come, flipsOf, hears, readyOf, tells, watch } from './device.ts';

const { engines, skip } = await startEngines({ fast: false });
after(() => engines?.[Symbol.asyncDispose]());

/** No call takes longer than 5 s of lock, queue and database; a busy machine may need some more. */
const ANSWERED_MS = 7000;
/** After this long it is as if nothing had been. */
const BACK_MS = 15_000;

interface Fault {
  readonly name: string;
  begin(node: Node): Promise<void> | void;
  end(node: Node): Promise<void> | void;
}

const LINKS: readonly Fault[] = [
  { name: 'is cut off', begin: ({ links }) => links.postgres.cut(), end: ({ links }) => links.postgres.mend() },
  {
    name: 'answers nothing',
    begin: ({ links }) => links.postgres.blackHole(),
    end: ({ links }) => links.postgres.mend(),
  },
];
const CRASHES: readonly Fault[] = [
  { name: 'is killed', begin: () => engines?.postgres.kill(), end: () => engines?.postgres.start() },
];

/** A call that cannot be served says so, and when to come back. */
async function refused(what: string, asking: Promise<Reply>): Promise<number> {
  const began = performance.now();
  const { status, headers, body } = await asking;
  const ms = performance.now() - began;
  assert.deepEqual([status, body.code], [503, -1], what);
  assert.ok(Number(headers['retry-after']) > 0, `${what} has no Retry-After`);
  assert.ok(ms < ANSWERED_MS, `${what} took ${ms} ms`);
  return Math.round(ms);
}

function find({ url, apiKey, secret }: Node, id: string): Promise<Reply> {
  const query = { api_key: apiKey, payload: JSON.stringify({ filter_conditions: { id } }) };
  return call({ url, method: 'GET', path: '/users', query, headers: { authorization: serverToken(secret) } });
}

const linesOf = (node: Node, message: string): number => node.errors().split(`"msg":"${message}"`).length - 1;

function survives({ name, begin, end }: Fault): void {
  it(`${name}, calls are told to come back, sockets stay, and all goes on by itself`, async (test) => {
    await using nodes = await startNodes(engines ?? assert.fail(), 1, {
      ROLLCALL_LOG_LEVEL: 'warn',
      ...SHORT_LEASES.env,
    });
    const [node] = nodes.all;
    assert.ok(node);
    const [ann, ben, cem] = ['ann', 'ben', 'cem'].map((id) => `${id}-${suffix()}`) as [string, string, string];
    accepted(await upsert(node, [{ id: ben, n: 0 }, { id: cem }]));
    const device = await come(node, ann);
    const [bens, cems] = [await come(node, ben), await come(node, cem)];
    await watch(node, device, [ben, cem]);

    await begin(node);
    const late = connect(node, `late-${suffix()}`);
    const ready = readyOf(node);
    const took = await Promise.all([
      refused('a write', patch(node, [{ id: ben, set: { n: 1 } }])),
      refused('a read', find(node, ben)),
    ]);
    assert.equal((await ready).status, 503);
    const { socket, first } = await late;
    assert.deepEqual([first?.type, at(first, 'error', 'StatusCode')], ['connection.error', 503]);
    assert.equal((await socket.closed(ANSWERED_MS)).code, 1013);
    await cems.socket.close();
    // Longer than leases last without renewal.
    await pause(SHORT_LEASES.leaseMs + 1000);
    for (const { socket } of [device, bens]) assert.ok(socket.isOpen(), 'sockets stay');
    assert.equal(linesOf(node, 'unavailable'), 1, node.errors());

    const mendedAt = performance.now();
    await end(node);
    await until(
      'a write',
      () => patch(node, [{ id: ben, set: { n: 2 } }]),
      ({ status }) => status === 200,
      BACK_MS,
    );
    const back = Math.round(performance.now() - mendedAt);
    await hears(device, ben, 'n', 2);
    await until(
      'it is ready',
      () => readyOf(node),
      ({ status }) => status === 200,
      BACK_MS,
    );
    await tells(device, cem, [false], BACK_MS);
    assert.deepEqual(flipsOf(device, ben), [], 'who was there all along never went');
    assert.equal((await read(node, [ben])).get(ben)?.online, true);
    await until(
      'the log says so',
      () => linesOf(node, 'available again'),
      (lines) => lines > 0,
      BACK_MS,
    );
    assert.equal(linesOf(node, 'unavailable'), 1, node.errors());
    test.diagnostic(`slowest refusal ${Math.max(...took)} ms; first write ${back} ms after the end of it`);
  });
}

describe('while PostgreSQL', { skip }, () => {
  // What ends the links of one server disturbs nobody else.
  describe('cannot be reached', { concurrency: true }, () => LINKS.forEach(survives));
  CRASHES.forEach(survives);
});
