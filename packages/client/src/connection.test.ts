import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { type ConnectionState, Rollcall, type RollcallOptions, type SocketClass } from './index.ts';
import { type Behaviour, hello, refuse, send, startWire, until, type Wire } from './testing/wire.ts';

const ada = { id: 'ada', favorite_color: 'green' };

/** A client of a wire that behaves so; its pauses are nothing unless a test says otherwise. */
async function open(t: TestContext, socket: Behaviour['socket'], options: Partial<RollcallOptions> = {}) {
  const wire = await startWire(t, socket ? { socket } : {});
  const client = new Rollcall<{ favorite_color: string }>('key', {
    url: wire.url,
    WebSocket,
    chance: () => 0,
    ...options,
  });
  t.after(() => client.disconnectUser());
  const states: ConnectionState[] = [];
  client.on('connection.changed', ({ connection }) => void states.push(connection));
  return { wire, client, states };
}

const statuses = (states: readonly ConnectionState[]) => states.map(({ status }) => status);
const tokensOf = (wire: Wire) => wire.connects.map(({ token }) => token);

test('connectUser resolves with the user as it sees itself', async (t) => {
  const { wire, client, states } = await open(t, (socket, { user_details }) => hello(socket, user_details));
  assert.deepEqual(client.connection, { status: 'disconnected' });
  const me = await client.connectUser(ada, 'jwt');
  assert.equal(me.favorite_color, 'green');
  assert.equal(client.user, me);
  assert.deepEqual(client.connection, { status: 'connected', connectionId: 'to-ada' });
  assert.deepEqual(wire.connects, [{ token: 'jwt', details: ada }]);
  assert.deepEqual(statuses(states), ['connecting', 'connected']);
});

test('the WebSocket of the runtime serves as well as one that is given', async (t) => {
  const { client } = await open(t, (socket, { user_details }) => hello(socket, user_details), {
    WebSocket: globalThis.WebSocket as SocketClass,
  });
  assert.equal((await client.connectUser(ada, 'jwt')).id, 'ada');
  await client.disconnectUser();
  assert.deepEqual(client.connection, { status: 'disconnected' });
});

test('the same user connects once, another one not before the first has left', async (t) => {
  const { wire, client } = await open(t, (socket, { user_details }) => hello(socket, user_details));
  const first = client.connectUser(ada, 'jwt');
  assert.equal(client.connectUser(ada, 'jwt'), first);
  await first;
  assert.equal(client.connectUser({ id: 'ada' }, 'jwt'), first);
  await assert.rejects(client.connectUser({ id: 'bob' }, 'jwt'), { name: 'RollcallError', code: 4, message: /ada/ });
  await client.disconnectUser();
  assert.equal((await client.connectUser({ id: 'bob' }, 'jwt')).id, 'bob');
  assert.equal(wire.connects.length, 2);
});

test('a lost connection comes back with the id only, as often as it is lost', async (t) => {
  const { wire, client, states } = await open(t, (socket, { user_details }) => hello(socket, user_details));
  await client.connectUser(ada, 'jwt');
  for (const count of [2, 3]) {
    wire.cut();
    await until(() => wire.connects.length === count && client.connection.status === 'connected');
  }
  assert.deepEqual(wire.connects.slice(1), [
    { token: 'jwt', details: { id: 'ada' } },
    { token: 'jwt', details: { id: 'ada' } },
  ]);
  const expected = ['connecting', 'connected', 'reconnecting', 'connected', 'reconnecting', 'connected'];
  assert.deepEqual(statuses(states), expected);
  assert.match(String(states[2]?.error), /RollcallError/);
});

test('the details are told until a hello has come', async (t) => {
  const { wire, client } = await open(t, (socket, { user_details }, nth) => {
    if (nth < 2) socket.terminate();
    else hello(socket, user_details);
  });
  await client.connectUser(ada, 'jwt');
  assert.deepEqual(
    wire.connects.map(({ details }) => details),
    [ada, ada, ada],
  );
});

