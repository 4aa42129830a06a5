import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RollcallServer, type RollcallServerOptions, type SyncResult, type UserInput } from './server.ts';
import { type Answer, type Behaviour, fault, type Received, startWire, until } from './testing/wire.ts';

/** A backend's client of a wire that behaves so; it pauses for nothing unless a test says otherwise. */
async function open(t: TestContext, rest: Behaviour['rest'] & object, options: Partial<RollcallServerOptions> = {}) {
  const wire = await startWire(t, { rest });
  return { wire, server: new RollcallServer('key', 'secret', { url: wire.url, chance: () => 0, ...options }) };
}

const idsOf = ({ body }: Received): string[] => Object.keys(body.users);
const done: Answer = { status: 201, body: { users: {}, duration: '1ms' } };

function* people(count: number): Generator<UserInput> {
  for (let at = 0; at < count; at += 1) yield { id: `u${at}`, name: `Name ${at}` };
}

/** Refuses these ids by name, as the server does: all of them, the first in the message. */
function refuseIds(request: Received, isBad: (id: string) => boolean): Answer {
  const bad = idsOf(request).filter(isBad);
  if (bad.length === 0) return done;
  const fields = Object.fromEntries(bad.map((id) => [`users[${id}].name`, `users[${id}].name is bad`]));
  return fault(400, 4, `UpdateUsers failed with error: "users[${bad[0]}].name is bad"`, fields);
}

test('any number of users goes over in batches of 100', async (t) => {
  const { wire, server } = await open(t, () => done);
  const progress: number[] = [];
  const result = await server.syncUsers(people(250), { onProgress: ({ synced }) => progress.push(synced) });
  assert.deepEqual(result, { synced: 250, failed: [] });
  assert.deepEqual(wire.requests.map((request) => idsOf(request).length).toSorted(), [100, 100, 50]);
  assert.equal(progress.length, 3);
  assert.equal(progress.at(-1), 250);
  assert.deepEqual(await server.syncUsers([]), { synced: 0, failed: [] });
});

test('no more batches are under way than allowed, and the source is read no further', async (t) => {
  let read = 0;
  let underWay = 0;
  let most = 0;
  const three = Promise.withResolvers<void>();
  async function* source() {
    for (const user of people(1_500)) {
      read += 1;
      yield user;
    }
  }
  const { server, wire } = await open(t, async () => {
    most = Math.max(most, ++underWay);
    if (underWay === 3) three.resolve();
    await three.promise; // as many as are allowed
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.ok(read <= (wire.requests.length + 4) * 100);
    underWay -= 1;
    return done;
  });
  assert.equal((await server.syncUsers(source(), { concurrency: 3 })).synced, 1_500);
  assert.equal(most, 3);
});

test('only the bad users fail, each by its name', async (t) => {
  const { server } = await open(t, (request) => refuseIds(request, (id) => id.endsWith('7')));
  const { synced, failed } = await server.syncUsers(people(250));
  assert.equal(synced, 225);
  assert.deepEqual(
    failed.map(({ id }) => id).toSorted(),
    [...people(250)]
      .map(({ id }) => id)
      .filter((id) => id.endsWith('7'))
      .toSorted(),
  );
  const seven = failed.find(({ id }) => id === 'u7');
  assert.equal(seven?.error.message, 'users[u7].name is bad');
  assert.deepEqual(seven.error.fields, { 'users[u7].name': 'users[u7].name is bad' });
  assert.equal(seven.error.code, 4);
});

test('faults of a later phase are met when those of the first are out of the way', async (t) => {
  const { wire, server } = await open(t, (request) => {
    const first = refuseIds(request, (id) => id === 'u1');
    if (first !== done) return first;
    return idsOf(request).includes('u2') ? fault(400, 6, 'taken', { 'users[u2]': 'taken' }) : done;
  });
  const { synced, failed } = await server.syncUsers(people(4));
  assert.equal(synced, 2);
  assert.deepEqual(
    failed.map(({ id, error }) => [id, error.code]),
    [
      ['u1', 4],
      ['u2', 6],
    ],
  );
  assert.deepEqual(wire.requests.map(idsOf), [
    ['u0', 'u1', 'u2', 'u3'],
    ['u0', 'u2', 'u3'],
    ['u0', 'u3'],
  ]);
});

test('a refusal that names nobody is pinned down by halves', async (t) => {
  const { server } = await open(t, (request) => (idsOf(request).includes('u42') ? fault(413, 22, 'too big') : done));
  const { synced, failed } = await server.syncUsers(people(100));
  assert.equal(synced, 99);
  assert.deepEqual(
    failed.map(({ id, error }) => [id, error.code]),
    [['u42', 22]],
  );
});

test('what may pass is tried again', async (t) => {
  const answers: (Answer | 'cut')[] = [
    fault(429, 9, 'too many'),
    fault(503, -1, 'away'),
    fault(500, -1, 'internal'),
    'cut',
    { status: 502, body: 'bad gateway' },
  ];
  const { wire, server } = await open(t, () => {
    const answer = answers.shift() ?? done;
    return answer === 'cut' ? undefined : answer;
  });
  assert.deepEqual(await server.syncUsers(people(10)), { synced: 10, failed: [] });
  assert.equal(wire.requests.length, 6);
});

test('Retry-After is kept to', async (t) => {
  const times: number[] = [];
  const { server } = await open(t, () => {
    times.push(Date.now());
    return times.length === 1
      ? { ...fault(503, -1, 'away'), body: { code: -1 }, headers: { 'retry-after': '1' } }
      : done;
  });
  await server.syncUsers(people(1));
  assert.ok(Number(times[1]) - Number(times[0]) >= 990);
});

