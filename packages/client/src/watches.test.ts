import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { Rollcall, type Roster, type User } from './index.ts';
import { listKey, sharedOf } from './shared.ts';
import { fault, hello, type Received, send, startWire, until } from './testing/wire.ts';
import { type Holder, Watches } from './watches.ts';

const MOST = 1_000;
const TIME = '2030-01-01T00:00:00.000Z';
const person = (id: string): Partial<User> => ({ id, online: false, updated_at: TIME, created_at: TIME });
const idsOf = (group: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${group}-${n}`);

/** Whom a query finds: those it names, or so many of a group. */
function found({ query }: Received): { readonly ids: string[]; readonly next: string | undefined } {
  const { filter_conditions: filter, limit, next = '0' } = JSON.parse(query.get('payload') ?? '{}');
  if (filter.id) return { ids: filter.id.$in, next: undefined };
  const from = Number(next);
  return { ids: idsOf(filter.role, from + limit).slice(from), next: String(from + limit) };
}

/** A client of a wire that, like the server, watches at most 1,000 users for it and then lets go of the oldest. */
async function connected(t: TestContext) {
  const watched = new Set<string>();
  const wire = await startWire(t, {
    rest: (request) => {
      const { ids, next } = found(request);
      if (ids.length > 100) return fault(400, 4, 'limit');
      for (const id of ids) {
        watched.delete(id);
        watched.add(id);
      }
      for (const oldest of watched) if (watched.size > MOST) watched.delete(oldest);
      return { body: { users: ids.map(person), next, duration: '1ms' } };
    },
    socket: (socket, { user_details }) => {
      watched.clear();
      hello(socket, { id: user_details.id });
      socket.on('message', (data) => {
        for (const id of JSON.parse(String(data)).user_ids ?? []) watched.delete(id);
      });
    },
  });
  const client = new Rollcall('key', { url: wire.url, WebSocket, chance: () => 0 });
  t.after(() => client.disconnectUser());
  await client.connectUser({ id: 'ada' }, 'jwt');
  return { wire, watched, client };
}

const live = (roster: Roster) => until(() => roster.status === 'live', 'a live list');
const failed = (roster: Roster) => until(() => roster.status === 'failed', 'a refused list');
const hears = (watched: ReadonlySet<string>, ids: readonly string[]): boolean => ids.every((id) => watched.has(id));

test('a list that was refused for want of room is read as soon as another one closes', async (t) => {
  const { client, watched } = await connected(t);
  const first = client.watch({ role: 'first' }, { limit: 600 });
  await live(first);
  const second = client.watch({ role: 'second' }, { limit: 600 });
  await failed(second);
  first.close();
  await live(second);
  assert.equal(second.users.length, 600);
  assert.ok(hears(watched, idsOf('second', 600)));
});

test('a refused list that is closed is never read again', async (t) => {
  const { client, wire } = await connected(t);
  const first = client.watch({ role: 'first' }, { limit: 600 });
  await live(first);
  const second = client.watch({ role: 'second' }, { limit: 600 });
  await failed(second);
  second.close();
  await second.refresh();
  first.close();
  const calls = wire.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal(wire.requests.length, calls);
});

test('who switches from one long list to another sees it loading, never failed', async (t) => {
  const { client, watched } = await connected(t);
  const shared = sharedOf(client);
  const [one, other] = [
    shared.list(listKey({ role: 'one' }, { limit: 600 })),
    shared.list(listKey({ role: 'other' }, { limit: 600 })),
  ];
  const leave = one.subscribe(() => {});
  await until(() => one.read().status === 'live');
  const seen = new Set<string>();
  other.subscribe(() => seen.add(other.read().status));
  leave();
  await until(() => other.read().status === 'live');
  assert.deepEqual([...seen], ['live']);
  assert.equal(one.read().status, 'loading', 'it had to make room');
  assert.ok(hears(watched, idsOf('other', 600)));
});

test('whoever drags through thousands of users sees the last of them live', async (t) => {
  const { client, watched } = await connected(t);
  const { crowd } = sharedOf(client);
  let shown: (() => void)[] = [];
  for (let page = 0; page < 30; page += 1) {
    for (const leave of shown) leave();
    shown = idsOf(`page-${page}`, 90).map((id) => crowd.subscribe(id, () => {}));
    await until(() => crowd.read(`page-${page}-89`) !== undefined, `page ${page}`);
  }
  await until(() => hears(watched, idsOf('page-29', 90)));
});

test('a list whose users the server let go of, to make room for others, watches them again, once', async (t) => {
  const { client, wire, watched } = await connected(t);
  const old = client.watch({ role: 'old' }, { limit: 10 });
  await live(old);
  const closing = client.watch({ role: 'closing' }, { limit: 500 });
  await live(closing);
  closing.close();
  const late = client.watch({ role: 'late' }, { limit: 500 });
  await live(late);
  assert.ok(!hears(watched, idsOf('old', 10)), 'the oldest watches are over');
  const all = [...idsOf('old', 10), ...idsOf('late', 500)];
  await until(() => hears(watched, all) && watched.size === all.length);
  assert.equal(wire.requests.length, 1 + 5 + 5 + 1);
});

test('when the app itself asks for so many users that lists lose theirs, they watch them again', async (t) => {
  const { client, wire, watched } = await connected(t);
  const old = client.watch({ role: 'old' }, { limit: 10 });
  await live(old);
  let next: string | undefined;
  for (let page = 0; page < 10; page += 1) {
    const options = { presence: true, limit: 100, ...(next !== undefined && { next }) };
    next = (await client.queryUsers({ role: 'own' }, undefined, options)).next;
  }
  assert.ok(!hears(watched, idsOf('old', 10)));
  await until(() => hears(watched, idsOf('old', 10)));
  for (const socket of wire.sockets) {
    send(socket, { type: 'user.presence.changed', created_at: TIME, user: { ...person('old-7'), online: true } });
  }
  await until(() => old.users.some(({ online }) => online));
  assert.equal(wire.requests.length, 1 + 10 + 1);
});

/** A list that counts how often it was asked to read again. */
function counted(): Holder & { readonly renewals: () => number } {
  let count = 0;
  return {
    renew: () => {
      count += 1;
    },
    renewals: () => count,
  };
}

/** Watches as of a list that has just read: whom it holds is said before its call is over. */
const read = (watches: Watches, holder: Holder, ids: readonly string[]): Promise<boolean> =>
  watches.during(async () => watches.hold(holder, new Set(ids)));

test('however long a call is under way, lists that were let go of bring about one more reading, not one after another', async () => {
  const sent: unknown[] = [];
  const watches = new Watches({ send: (frame) => sent.push(frame), makeRoom: () => {} });
  const [one, other, closing] = [counted(), counted(), counted()];
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const slow = watches.during(() => answered);
  await read(watches, one, idsOf('one', 400));
  await read(watches, closing, idsOf('closing', 400));
  watches.release(closing);
  await read(watches, other, idsOf('other', 400));
  assert.deepEqual([one.renewals(), other.renewals()], [1, 0]);
  for (let round = 0; round < 3; round += 1) {
    await read(watches, one, idsOf('one', 400));
    await read(watches, other, idsOf('other', 400));
  }
  assert.deepEqual([one.renewals(), other.renewals()], [1, 0]);
  assert.deepEqual(sent, [], 'a call is under way, and may find them');
  answer();
  await slow;
  assert.equal(sent.length, 2, 'then there is no more time to lose');
  watches.forget();
});

test('a refused list is asked again only when there may be room for it', async () => {
  const watches = new Watches({ send: () => {}, makeRoom: () => {} });
  const [big, small, other, refused] = [counted(), counted(), counted(), counted()];
  await read(watches, big, idsOf('big', 500));
  await read(watches, small, idsOf('small', 100));
  await read(watches, other, idsOf('other', 300));
  assert.equal(await read(watches, refused, idsOf('refused', 500)), false);
  watches.release(small);
  await read(watches, big, idsOf('big', 400));
  assert.equal(refused.renewals(), 0);
  await read(watches, big, idsOf('big', 200));
  assert.equal(refused.renewals(), 1);
  assert.equal(await read(watches, refused, idsOf('refused', 500)), true);
  watches.release(other);
  assert.equal(refused.renewals(), 1, 'it is read');
  watches.forget();
});
