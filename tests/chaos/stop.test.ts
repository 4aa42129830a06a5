import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { describe, it } from 'node:test';
import { accepted, connect, hangUp, read, upsert } from '../concurrency/backend.ts';
import { parseRaw } from '../support/http.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { serverToken } from '../support/token.ts';
import { suffix, until, within } from '../support/wait.ts';
import { startProgram } from './process.ts';
import { gather } from './writers.ts';

const NO_LIMITS = { ROLLCALL_CONNECTS_PER_MINUTE: '0' };
const STOP_MS = 10_000;

/** A bare connection on which half an upsert was sent: the server has accepted it and waits for the rest. */
interface HalfSent {
  readonly socket: TcpSocket;
  readonly rest: string;
  received(): string;
  /** Resolves when the server has hung up. */
  readonly closed: Promise<unknown>;
}

async function sendHalf({ url, apiKey, secret }: RunningServer, id: string): Promise<HalfSent> {
  const body = JSON.stringify({ users: { [id]: { id, name: 'Half' } } });
  const head = [
    `POST /users?api_key=${apiKey} HTTP/1.1`,
    'Host: rollcall',
    `Authorization: ${serverToken(secret)}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
  ];
  const { hostname, port } = new URL(url);
  const socket = connectTcp({ host: hostname, port: Number(port) });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  // "100 Continue" says that the server has read the head: from here on the call is accepted.
  await until(
    'the server asks for the body',
    () => text,
    (so_far) => so_far.includes('100 Continue'),
  );
  socket.write(body.slice(0, 10));
  return { socket, rest: body.slice(10), received: () => text, closed };
}

/** Waits until the server takes no new connection: it is stopping. */
async function stopping(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const refused = async (): Promise<boolean> => {
    const socket = connectTcp({ host: hostname, port: Number(port) });
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => false),
      once(socket, 'error').then(() => true),
    ]).catch(() => true);
    socket.destroy();
    return outcome;
  };
  await until('new connections are refused', refused, (gone) => gone);
}

describe('a server asked to stop', { concurrency: true }, () => {
  it('hears of it from npm, which was asked: no server is left behind that nobody knows of', async () => {
    const settings = { ROLLCALL_DATABASE: 'sqlite::memory:', ROLLCALL_PORT: '0' };
    await using npm = startProgram('npm', ['start', '--silent'], settings);
    const line = await until('it is ready', npm.stdout, (text) => text.includes('"ready":true'), 20_000);
    npm.child.kill('SIGTERM');
    assert.equal(await npm.ended(STOP_MS), 0);
    await stopping(JSON.parse(line).url);
  });

  it('keeps every write it acknowledged under load, tells sockets 1012, and exits 0 within 10 s', async () => {
    await using server = await startServer({ env: NO_LIMITS });
    const crowd = gather(3);
    const sockets = await Promise.all(Array.from({ length: 30 }, (_, n) => connect(server, `listener-${n}`)));
    const writing = crowd.write(server);
    await until('the writers are at work', crowd.acknowledged, (count) => count > 100);
    const began = Date.now();
    assert.equal(await server.stop(), 0);
    assert.ok(Date.now() - began < STOP_MS, `${Date.now() - began} ms`);
    await within('the writers notice', writing, 10_000);
    for (const { socket } of sockets) assert.equal((await socket.closed()).code, 1012);
    for (const answer of crowd.odd)
      assert.match(answer, /^503 .*"code":-1/, 'an answer that is not given is a 503 of ours');
    assert.equal(server.errors(), '', 'and there is nothing to complain about');
    await using next = await startServer({ database: server.database, apiKey: server.apiKey, secret: server.secret });
    assert.deepEqual(await crowd.audit(next, true), []);
    await hangUp(sockets);
  });

  it('finishes a call that it had accepted before', async () => {
    await using server = await startServer();
    const id = `half-${suffix()}`;
    const half = await sendHalf(server, id);
    const stopped = server.stop();
    await stopping(server.url);
    half.socket.write(half.rest);
    const complete = (text: string): boolean => text.includes('"duration"') && text.endsWith('}');
    await until('the answer', half.received, complete);
    const reply = parseRaw(half.received().slice(half.received().lastIndexOf('HTTP/1.1')));
    assert.equal(reply.status, 201, half.received());
    // What is left is a connection that a client keeps for later: nothing to wait for.
    assert.equal(await within('the server stops', stopped, 3_000), 0);
    await using next = await startServer({ database: server.database, apiKey: server.apiKey, secret: server.secret });
    assert.equal((await read(next, [id])).get(id)?.name, 'Half');
  });

  it('stops in time and keeps what it wrote, even when clients hang on and answer nothing', async () => {
    await using server = await startServer();
    accepted(await upsert(server, [{ id: 'kept' }]));
    const half = await sendHalf(server, 'never-finished');
    const began = Date.now();
    assert.equal(await server.stop(), 0);
    assert.ok(Date.now() - began < STOP_MS, `${Date.now() - began} ms`);
    await within('the hang-up', half.closed, 1_000);
    await using next = await startServer({ database: server.database, apiKey: server.apiKey, secret: server.secret });
    assert.deepEqual([...(await read(next, ['kept', 'never-finished'])).keys()], ['kept']);
  });
});
