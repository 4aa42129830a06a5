import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { openTestApp, type TestApp } from './testing.ts';

const TOKEN = 'a-token-for-prometheus';

/** Reads the figures as Prometheus does. */
async function scrape(address: string, authorization = `Bearer ${TOKEN}`) {
  const answer = await fetch(`http://${address}/metrics`, { headers: { authorization } });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

/** One figure; undefined when there is no such line. */
function figure(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const named = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text.split('\n').find((one) => {
    const [, found = '', among = ''] = /^(\w+)(\{.*\})? /.exec(one) ?? [];
    return found === name && named.every((label) => among.includes(label));
  });
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

/** Opens a socket, and waits for its first frame, which names the connection. */
async function connect(app: TestApp, address: string, token: string, userId: string) {
  const json = encodeURIComponent(JSON.stringify({ user_id: userId, user_details: { id: userId } }));
  const query = `api_key=${app.tenant.key}&authorization=${token}&stream-auth-type=jwt&json=${json}`;
  const socket = new WebSocket(`ws://${address}/connect?${query}`);
  const hello = await new Promise<unknown>((resolve, reject) => socket.once('message', resolve).once('error', reject));
  return { socket, id: String(JSON.parse(String(hello)).connection_id) };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const endsAt = Date.now() + 5000; !(await holds()); await pause(20)) assert.ok(Date.now() < endsAt, 'in time');
}

describe('an operator who set a token for metrics', () => {
  let app: TestApp;
  let address: string;
  before(async () => {
    app = await openTestApp({ ROLLCALL_METRICS_TOKEN: TOKEN });
    address = await app.address();
  });
  after(() => app[Symbol.asyncDispose]());

  it('reads how many calls were answered, by operation and code, and how long they took', async () => {
    for (let at = 0; at < 3; at += 1)
      await app.call('POST', '/users', { users: { [`user-${at}`]: { id: `user-${at}` } } });
    await app.call('POST', '/users', { users: { bad: { id: 'bad', pk: 1 } } });
    await app.call('PATCH', '/users', { users: [{ id: 'nobody', set: { a: 1 } }] });
    const { status, type, text } = await scrape(address);
    assert.equal(status, 200);
    assert.match(type ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(figure(text, 'rollcall_requests_total', { operation: 'UpdateUsers', status: '201', code: '0' }), 3);
    assert.equal(figure(text, 'rollcall_requests_total', { operation: 'UpdateUsers', status: '400', code: '4' }), 1);
    assert.equal(
      figure(text, 'rollcall_requests_total', { operation: 'UpdateUsersPartial', status: '404', code: '16' }),
      1,
    );
    assert.equal(figure(text, 'rollcall_request_seconds_count', { operation: 'UpdateUsers' }), 4);
    assert.ok(Number(figure(text, 'rollcall_request_seconds_sum', { operation: 'UpdateUsers' })) > 0);
    assert.ok(Number(figure(text, 'rollcall_commit_changes_count')) >= 3, 'the transactions of the database');
    assert.ok(Number(figure(text, 'rollcall_commit_seconds_sum')) > 0);
    assert.equal(figure(text, 'rollcall_bus_connected'), 1);
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ]) {
      assert.ok(figure(text, name) !== undefined, name);
    }
  });

  it('reads who is connected, who is watched, what was told and why sockets closed', async () => {
    const first = await connect(app, address, app.tokenOf('ada'), 'ada');
    const second = await connect(app, address, app.tokenOf('ada'), 'ada');
    const refused = await connect(app, address, app.tokenOf('somebody'), 'ada');
    await app.call('POST', '/users', { users: { bob: { id: 'bob' } } });
    const payload = encodeURIComponent(JSON.stringify({ presence: true, filter_conditions: { id: 'bob' } }));
    const query = `api_key=${app.tenant.key}&payload=${payload}&connection_id=${first.id}`;
    const headers = { authorization: app.tokenOf('ada') };
    assert.equal((await fetch(`http://${address}/users?${query}`, { headers })).status, 200);
    await app.call('PATCH', '/users', { users: [{ id: 'bob', set: { mood: 'good' } }] });
    const { text } = await scrape(address);
    assert.equal(figure(text, 'rollcall_leases'), 2);
    assert.equal(figure(text, 'rollcall_watched_users'), 1);
    assert.equal(figure(text, 'rollcall_requests_total', { operation: 'Connect', status: '101', code: '0' }), 2);
    assert.equal(figure(text, 'rollcall_requests_total', { operation: 'Connect', code: '5', status: '401' }), 1);
    assert.ok(Number(figure(text, 'rollcall_events_total', { type: 'user.updated' })) >= 1);
    assert.ok(Number(figure(text, 'rollcall_event_lag_seconds_count')) >= 1);
    for (const { socket } of [first, second, refused]) socket.close();
    await until(async () => figure((await scrape(address)).text, 'rollcall_connections') === 0);
    const closed = (await scrape(address)).text;
    assert.equal(figure(closed, 'rollcall_sockets_closed_total', { reason: 'authentication' }), 1);
  });

  it('finds one label for all paths that nobody serves, and nothing about an app or a user', async () => {
    for (let at = 0; at < 20; at += 1) await fetch(`http://${address}/secret-path-${at}?api_key=${app.tenant.key}`);
    const { text } = await scrape(address);
    assert.equal(figure(text, 'rollcall_requests_total', { operation: 'unknown', code: '16' }), 20);
    assert.doesNotMatch(text, /secret-path|user-0|ada|bob/);
    assert.ok(!text.includes(app.tenant.key) && !text.includes(app.tenant.secret) && !text.includes(TOKEN));
  });

  it('lets nobody else read', async () => {
    for (const wrong of ['', 'Bearer ', 'Bearer another-token-of-length', app.tokenOf(), TOKEN.slice(0, -1)]) {
      const { status, text } = await scrape(address, wrong);
      assert.equal(status, 401, wrong);
      assert.doesNotMatch(text, /rollcall_requests/);
    }
  });
});

describe('an operator who set none', () => {
  it('is told which setting is missing', async () => {
    await using app = await openTestApp();
    const { status, text } = await scrape(await app.address());
    assert.equal(status, 404);
    assert.match(text, /ROLLCALL_METRICS_TOKEN/);
  });

  it('cannot start with a token that is easily guessed', async () => {
    await assert.rejects(openTestApp({ ROLLCALL_METRICS_TOKEN: 'short' }), /ROLLCALL_METRICS_TOKEN expects 16 to 256/);
  });
});
