import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepted, connect, hangUp, patch, type Target, upsert } from '../concurrency/backend.ts';
import { call } from '../support/http.ts';
import { at, type Fields, isFields } from '../support/json.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import type { Socket } from '../support/socket.ts';
import { serverToken, userToken } from '../support/token.ts';
import { until } from '../support/wait.ts';

/** Everything takes a tenth of its usual time, or about that; or as long as it does in earnest. */
const IN_EARNEST = process.env.FULL_LENGTH === '1';
const LEASE_MS = IN_EARNEST ? 60_000 : 10_000;
const RENEW_MS = IN_EARNEST ? 20_000 : 1000;
/** No grace, so that it is the lease that counts; and one connection each, so that what was left must take up no place. */
const ENV = {
  ROLLCALL_LEASE_MS: String(LEASE_MS),
  ROLLCALL_RENEW_MS: String(RENEW_MS),
  ROLLCALL_GRACE_MS: '0',
  ROLLCALL_CONNECTIONS_PER_USER: '1',
};
const LEASE_END_MS = LEASE_MS + 5000;

const startAgain = ({ database, apiKey, secret }: RunningServer): Promise<RunningServer> =>
  startServer({ database, apiKey, secret, env: ENV });

/** Comes as a user who watches others; says who of them is online, and what it hears of them. */
async function watch(target: Target, id: string, ids: readonly string[]) {
  const { socket, first } = await connect(target, id);
  const payload = { filter_conditions: { id: { $in: ids } }, presence: true, connection_id: first?.connection_id };
  const { body } = accepted(
    await call({
      url: target.url,
      method: 'GET',
      path: '/users',
      query: { api_key: target.apiKey, payload: JSON.stringify(payload) },
      headers: { authorization: userToken(id, target.secret) },
    }),
  );
  const users = Array.isArray(body.users) ? body.users.filter(isFields) : [];
  return { socket, online: Object.fromEntries(users.map((user) => [user.id, user.online])) };
}

/** Whether a user was seen to come or go, in order. */
const flipsOf = ({ frames }: Socket, id: string): readonly unknown[] =>
  frames
    .filter((frame) => frame.type === 'user.presence.changed' && at(frame, 'user', 'id') === id)
    .map((frame) => at(frame, 'user', 'online'));

const sees = (socket: Socket, id: string, flips: readonly boolean[]): Promise<unknown> =>
  until(
    `${id}: ${flips}`,
    () => flipsOf(socket, id),
    (seen) => seen.length >= flips.length,
    LEASE_END_MS,
  );

/** Why a user is shown as it is. */
async function presenceOf({ url, apiKey, secret }: Target, id: string): Promise<Fields> {
  const headers = { authorization: serverToken(secret) };
  const { body } = accepted(
    await call({ url, method: 'GET', path: `/users/${id}/presence`, query: { api_key: apiKey }, headers }),
  );
  return isFields(body.presence) ? body.presence : {};
}

describe('a restart', { concurrency: true }, () => {
  it('is seen by nobody: who comes back first sees the others still there, and only who stays away goes, once', async () => {
    await using server = await startServer({ env: ENV });
    accepted(await upsert(server, [{ id: 'ben' }, { id: 'cem' }, { id: 'dee' }, { id: 'left' }]));
    const before = await Promise.all([
      connect(server, 'ann'),
      connect(server, 'ben'),
      connect(server, 'cem'),
      connect(server, 'dee', { invisible: true }),
    ]);
    const leaver = await connect(server, 'left');
    await leaver.socket.close();
    const ids = ['ben', 'cem', 'dee', 'left'];
    const held = await presenceOf(server, 'ben');
    await until(
      'the one who left is gone',
      () => presenceOf(server, 'left'),
      ({ online }) => online === false,
    );
    assert.equal(await server.stop(), 0);
    const stoppedAt = Date.now();
    for (const { socket } of before) assert.equal((await socket.closed()).code, 1012);
    assert.equal(server.errors(), '');

    await using next = await startAgain(server);
    const ann = await watch(next, 'ann', ids);
    assert.deepEqual(ann.online, { ben: true, cem: true, dee: false, left: false });
    const left = await presenceOf(next, 'ben');
    const [connection, former] = [at(left, 'connections', '0'), at(held, 'connections', '0')];
    assert.deepEqual(
      ['id', 'node', 'connected_at', 'closed'].map((field) => at(connection, field)),
      [...['id', 'node', 'connected_at'].map((field) => at(former, field)), true],
    );
    assert.equal(at(connection, 'lease_until'), left.grace_until);
    assert.equal((await presenceOf(next, 'dee')).invisible, true);

    const ben = await connect(next, 'ben');
    assert.equal(ben.first?.type, 'health.check', JSON.stringify(ben.first));
    accepted(await patch(next, [{ id: 'dee', set: { invisible: false } }]));
    await sees(ann.socket, 'cem', [false]);
    await sees(ann.socket, 'dee', [true, false]);
    // News comes in order: whatever was to be told before this has been told.
    accepted(await patch(next, [{ id: 'ben', set: { n: 1 } }]));
    await ann.socket.frame((frame) => frame.type === 'user.updated' && at(frame, 'user', 'n') === 1);
    assert.deepEqual(
      ids.map((id) => flipsOf(ann.socket, id)),
      [[], [false], [true, false], []],
    );
    const gone = ann.socket.frames.find((frame) => at(frame, 'user', 'id') === 'cem');
    assert.ok(Date.parse(String(at(gone, 'user', 'last_active'))) <= stoppedAt, 'it was there until the stop');
    assert.equal((await presenceOf(next, 'ben')).online, true);
    assert.equal(next.errors(), '');
    await hangUp([...before, leaver, ben, { socket: ann.socket, first: undefined }]);
  });

  it('in a row are as little seen, and leases are no longer for it', async () => {
    await using server = await startServer({ env: ENV });
    const { socket } = await connect(server, 'ben');
    await server.stop();
    await using second = await startAgain(server);
    const leaseEnd = at(await presenceOf(second, 'ben'), 'grace_until');
    assert.equal(typeof leaseEnd, 'string');
    await second.stop();
    await using third = await startAgain(server);
    assert.equal(at(await presenceOf(third, 'ben'), 'grace_until'), leaseEnd);
    await hangUp([{ socket, first: undefined }]);
  });

  it('on a port that is taken loses nothing of it', async () => {
    await using server = await startServer({ env: ENV });
    await using other = await startServer({ env: ENV });
    const { socket } = await connect(server, 'ben');
    await server.stop();
    const { database, apiKey, secret } = server;
    const env = { ...ENV, ROLLCALL_PORT: new URL(other.url).port };
    await assert.rejects(startServer({ database, apiKey, secret, env }), /in use/);
    await using next = await startAgain(server);
    assert.equal((await presenceOf(next, 'ben')).online, true);
    await hangUp([{ socket, first: undefined }]);
  });

  it('after a kill finds nobody there, until they come back', async () => {
    await using server = await startServer({ env: ENV });
    const { socket } = await connect(server, 'ben');
    await server.kill();
    await using next = await startAgain(server);
    const { online, connections } = await presenceOf(next, 'ben');
    assert.deepEqual([online, connections], [false, []]);
    await hangUp([{ socket, first: undefined }]);
  });
});
