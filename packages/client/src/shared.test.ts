import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { Rollcall, type User } from './index.ts';
import { listKey, sharedOf } from './shared.ts';
import { stableJson } from './stable.ts';
import { hello, send, startWire, until } from './testing/wire.ts';

const person = (id: string): Partial<User> => ({ id, online: false, updated_at: '2030-01-01T00:00:00.000Z' });

/** A client whose server knows everybody but `nobody`. */
async function connected(t: TestContext) {
  const unwatched: string[] = [];
  const wire = await startWire(t, {
    rest: ({ query }) => {
      const { id } = JSON.parse(query.get('payload') ?? '{}').filter_conditions;
      const ids: string[] = id?.$in ?? ['ada', 'bob'];
      return { body: { users: ids.filter((one) => one !== 'nobody').map(person), duration: '1ms' } };
    },
    socket: (socket, { user_details }) => {
      hello(socket, { id: user_details.id });
      socket.on('message', (data) => unwatched.push(...(JSON.parse(String(data)).user_ids ?? [])));
    },
  });
  const client = new Rollcall('key', { url: wire.url, WebSocket, chance: () => 0 });
  t.after(() => client.disconnectUser());
  await client.connectUser({ id: 'ada' }, 'jwt');
  return { wire, unwatched, shared: sharedOf(client), client };
}

const key = stableJson([{ role: 'user', teams: { $contains: 'red' } }, { limit: 5 }]);
const nothing = (): void => {};

test('what means the same is the same key, however it was written', () => {
  const other = stableJson([{ teams: { $contains: 'red' }, role: 'user', name: undefined }, { limit: 5 }]);
  assert.equal(other, key);
  assert.notEqual(stableJson([{ id: { $in: ['a', 'b'] } }]), stableJson([{ id: { $in: ['b', 'a'] } }]));
  assert.equal(stableJson({ at: new Date(0) }), '{"at":"1970-01-01T00:00:00.000Z"}');
});

test('the order of the fields of a sort is its meaning, however it was written', async (t) => {
  const { wire, shared } = await connected(t);
  const byRole = listKey({}, { sort: { role: 1, name: 1 } });
  assert.equal(byRole, listKey({}, { sort: [{ role: 1 }, { direction: 1, field: 'name' }] }));
  assert.notEqual(byRole, listKey({}, { sort: { name: 1, role: 1 } }));
  assert.equal(listKey({}, { limit: 5 }), stableJson([{}, { limit: 5 }]));
  shared.list(byRole).subscribe(nothing);
  await until(() => wire.requests.length === 1);
  assert.deepEqual(JSON.parse(wire.requests[0]?.query.get('payload') ?? '').sort, [
    { field: 'role', direction: 1 },
    { field: 'name', direction: 1 },
  ]);
});

test('whoever asks for the same list shares it; it closes a while after the last has gone', async (t) => {
  const { wire, shared, client, unwatched } = await connected(t);
  assert.equal(sharedOf(client), shared);
  const [one, other] = [shared.list(key), shared.list(key)];
  assert.equal(one.read().status, 'loading');
  assert.equal(wire.requests.length, 0, 'nothing is asked before somebody subscribes');
  const first = one.subscribe(nothing);
  const second = other.subscribe(nothing);
  await until(() => other.read().status === 'live');
  assert.equal(one.read(), other.read());
  first();
  first();
  second();
  const again = one.subscribe(nothing); // as React's strict mode does
  assert.equal(one.read().status, 'live');
  assert.equal(wire.requests.length, 1);
  again();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await until(() => unwatched.length === 2);
  assert.equal(one.read().status, 'loading');
});

test('users asked for in one moment are read in one query, and each hears of itself only', async (t) => {
  const { wire, shared, unwatched } = await connected(t);
  const { crowd } = shared;
  const ids = Array.from({ length: 50 }, (_, n) => `p${n}`);
  const told: string[] = [];
  const undo = [...ids, ...ids].map((id) => crowd.subscribe(id, () => void told.push(id)));
  undo.push(crowd.subscribe('nobody', () => void told.push('nobody')));
  crowd.subscribe('gone again', nothing)();
  await until(() => told.length === 100);
  assert.equal(wire.requests.length, 1);
  const { filter_conditions: filter, limit } = JSON.parse(wire.requests[0]?.query.get('payload') ?? '');
  assert.deepEqual([filter.id.$in, limit], [[...ids, 'nobody'], 51]);
  assert.equal(crowd.read('p7')?.id, 'p7');
  assert.equal(crowd.read('nobody'), undefined);

  told.length = 0;
  for (const socket of wire.sockets) {
    const user = { ...person('p7'), online: true };
    send(socket, { type: 'user.presence.changed', created_at: '2030-01-01T00:00:00.001Z', user });
  }
  await until(() => told.length > 0);
  assert.deepEqual(told, ['p7', 'p7']);
  assert.equal(crowd.read('p7')?.online, true);

  for (const end of undo) end();
  const late = crowd.subscribe('p7', nothing);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  assert.equal(crowd.read('p7')?.online, true, 'somebody looks still, or again');
  assert.equal(wire.requests.length, 1);
  late();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await until(() => unwatched.length === 50);
  assert.equal(crowd.read('p7'), undefined);
});

test('more users than fit into one query are read in several', async (t) => {
  const { wire, shared } = await connected(t);
  const ids = Array.from({ length: 250 }, (_, n) => `p${n}`);
  for (const id of ids) shared.crowd.subscribe(id, nothing);
  await until(() => ids.every((id) => shared.crowd.read(id)));
  assert.equal(wire.requests.length, 3);
});
