import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { Rollcall, type Roster, type RosterState, type User } from './index.ts';
import { type Answer, fault, hello, type Received, send, startWire, until, type Wire } from './testing/wire.ts';

const time = (ms: number): string => new Date(Date.UTC(2030, 0, 1) + ms).toISOString();
const person = (id: string, more: object = {}): User => ({
  id,
  role: 'user',
  teams: [],
  language: '',
  banned: false,
  online: false,
  created_at: time(0),
  updated_at: time(0),
  blocked_user_ids: [],
  name: id.toUpperCase(),
  ...more,
});

/** What a call asked for. */
const asked = ({ query }: Received) => JSON.parse(query.get('payload') ?? '{}');
const page = (users: readonly User[], next?: string): Answer => ({ body: { users, next, duration: '1ms' } });

/** A client of a wire that finds these people, and what the wire was told. */
async function open(t: TestContext, find: (request: Received) => Answer | Promise<Answer>) {
  const unwatched: string[] = [];
  const wire = await startWire(t, {
    rest: find,
    socket: (socket, { user_details }, nth) => {
      hello(socket, { ...user_details, id: user_details.id, nth });
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data));
        if (frame.type === 'unwatch') unwatched.push(...frame.user_ids);
      });
    },
  });
  const client = new Rollcall('key', { url: wire.url, WebSocket, chance: () => 0 });
  t.after(() => client.disconnectUser());
  return { wire, client, unwatched };
}

/** The same, connected as ada. */
async function connected(t: TestContext, find: (request: Received) => Answer | Promise<Answer>) {
  const opened = await open(t, find);
  await opened.client.connectUser({ id: 'ada' }, 'jwt');
  return opened;
}

const tell = (wire: Wire, frame: object): void => {
  for (const socket of wire.sockets) send(socket, frame);
};
const updated = (user: User, ...changed: string[]) => ({
  type: 'user.updated',
  created_at: user.updated_at,
  user,
  changed,
});
const presence = (user: User, created_at: string) => ({ type: 'user.presence.changed', created_at, user });
const ids = (roster: Roster): string => roster.users.map(({ id }) => id).join(' ');
const live = (roster: Roster) => until(() => roster.status === 'live', 'a live list');

test('a list shows whom the filter finds, in order, and asks to hear about them', async (t) => {
  const { client, wire } = await connected(t, () => page([person('bob'), person('ada')]));
  const roster = client.watch({ role: 'user' }, { sort: { name: 1 }, limit: 10 });
  assert.deepEqual(roster.state, { status: 'loading', users: [], more: false });
  await live(roster);
  assert.equal(ids(roster), 'ada bob');
  const [request] = wire.requests;
  assert.ok(request);
  assert.equal(request.query.get('connection_id'), 'to-ada');
  assert.deepEqual(asked(request), {
    limit: 10,
    presence: true,
    filter_conditions: { role: 'user' },
    sort: [{ field: 'name', direction: 1 }],
  });
});

test('a long list is read page by page, and says when there is more', async (t) => {
  const all = Array.from({ length: 250 }, (_, n) => person(`p${String(n).padStart(3, '0')}`));
  const { client, wire } = await connected(t, (request) => {
    const { limit, next = '0' } = asked(request);
    const from = Number(next);
    const repeated = from > 0 && limit > 1 ? 1 : 0; // a user who moved between two pages
    const after = from + limit - repeated;
    return page(all.slice(from - repeated, after), after < all.length ? String(after) : undefined);
  });
  const roster = client.watch({}, { sort: { id: 1 }, limit: 120 });
  await live(roster);
  assert.equal(roster.users.length, 120);
  assert.equal(roster.state.more, true);
  assert.deepEqual(
    wire.requests.map((request) => asked(request).limit),
    [100, 20, 1],
  );
  const whole = client.watch({}, { sort: { id: 1 }, limit: 1_000 });
  await live(whole);
  assert.equal(whole.users.length, 250);
  assert.equal(whole.state.more, false);
});

