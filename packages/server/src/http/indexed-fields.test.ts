import assert from 'node:assert/strict';
import { it } from 'node:test';
import { WINDOWS } from '../store/sqlite/finder.ts';
import { openTestApp, type TestApp } from '../testing.ts';

/** Every query counts as slow. */
const SLOW = { ...WINDOWS, mostSize: 4, ms: 0, slowMs: 0 };

const people = (count: number) => {
  const ids = Array.from({ length: count }, (_, at) => `u${at}`);
  return { users: Object.fromEntries(ids.map((id, at) => [id, { age: at, 'höhe"': at, address: { city: 'x' } }])) };
};

async function find(app: TestApp, filter: object) {
  const answer = await app.http.inject({
    url: '/users',
    query: { api_key: app.tenant.key, payload: JSON.stringify({ filter_conditions: filter }) },
    headers: { authorization: app.tokenOf(), origin: 'https://example.org' },
  });
  const { headers } = answer;
  return { ids: answer.json().users?.map(({ id }: { id: string }) => id), body: answer.json(), headers };
}

/** Waits until the indexes of the app are made. */
async function ready(app: TestApp): Promise<object> {
  for (;;) {
    const { indexed_fields_state: state } = (await app.call('GET', '/app')).body.app;
    if (!JSON.stringify(state).includes('building')) return state;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('a slow answer names the field to declare, and no longer when it was declared', async () => {
  await using app = await openTestApp({}, ':memory:', SLOW);
  await app.call('POST', '/users', people(50));
  const slow = await find(app, { age: 7 });
  assert.deepEqual(slow.ids, ['u7']);
  assert.equal(slow.headers['x-rollcall-hint'], 'declare "age" in indexed_fields');
  assert.match(String(slow.headers['access-control-expose-headers']), /x-rollcall-hint/);
  assert.equal((await find(app, {})).headers['x-rollcall-hint'], undefined);

  const { body } = await app.call('PATCH', '/app', { indexed_fields: ['age', 'address.city'] });
  assert.deepEqual(body.app.indexed_fields, ['age', 'address.city']);
  assert.deepEqual(Object.keys(body.app.indexed_fields_state), ['age', 'address.city']);
  assert.deepEqual(await ready(app), { age: { state: 'ready' }, 'address.city': { state: 'ready' } });
  const quick = await find(app, { age: 7, 'address.city': 'x' });
  assert.deepEqual([quick.ids, quick.headers['x-rollcall-hint']], [['u7'], undefined]);
});

it('a hint holds nothing that a header may not, whatever the field is called', async () => {
  await using app = await openTestApp({}, ':memory:', SLOW);
  await app.call('POST', '/users', people(50));
  const { ids, headers } = await find(app, { 'höhe"': 7 });
  assert.deepEqual(ids, ['u7']);
  assert.equal(headers['x-rollcall-hint'], String.raw`declare "h\u00f6he\"" in indexed_fields`);
});

it('a query that takes too long is refused with code 23', async () => {
  await using app = await openTestApp({}, ':memory:', { ...SLOW, quickMs: 0, queryMs: 0 });
  await app.call('POST', '/users', people(50));
  const { body } = await find(app, { age: -1 });
  assert.deepEqual([body.code, body.StatusCode], [23, 408]);
  assert.match(
    body.message,
    /^QueryUsers failed with error: "the query took longer than 0 s: declare "age" in indexed_/,
  );
});