test('pauses grow while nothing works, begin anew after a good hello, and are told', async (t) => {
  const { wire, client, states } = await open(
    t,
    (socket, { user_details }, nth) => {
      if (nth === 0 || nth === 4) hello(socket, user_details);
      else socket.terminate();
    },
    { chance: () => 0.001 },
  );
  await client.connectUser(ada, 'jwt');
  for (const count of [5, 6]) {
    await until(() => client.connection.status === 'connected');
    wire.cut();
    await until(() => wire.connects.length >= count);
  }
  const pauses = states.filter(({ status }) => status === 'reconnecting').map(({ retryInMs }) => retryInMs);
  assert.deepEqual(pauses.slice(0, 5), [0.5, 1, 2, 4, 0.5]);
});

for (const [close, what] of [
  [4400, 'bad input'],
  [4403, 'not allowed'],
  [4404, 'gone'],
] as const) {
  test(`refused with ${close} (${what}): connectUser rejects with the server's words, and nothing comes back`, async (t) => {
    const { wire, client, states } = await open(t, (socket) => refuse(socket, close, 17, 'you may not'));
    const expected = { name: 'RollcallError', code: 17, status: 400, message: 'you may not' };
    await assert.rejects(
      client.connectUser(ada, () => 'jwt'),
      expected,
    );
    assert.deepEqual(statuses(states), ['connecting', 'disconnected']);
    assert.equal((client.connection.error as { code?: number } | undefined)?.code, 17);
    assert.equal(wire.connects.length, 1);
  });
}

test('after a refusal the same or another user may try again', async (t) => {
  const { client } = await open(t, (socket, { user_details }, nth) => {
    if (nth === 0) refuse(socket, 4400, 6, 'a user with the name "Ada" already exists');
    else hello(socket, user_details);
  });
  await assert.rejects(client.connectUser(ada, 'jwt'), { code: 6 });
  assert.equal((await client.connectUser(ada, 'jwt')).id, 'ada');
});

for (const close of [1012, 1013, 4001, 4002, 4429, 1006]) {
  test(`a connection closed with ${close} comes back`, async (t) => {
    const { wire, client } = await open(t, (socket, { user_details }, nth) => {
      hello(socket, user_details);
      if (nth > 0) return;
      if (close === 1006) socket.terminate();
      else socket.close(close);
    });
    await client.connectUser(ada, 'jwt');
    await until(() => wire.connects.length === 2 && client.connection.status === 'connected');
  });
}

test('a token that ran out is replaced once by the provider, and the connection comes back', async (t) => {
  let made = 0;
  const { wire, client } = await open(t, (socket, { user_details }, nth) => {
    hello(socket, user_details);
    if (nth < 2) refuse(socket, 4401, 40, 'token has expired');
  });
  await client.connectUser(ada, async () => `jwt-${++made}`);
  await until(() => wire.connects.length === 3 && client.connection.status === 'connected');
  assert.deepEqual(tokensOf(wire), ['jwt-1', 'jwt-2', 'jwt-3']);
});

test('a token that ran out during an outage is replaced as well', async (t) => {
  let made = 0;
  const { wire, client } = await open(t, (socket, { user_details }, nth) => {
    if (nth === 0 || nth === 4) hello(socket, user_details);
    if (nth === 0 || nth === 3) refuse(socket, 4401, 40, 'token has expired');
    if (nth === 1 || nth === 2) refuse(socket, 1013, -1, 'the database is away');
  });
  await client.connectUser(ada, () => `jwt-${++made}`);
  await until(() => wire.connects.length === 5 && client.connection.status === 'connected');
  assert.deepEqual(tokensOf(wire), ['jwt-1', 'jwt-2', 'jwt-2', 'jwt-2', 'jwt-3']);
});