test('a page from which everybody has gone is not the end', async (t) => {
  const { client } = await connected(t, (request) =>
    asked(request).next === undefined ? page([], 'more') : page([person('bob')]),
  );
  const roster = client.watch({}, { limit: 5 });
  await live(roster);
  assert.deepEqual([ids(roster), roster.state.more], ['bob', false]);
});

test('news changes fields and places; what did not change stays the same object', async (t) => {
  const { client, wire } = await connected(t, () => page([person('ada'), person('bob')]));
  const roster = client.watch({}, { sort: { name: 1 } });
  await live(roster);
  const [ada] = roster.users;
  const before = roster.state;
  let told = 0;
  roster.subscribe(() => {
    told += 1;
  });
  tell(wire, presence(person('bob', { online: true, last_active: time(5) }), time(5)));
  await until(() => roster.users[1]?.online === true);
  assert.equal(roster.users[0], ada);
  assert.equal(before.users[1]?.online, false, 'an old state never changes');
  assert.equal(roster.users[1]?.last_active, time(5));
  tell(wire, updated(person('bob', { name: 'AAA', updated_at: time(6) }), 'name'));
  await until(() => ids(roster) === 'bob ada');
  assert.equal(roster.users[0]?.online, true, 'a profile says nothing of presence');
  tell(wire, presence(person('bob', { online: false }), time(4)));
  tell(wire, updated(person('bob', { name: 'ZZZ', updated_at: time(5) }), 'name'));
  tell(wire, presence(person('nobody', { online: true }), time(9)));
  tell(wire, presence(person('ada', { online: true }), time(9)));
  await until(() => roster.users[1]?.online === true);
  assert.deepEqual(
    roster.users.map(({ name, online }) => [name, online]),
    [
      ['AAA', true],
      ['ADA', true],
    ],
    'older news is dropped',
  );
  assert.equal(told, 3);
});