test('users of a batch that fails to the end are named, and the others go on', async (t) => {
  const { wire, server } = await open(t, (request) =>
    idsOf(request).includes('u0') ? fault(500, -1, 'internal') : done,
  );
  const { synced, failed } = await server.syncUsers(people(250));
  assert.equal(synced, 150);
  assert.equal(failed.length, 100);
  assert.ok(failed.every(({ error }) => error.code === -1));
  assert.equal(wire.requests.length, 8 + 2);
});

test('a server that stays away ends it', async (t) => {
  const { wire, server } = await open(t, () => fault(503, -1, 'away'));
  let last: SyncResult = { synced: 0, failed: [] };
  const keep = (sofar: SyncResult) => {
    last = sofar;
  };
  const sync = server.syncUsers(people(100_000), { onProgress: keep });
  await assert.rejects(sync, { name: 'RollcallError', code: -1, status: 503 });
  assert.ok(wire.requests.length <= 8 * 8);
  assert.ok(last.failed.length >= 300);
});

test('a wrong secret ends it at once', async (t) => {
  const { wire, server } = await open(t, () => fault(401, 43, 'token signature is invalid'));
  await assert.rejects(server.syncUsers(people(1_000), { concurrency: 2 }), { code: 43, status: 401 });
  assert.ok(wire.requests.length <= 3);
});

test('of a user that comes twice the later one is written later, never at the same time', async (t) => {
  const underWay = new Set<string>();
  const names: string[] = [];
  const { server } = await open(t, async (request) => {
    for (const id of idsOf(request)) {
      assert.ok(!underWay.has(id), `${id} is written twice at once`);
      underWay.add(id);
    }
    if (request.body.users.ada) names.push(request.body.users.ada.name);
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (const id of idsOf(request)) underWay.delete(id);
    return done;
  });
  const users = [...people(700)];
  for (const [at, name] of [
    [0, 'one'],
    [1, 'two'],
    [150, 'three'],
    [650, 'four'],
  ] as const) {
    users.splice(at, 0, { id: 'ada', name });
  }
  assert.deepEqual(await server.syncUsers(users), { synced: 704, failed: [] });
  assert.deepEqual(names, ['one', 'two', 'three', 'four']);
});

test('a user without an id fails alone, and what cannot be sent as JSON too', async (t) => {
  const { server } = await open(t, () => done);
  const odd = [{ id: 'a' }, {}, null, { id: '' }, { id: 5 }, { id: 'big', size: 1n }, { id: 'b' }] as UserInput[];
  const { synced, failed } = await server.syncUsers(odd);
  assert.equal(synced, 2);
  assert.deepEqual(
    failed.map(({ id, error }) => [id, error.code]),
    [
      ['undefined', 4],
      ['undefined', 4],
      ['', 4],
      ['5', 4],
      ['big', 4],
    ],
  );
});

test('it can be cancelled, also while it waits', async (t) => {
  const { wire, server } = await open(t, () => ({
    ...fault(503, -1, 'away'),
    body: { code: -1 },
    headers: { 'retry-after': '60' },
  }));
  const cancel = new AbortController();
  const sync = server.syncUsers(people(1_000), { signal: cancel.signal });
  const rejected = assert.rejects(sync, { name: 'RollcallError', code: 0, message: /cancelled/ });
  await until(() => wire.requests.length === 4);
  cancel.abort();
  await rejected;
  await assert.rejects(server.syncUsers(people(1), { signal: cancel.signal }), { code: 0 });
  assert.equal(wire.requests.length, 4);
});

/** A source that gives so many people, and then waits until it is told to go on. */
function waitingSource(count: number) {
  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  let ended = false;
  async function* source(): AsyncGenerator<UserInput> {
    try {
      yield* people(count);
      await promise;
      yield { id: 'late' };
    } finally {
      ended = true;
    }
  }
  return { source: source(), goOn, hasEnded: () => ended };
}

test('it can be cancelled while its source waits; the source is closed when it comes back', async (t) => {
  const { wire, server } = await open(t, () => done);
  const cancel = new AbortController();
  const { source, goOn, hasEnded } = waitingSource(150);
  const sync = server.syncUsers(source, { signal: cancel.signal });
  const rejected = assert.rejects(sync, { name: 'RollcallError', code: 0, message: /cancelled/ });
  await until(() => wire.requests.length === 1);
  cancel.abort();
  await rejected;
  assert.equal(hasEnded(), false);
  goOn();
  await until(hasEnded);
  assert.equal(wire.requests.length, 1);
});

test('a refusal that will not pass ends it while its source waits', async (t) => {
  const { server } = await open(t, () => fault(401, 43, 'token signature is invalid'));
  const { source } = waitingSource(100);
  await assert.rejects(server.syncUsers(source), { code: 43, status: 401 });
});

test('an error of the source or of onProgress is the caller’s to see, and the source is closed', async (t) => {
  const { server } = await open(t, () => done);
  async function* broken() {
    yield* people(150);
    throw new Error('the database went away');
  }
  await assert.rejects(server.syncUsers(broken()), { message: 'the database went away' });
  let closed = false;
  function* endless() {
    try {
      for (let at = 0; ; at += 1) yield { id: `u${at}` };
    } finally {
      closed = true;
    }
  }
  const onProgress = () => {
    throw new Error('a bug of the app');
  };
  await assert.rejects(server.syncUsers(endless(), { onProgress }), { message: 'a bug of the app' });
  await until(() => closed);
});