test('a provider whose tokens are refused is asked once more, then it is over', async (t) => {
  let made = 0;
  const { wire, client } = await open(t, (socket) => refuse(socket, 4401, 43, 'token signature is invalid'));
  await assert.rejects(
    client.connectUser(ada, () => `jwt-${++made}`),
    { code: 43 },
  );
  assert.deepEqual(tokensOf(wire), ['jwt-1', 'jwt-2']);
});

test('a token that cannot be replaced is not tried again', async (t) => {
  const { wire, client, states } = await open(t, (socket, { user_details }) => {
    hello(socket, user_details);
    setImmediate(() => refuse(socket, 4401, 40, 'token has expired'));
  });
  await client.connectUser(ada, 'jwt');
  await until(() => client.connection.status === 'disconnected');
  assert.equal(wire.connects.length, 1);
  assert.deepEqual(statuses(states), ['connecting', 'connected', 'disconnected']);
});

test('a provider that fails at first is an error; one that fails later is asked again', async (t) => {
  const answers = ['fail', 'jwt-1', 'fail', 'fail', 'jwt-2'];
  const provider = async () => {
    const answer = answers.shift();
    if (answer === undefined || answer === 'fail') throw new Error('backend away');
    return answer;
  };
  const { wire, client } = await open(t, (socket, { user_details }, nth) => {
    hello(socket, user_details);
    if (nth === 0) refuse(socket, 4401, 40);
  });
  await assert.rejects(client.connectUser(ada, provider), { name: 'RollcallError', code: 0, message: /backend away/ });
  assert.equal(wire.connects.length, 0);
  await client.connectUser(ada, provider);
  await until(() => wire.connects.length === 2 && client.connection.status === 'connected');
  assert.deepEqual(tokensOf(wire), ['jwt-1', 'jwt-2']);
});

test('nothing there: connectUser tries until its time is up, then rejects', async () => {
  const client = new Rollcall('key', { url: 'http://127.0.0.1:1', WebSocket, connectTimeoutMs: 40 });
  await assert.rejects(client.connectUser({ id: 'ada' }, 'jwt'), { name: 'RollcallError', code: 0, status: 0 });
  assert.equal(client.connection.status, 'disconnected');
});

test('a server that never says hello is given up', async (t) => {
  const { client } = await open(t, () => {}, { requestTimeoutMs: 20, connectTimeoutMs: 0 });
  await assert.rejects(client.connectUser(ada, 'jwt'), { code: 0, message: /silent for 20 ms/ });
});

test('a connection on which nothing comes is dead, and replaced', async (t) => {
  const { wire, client } = await open(t, (socket, { user_details }) => hello(socket, user_details), { silenceMs: 30 });
  await client.connectUser(ada, 'jwt');
  await until(() => wire.connects.length >= 2);
  assert.match(String(client.connection.error ?? 'silent'), /silent/);
});

test('a connection on which something comes lives, and shows that it does', async (t) => {
  let beats = 0;
  const { wire, client } = await open(
    t,
    (socket, { user_details }) => {
      hello(socket, user_details);
      socket.on('message', (text) => {
        assert.deepEqual(JSON.parse(String(text)), [{ type: 'health.check' }]);
        beats += 1;
        send(socket, { type: 'health.check', connection_id: 'x' });
      });
    },
    { silenceMs: 100, heartbeatMs: 10 },
  );
  await client.connectUser(ada, 'jwt');
  await until(() => beats >= 15);
  assert.equal(wire.connects.length, 1);
});

test('when the network is back, nobody waits for the pause to end', async (t) => {
  const listeners = new Set<() => void>();
  const global = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
  global.addEventListener = (type: string, listen: () => void) => type === 'online' && listeners.add(listen);
  global.removeEventListener = (_: string, listen: () => void) => listeners.delete(listen);
  t.after(() => {
    delete global.addEventListener;
    delete global.removeEventListener;
  });
  const { wire, client } = await open(t, (socket, { user_details }) => hello(socket, user_details), {
    chance: () => 60,
  });
  await client.connectUser(ada, 'jwt');
  wire.cut();
  await until(() => client.connection.status === 'reconnecting');
  await until(() => {
    for (const listen of listeners) listen();
    return client.connection.status === 'connected';
  });
  await client.disconnectUser();
  assert.equal(listeners.size, 0);
});