test('news that comes before the answer is not lost', async (t) => {
  const { client, wire } = await connected(t, async () => {
    tell(wire, presence(person('bob', { online: true }), time(5)));
    tell(wire, updated(person('bob', { name: 'new', updated_at: time(5) }), 'name'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return page([person('bob')]);
  });
  const roster = client.watch();
  await live(roster);
  assert.deepEqual([roster.users[0]?.name, roster.users[0]?.online], ['new', true]);
});

test('many changes at once are told about once or twice', async (t) => {
  const all = Array.from({ length: 30 }, (_, n) => person(`p${n}`));
  const { client, wire } = await connected(t, () => page(all));
  const roster = client.watch();
  await live(roster);
  let told = 0;
  roster.subscribe(() => {
    told += 1;
  });
  for (const { id } of all) tell(wire, presence(person(id, { online: true }), time(5)));
  await until(() => roster.users.every(({ online }) => online));
  assert.ok(told <= 5, `told ${told} times`);
});

test('after a reconnect it reads again, and shows meanwhile that it may be behind', async (t) => {
  let name = 'first';
  const { client, wire } = await connected(t, () => page([person('bob', { name })]));
  const roster = client.watch();
  await live(roster);
  const seen: RosterState[] = [];
  roster.subscribe(() => seen.push(roster.state));
  name = 'second';
  for (const socket of wire.sockets) socket.terminate();
  await until(() => seen.length > 1);
  assert.deepEqual(
    seen.map(({ status, users, error }) => [status, users[0]?.name, error?.code]),
    [
      ['stale', 'first', 0],
      ['live', 'second', undefined],
    ],
  );
});

test('an update that names a field of the filter makes it read again, once for many of them', async (t) => {
  const people = new Map(['ada', 'bob', 'cleo'].map((id) => [id, person(id, { team: 'red' })]));
  const { client, wire } = await connected(t, () => page([...people.values()].filter((user) => user.team === 'red')));
  const roster = client.watch({ $or: [{ team: 'red' }, { 'address.city': 'Turin' }] }, { sort: { id: 1 } });
  await live(roster);
  const move = (id: string, ms: number): void => {
    const moved = person(id, { team: 'blue', updated_at: time(ms) });
    people.set(id, moved);
    tell(wire, updated(moved, 'team'));
  };
  tell(wire, updated(person('ada', { team: 'red', mood: 'good', updated_at: time(1) }), 'mood'));
  move('bob', 2);
  move('cleo', 3);
  await until(() => roster.users[1]?.team === 'blue');
  assert.equal(ids(roster), 'ada bob cleo', 'who is in the list is as of the last reading');
  await until(() => ids(roster) === 'ada');
  assert.equal(wire.requests.length, 2);
});

test('somebody who is deactivated leaves every list', async (t) => {
  const people = [person('ada'), person('bob')];
  const { client, wire } = await connected(t, () => page(people));
  const roster = client.watch({}, { sort: { id: 1 } });
  await live(roster);
  people.pop();
  tell(wire, updated(person('bob', { deactivated_at: time(1), updated_at: time(1) }), 'deactivated_at'));
  await until(() => ids(roster) === 'ada');
});

test('asked to refresh while it reads, it reads once more afterwards, since the first may have begun too early', async (t) => {
  let names = 0;
  const { client, wire } = await connected(t, async () => {
    const name = `read ${++names}`;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return page([person('bob', { name })]);
  });
  const roster = client.watch();
  await until(() => wire.requests.length === 1);
  await Promise.all([roster.refresh(), roster.refresh(), roster.refresh()]);
  assert.equal(roster.users[0]?.name, 'read 2');
  assert.equal(wire.requests.length, 2);
});

test('with refreshMs newcomers come in by themselves', async (t) => {
  const people = [person('ada')];
  const { client } = await connected(t, () => page(people));
  const roster = client.watch({}, { refreshMs: 1_000, sort: { id: 1 } });
  await live(roster);
  people.push(person('bob'));
  await until(() => ids(roster) === 'ada bob');
});

test('a closed list hears nothing more, and the server is told whom nobody watches any more', async (t) => {
  const people = ['ada', 'bob', 'cleo', 'dora'].map((id) => person(id));
  const { client, wire, unwatched } = await connected(t, (request) => {
    const { filter_conditions: filter } = asked(request);
    return page(people.filter(({ id }) => filter.id.$in.includes(id)));
  });
  const first = client.watch({ id: { $in: ['ada', 'bob', 'dora'] } });
  const second = client.watch({ id: { $in: ['bob', 'cleo'] } });
  await client.queryUsers({ id: { $in: ['dora'] } }, undefined, { presence: true });
  await live(first);
  await live(second);
  const shown = first.state;
  first.close();
  first.close();
  await until(() => unwatched.length > 0);
  assert.deepEqual(unwatched, ['ada'], 'bob is in the other list, and the app asked for dora itself');
  tell(wire, presence(person('bob', { online: true }), time(5)));
  await until(() => second.users.some(({ online }) => online));
  assert.equal(first.state, shown);
});

test('a list that is opened again in time never ends its watches', async (t) => {
  const { client, unwatched } = await connected(t, () => page([person('bob')]));
  {
    using roster = client.watch();
    await live(roster);
  }
  using again = client.watchUser('bob');
  await live(again);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.deepEqual(unwatched, []);
});

test('a list that closes never ends a watch that the app is just asking for', async (t) => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { client, wire, unwatched } = await connected(t, async (request) => {
    if (asked(request).limit === 7) await answered;
    return page([person('bob'), person('cleo')].slice(0, asked(request).limit === 7 ? 1 : 2));
  });
  const roster = client.watch();
  await live(roster);
  const query = client.queryUsers({ id: 'bob' }, undefined, { presence: true, limit: 7 });
  await until(() => wire.requests.length === 2);
  roster.close();
  setTimeout(answer, 1_100); // the list has lingered for a second
  await query;
  await until(() => unwatched.length > 0);
  assert.deepEqual(unwatched, ['cleo']);
});

test('lists that would watch more than a connection may say so; the others read again, since they may have lost some', async (t) => {
  const { client, wire, unwatched } = await connected(t, (request) => {
    const { filter_conditions: filter, limit, next = '0' } = asked(request);
    const from = Number(next);
    return page(
      Array.from({ length: limit }, (_, n) => person(`${filter.role}-${from + n}`)),
      String(from + limit),
    );
  });
  const small = client.watch({ role: 'user' }, { limit: 10 });
  await live(small);
  const calls = wire.requests.length;
  const big = client.watch({ role: 'admin' }, { limit: 1_000 });
  await until(() => big.status === 'failed');
  assert.match(String(big.state.error?.message), /at most 1000 users/);
  assert.equal(big.state.error?.code, 4);
  await until(() => wire.requests.length > calls + 10, 'the other list reading again');
  await until(() => unwatched.length === 1_000);
  assert.equal(small.status, 'live');
});

test('a refusal shows, and refresh tries again', async (t) => {
  let refusing = true;
  const { client, wire } = await connected(t, () =>
    refusing ? fault(400, 4, 'QueryUsers failed with error: "no"') : page([person('bob')]),
  );
  const roster = client.watch({ role: 'user' });
  await until(() => roster.status === 'failed');
  assert.deepEqual([roster.state.error?.code, roster.users.length], [4, 0]);
  assert.equal(wire.requests.length, 1);
  refusing = false;
  await roster.refresh();
  assert.deepEqual([roster.status, roster.state.error, ids(roster)], ['live', undefined, 'bob']);
});

test('what may pass is tried again; what is too slow for the server only a few times', async (t) => {
  const answers: Answer[] = [undefined, fault(503, -1, 'away'), page([person('bob')])];
  const { client, wire } = await connected(t, (request) =>
    asked(request).filter_conditions.mood ? fault(408, 23, 'declare "mood"') : answers.shift(),
  );
  const roster = client.watch();
  await live(roster);
  assert.equal(roster.state.error, undefined);
  assert.equal(wire.requests.length, 3);
  const slow = client.watch({ mood: 'good' });
  await until(() => slow.status === 'failed');
  assert.equal(wire.requests.length, 6);
});

test('it may be opened before anybody is connected, and shows nobody once the user is gone', async (t) => {
  const { client } = await open(t, () => page([person('bob')]));
  const roster = client.watch();
  await roster.refresh();
  assert.equal(roster.status, 'loading');
  await client.connectUser({ id: 'ada' }, 'jwt');
  await live(roster);
  await client.disconnectUser();
  await until(() => roster.status === 'loading');
  assert.deepEqual(roster.users, [], 'what one user saw is not for the next');
  await client.connectUser({ id: 'eve' }, 'jwt');
  await live(roster);
});

test('when its own teams change, a user may see others: it reads again', async (t) => {
  const { client, wire } = await connected(t, () => page([person('bob')]));
  const roster = client.watch();
  await live(roster);
  tell(wire, updated(person('ada', { teams: ['red'], updated_at: time(5) }), 'teams'));
  await until(() => wire.requests.length === 2);
});

test('frames without a user are no news', async (t) => {
  const { client, wire } = await connected(t, () => page([person('bob')]));
  const roster = client.watch();
  await live(roster);
  for (const user of [undefined, null, 5, []]) {
    tell(wire, { type: 'user.updated', created_at: time(5), user });
    tell(wire, { type: 'user.presence.changed', created_at: time(5), user });
  }
  tell(wire, presence(person('bob', { online: true }), time(5)));
  await until(() => roster.users[0]?.online === true);
});

test('options that make no sense are refused at once', () => {
  const client = new Rollcall('key', { url: 'http://127.0.0.1:1' });
  for (const options of [{ limit: 0 }, { limit: 1_001 }, { limit: 1.5 }, { refreshMs: 10 }]) {
    assert.throws(() => client.watch({}, options), { name: 'RollcallError', code: 4 });
  }
});
