import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { type AnyEvent, Rollcall, type RollcallOptions } from './index.ts';
import { type Behaviour, fault, hello, send, startWire, until } from './testing/wire.ts';

interface Custom {
  favorite_color: string;
}

async function connected(t: TestContext, rest: Behaviour['rest'], options: Partial<RollcallOptions> = {}) {
  const socket: Behaviour['socket'] = (it, { user_details }) => hello(it, user_details);
  const wire = await startWire(t, rest ? { rest, socket } : { socket });
  const client = new Rollcall<Custom>('key', { url: `${wire.url}/`, WebSocket, ...options });
  t.after(() => client.disconnectUser());
  return { wire, client };
}

const answerUser = (user: object) => ({ status: 201, body: { users: { ada: user }, duration: '1ms' } });
const NEWER = '2030-01-01T00:00:00.001Z';

test('a call says which app, who asks, over which connection, and with what', async (t) => {
  const { wire, client } = await connected(t, () => ({ body: { users: [], duration: '1ms' } }));
  await client.connectUser({ id: 'ada' }, 'jwt');
  await client.queryUsers({ name: 'A + B; ü' }, { name: 1 }, { limit: 5 });
  const [request] = wire.requests;
  assert.equal(request?.method, 'GET');
  assert.equal(request?.path, '/users');
  assert.deepEqual(Object.fromEntries(request.query), {
    api_key: 'key',
    user_id: 'ada',
    connection_id: 'to-ada',
    payload: JSON.stringify({
      limit: 5,
      filter_conditions: { name: 'A + B; ü' },
      sort: [{ field: 'name', direction: 1 }],
    }),
  });
  assert.equal(request.headers.authorization, 'jwt');
  assert.equal(request.headers['stream-auth-type'], 'jwt');
  assert.match(String(request.headers['x-stream-client']), /^rollcall-client-\d+\.\d+\.\d+$/);
});

test('every way to say a sort means the same', async (t) => {
  const { wire, client } = await connected(t, () => ({ body: { users: [], next: 'n', duration: '1ms' } }));
  await client.connectUser({ id: 'ada' }, 'jwt');
  const created = { field: 'created_at', direction: -1 } as const;
  assert.deepEqual(await client.queryUsers({}, [created, { id: 1 }]), { users: [], next: 'n' });
  await client.queryUsers({}, { created_at: -1, id: 1 });
  await client.queryUsers();
  const payloads = wire.requests.map(({ query }) => JSON.parse(query.get('payload') ?? ''));
  const sort = [created, { field: 'id', direction: 1 }];
  assert.deepEqual(payloads, [
    { filter_conditions: {}, sort },
    { filter_conditions: {}, sort },
    { filter_conditions: {} },
  ]);
});

test('a written user is answered, and is what the client then knows of itself', async (t) => {
  const user = { id: 'ada', role: 'user', favorite_color: 'red', updated_at: NEWER };
  const { wire, client } = await connected(t, () => answerUser(user));
  await client.connectUser({ id: 'ada', name: 'Ada' }, 'jwt');
  assert.deepEqual(await client.updateUser({ id: 'ada', favorite_color: 'red' }), user);
  assert.equal(client.user?.favorite_color, 'red');
  assert.equal(client.user.name, undefined);
  assert.equal(client.user.unread_count, 0);
  await client.partialUpdateUser({
    id: 'ada',
    set: { favorite_color: 'red', 'address.city': 'Turin' },
    unset: ['name'],
  });
  assert.deepEqual(
    wire.requests.map(({ method, body }) => ({ method, body })),
    [
      { method: 'POST', body: { users: { ada: { id: 'ada', favorite_color: 'red' } } } },
      {
        method: 'PATCH',
        body: { users: [{ id: 'ada', set: { favorite_color: 'red', 'address.city': 'Turin' }, unset: ['name'] }] },
      },
    ],
  );
});