test('disconnectUser while connecting ends the attempt and rejects it', async (t) => {
  const { wire, client, states } = await open(t, undefined);
  const connecting = client.connectUser(ada, 'jwt');
  await until(() => wire.connects.length === 1);
  await client.disconnectUser();
  await assert.rejects(connecting, { name: 'RollcallError', code: 0, message: /disconnectUser/ });
  assert.deepEqual(statuses(states), ['connecting', 'disconnected']);
});

test('disconnectUser while the provider thinks, while pausing, before anything, twice', async (t) => {
  const { client, wire } = await open(t, (socket) => socket.terminate(), { chance: () => 60, connectTimeoutMs: 1e6 });
  await client.disconnectUser();
  const thinking = client.connectUser(ada, () => new Promise<string>(() => {}));
  await client.disconnectUser();
  await assert.rejects(thinking, { code: 0 });
  const pausing = client.connectUser(ada, 'jwt');
  await until(() => client.connection.error !== undefined);
  await Promise.all([client.disconnectUser(), client.disconnectUser()]);
  await assert.rejects(pausing, { code: 0 });
  assert.equal(wire.connects.length, 1);
});

test('a connectUser that was cancelled and nobody waits for is not an unhandled rejection', async (t) => {
  const { client } = await open(t, undefined);
  let unhandled = 0;
  const count = () => {
    unhandled += 1;
  };
  process.on('unhandledRejection', count);
  t.after(() => void process.off('unhandledRejection', count));
  void client.connectUser(ada, 'jwt');
  await client.disconnectUser();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(unhandled, 0);
});

test('disconnectUser says goodbye', async (t) => {
  let code: number | undefined;
  const { client, wire } = await open(t, (socket, { user_details }) => {
    hello(socket, user_details);
    socket.on('close', (closed) => {
      code = closed;
    });
  });
  await client.connectUser(ada, 'jwt');
  await client.disconnectUser();
  await until(() => code !== undefined);
  assert.equal(code, 1000);
  assert.equal(wire.connects.length, 1);
  assert.equal(client.user, undefined);
});

test('a reconnect from inside the disconnected event is a fresh start', async (t) => {
  const { client, wire } = await open(t, (socket, { user_details }) => hello(socket, user_details));
  await client.connectUser(ada, 'jwt');
  const undo = client.on('connection.changed', ({ connection }) => {
    if (connection.status !== 'disconnected') return;
    undo();
    void client.connectUser({ id: 'bob' }, 'jwt');
  });
  await client.disconnectUser();
  await until(() => client.connection.status === 'connected');
  assert.equal(client.user?.id, 'bob');
  assert.equal(wire.connects.length, 2);
});

test('without any WebSocket the error says what to do', async () => {
  const client = new Rollcall('key', { url: 'http://127.0.0.1:1' });
  const runtime = globalThis.WebSocket;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    await assert.rejects(client.connectUser({ id: 'ada' }, 'jwt'), { name: 'RollcallError', message: /from 'ws'/ });
  } finally {
    globalThis.WebSocket = runtime;
  }
  assert.equal(client.connection.status, 'disconnected');
});

test('no secret of the connection is told in an error', async (t) => {
  const { client } = await open(t, (socket) => socket.terminate(), { connectTimeoutMs: 0 });
  const error = await client.connectUser(ada, 'top-secret').catch((thrown: Error) => thrown);
  assert.ok(error instanceof Error);
  assert.doesNotMatch(JSON.stringify([error.message, error.stack, String(error.cause)]), /top-secret/);
  const bad = await client.connectUser(ada, 'top-secret\n').catch((thrown: Error) => thrown);
  assert.ok(bad instanceof Error);
  assert.doesNotMatch(JSON.stringify([bad.message, bad.stack, String(bad.cause)]), /top-secret/);
});