test("a refusal is a RollcallError with the server's code, status, message and fields", async (t) => {
  const fields = { 'users[ada].pk': 'users[ada].pk is a reserved field' };
  const { client } = await connected(t, () => fault(400, 4, 'UpdateUsers failed with error: "…"', fields));
  await client.connectUser({ id: 'ada' }, 'jwt');
  const expected = {
    name: 'RollcallError',
    code: 4,
    status: 400,
    message: 'UpdateUsers failed with error: "…"',
    fields,
  };
  await assert.rejects(client.updateUser({ id: 'ada' }), expected);
});

test('what is no answer of Rollcall has code 0', async (t) => {
  const bodies: (Behaviour['rest'] & object)[] = [
    () => undefined,
    () => ({ status: 502, body: '<html>bad gateway</html>' }),
    () => ({ body: '<html>hello</html>' }),
    () => new Promise(() => {}),
  ];
  const { client } = await connected(t, (request) => bodies.shift()?.(request), { requestTimeoutMs: 100 });
  await client.connectUser({ id: 'ada' }, 'jwt');
  await assert.rejects(client.queryUsers(), { name: 'RollcallError', code: 0, status: 0, message: /no answer/ });
  await assert.rejects(client.queryUsers(), { name: 'RollcallError', code: 0, status: 502 });
  await assert.rejects(client.queryUsers(), { name: 'RollcallError', code: 0, status: 200 });
  await assert.rejects(client.queryUsers(), { name: 'RollcallError', code: 0, status: 0, message: /within 100 ms/ });
});

test('calls whose token ran out share one new token and are made once more', async (t) => {
  const { wire, client } = await connected(t, ({ headers }) =>
    headers.authorization === 'jwt-1' ? fault(401, 40, 'token has expired') : { body: { users: [], duration: '1ms' } },
  );
  let made = 0;
  await client.connectUser({ id: 'ada' }, async () => `jwt-${++made}`);
  await Promise.all([client.queryUsers(), client.queryUsers(), client.queryUsers()]);
  assert.equal(made, 2);
  assert.equal(wire.requests.length, 6);
});

test('a token that stays refused is renewed once a call; without a provider not at all', async (t) => {
  const { wire, client } = await connected(t, () => fault(401, 40, 'token has expired'));
  await client.connectUser({ id: 'ada' }, () => 'jwt');
  await assert.rejects(client.queryUsers(), { code: 40, status: 401 });
  assert.equal(wire.requests.length, 2);
  await client.disconnectUser();
  await client.connectUser({ id: 'ada' }, 'jwt');
  await assert.rejects(client.queryUsers(), { code: 40, status: 401 });
  assert.equal(wire.requests.length, 3);
});

test('calls before connectUser say so', async () => {
  const client = new Rollcall('key', { url: 'http://127.0.0.1:1' });
  await assert.rejects(client.queryUsers(), { name: 'RollcallError', code: 4, message: /connectUser first/ });
});

test('a key that is missing or a url that is none is refused at once', () => {
  assert.throws(() => new Rollcall('', { url: 'http://127.0.0.1:1' }), { name: 'RollcallError', code: 4 });
  for (const url of ['', 'localhost:8800', 'ftp://x', '/chat']) {
    assert.throws(() => new Rollcall('key', { url }), { name: 'RollcallError', code: 4 }, url);
  }
});

test('events reach who listens for them, until the undo; older news is dropped', async (t) => {
  const { wire, client } = await connected(t, undefined);
  await client.connectUser({ id: 'ada', name: 'Ada' }, 'jwt');
  const heard: string[] = [];
  const all: AnyEvent<Custom>[] = [];
  const undo = client.on('user.updated', ({ user }) => heard.push(`${user.id} ${user.favorite_color}`));
  client.on('*', (event) => void all.push(event));
  const [socket] = wire.sockets;
  assert.ok(socket);
  const tell = (id: string, color: string, updated_at: string) =>
    send(socket, { type: 'user.updated', created_at: NEWER, user: { id, favorite_color: color, updated_at } });
  tell('ada', 'red', '2030-01-01T00:00:00.000Z'); // what the hello already told
  tell('ada', 'blue', NEWER);
  tell('ada', 'red', '2030-01-01T00:00:00.000Z');
  tell('bob', 'pink', '2000-01-01T00:00:00.000Z');
  socket.send('not json');
  socket.send(Buffer.from([1, 2, 3]));
  send(socket, { type: 'something.new' });
  await until(() => all.length === 3);
  undo();
  tell('bob', 'grey', NEWER);
  await until(() => all.length === 4);
  assert.deepEqual(heard, ['ada blue', 'bob pink']);
  assert.equal(client.user?.favorite_color, 'blue');
});

test('a handler that throws keeps nobody else from hearing', async (t) => {
  const { client } = await connected(t, undefined);
  const thrown: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  t.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  let heard = 0;
  client.on('health.check', () => {
    throw new Error('a bug of the app');
  });
  client.on('health.check', () => {
    heard += 1;
  });
  await client.connectUser({ id: 'ada' }, 'jwt');
  await until(() => thrown.length === 1 && heard === 1);
  assert.equal(client.connection.status, 'connected');
});

test('what a handler brings about is told after what it was told of, to everybody', async (t) => {
  const { client } = await connected(t, () => ({ body: { users: [], duration: '1ms' } }));
  const seen: string[] = [];
  client.on('connection.changed', ({ connection }) => {
    if (connection.status !== 'connected') return;
    void client.disconnectUser();
    assert.equal(client.connection.status, 'disconnected', 'the client itself knows at once');
  });
  client.on('connection.changed', ({ connection }) => void seen.push(connection.status));
  const roster = client.watch();
  await assert.rejects(client.connectUser({ id: 'ada' }, 'jwt'), { code: 0, message: /disconnectUser/ });
  assert.deepEqual(seen, ['connecting', 'connected', 'disconnected']);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(roster.state, { status: 'loading', users: [], more: false });
});

test('who has undone its listening hears nothing more, not even what is being told', async (t) => {
  const { client } = await connected(t, undefined);
  const seen: string[] = [];
  const undo = [client.subscribe(() => undo[1]?.()), client.subscribe(() => seen.push(client.connection.status))];
  await client.connectUser({ id: 'ada' }, 'jwt');
  assert.deepEqual(seen, []);
});

test('the connection can be read as an external store: stable until it changes', async (t) => {
  const { client } = await connected(t, undefined);
  const { subscribe } = client;
  const seen = [client.connection];
  const undo = subscribe(() => seen.push(client.connection));
  assert.equal(client.connection, client.connection);
  await client.connectUser({ id: 'ada' }, 'jwt');
  undo();
  await client.disconnectUser();
  assert.deepEqual(
    seen.map(({ status }) => status),
    ['disconnected', 'connecting', 'connected'],
  );
  assert.ok(Object.isFrozen(client.connection));
});

test('a Node process ends by itself once the user is disconnected, whatever the connection was doing', async (t) => {
  const wire = await startWire(t, { socket: (socket, { user_details }) => hello(socket, user_details) });
  const deaf = createServer(() => {}).listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  t.after(() => void deaf.close());
  const { port } = deaf.address() as { port: number };
  const script = `
    import { WebSocket } from 'ws';
    import { Rollcall } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    for (const options of [{}, { WebSocket }]) {
      const client = new Rollcall('key', { url: ${JSON.stringify(wire.url)}, ...options });
      await client.connectUser({ id: 'ada' }, 'jwt');
      await client.disconnectUser();
      for (const url of ['http://127.0.0.1:${port}', 'http://127.0.0.1:1']) {
        const client = new Rollcall('key', { url, chance: () => 1, ...options });
        client.connectUser({ id: 'ada' }, 'jwt');
        await new Promise((resolve) => setTimeout(resolve, 20));
        await client.disconnectUser();
      }
    }
    console.log('done');`;
  const args = ['--conditions=source', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 5_000 });
  assert.equal(stdout, 'done\n');
});
