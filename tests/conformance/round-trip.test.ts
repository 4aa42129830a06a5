import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at, type Fields, isFields } from '../support/json.ts';
import { suffix } from '../support/wait.ts';
import { answeredUsers, subset } from './check.ts';
import { enter, freshId, readUser } from './door.ts';
import { playStep } from './run.ts';
import { as, patch, query, read, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

const rich = (id: string): Fields => ({
  id,
  role: 'moderator',
  name: `Zoë ${id}`,
  image: 'https://example.com/z.png',
  teams: ['red', 'blue'],
  teams_role: { blue: 'admin' },
  language: 'pt-BR',
  invisible: true,
  privacy_settings: { read_receipts: { enabled: false } },
  score: 1.5,
  nothing: null,
  address: { city: 'Rome', list: [1, [], {}, { a: null }] },
});

/** Users as some endpoint answers them to the server, each with its own way to come by them. */
const ANSWERS: readonly (readonly [from: string, ask: (id: string) => Promise<unknown>])[] = [
  ['an upsert', async (id) => answeredUsers(await playStep(target, upsert([rich(id)])))[0]],
  [
    'a partial update',
    async (id) => answeredUsers(await playStep(target, patch([{ id, set: { more: { x: 1 } }, unset: ['score'] }])))[0],
  ],
  ['a query', async (id) => answeredUsers(await playStep(target, read([id])))[0]],
  [
    "a user's own upsert",
    async (id) => answeredUsers(await playStep(target, upsert([rich(id)], { actor: as(id) })))[0],
  ],
  ["a user's query", async (id) => answeredUsers(await playStep(target, read([id], { actor: as(id) })))[0]],
  [
    'a connect',
    async (id) => {
      const { socket, me } = await enter(target, { userId: id });
      await socket.close();
      return me;
    },
  ],
];

describe('2 every user that is answered can be sent back', () => {
  for (const [from, ask] of ANSWERS) {
    for (const sender of ['the server', 'the user itself'] as const) {
      it(`the user that ${from} answers, sent back by ${sender}, moves nothing`, async () => {
        const id = freshId('ann');
        await playStep(target, upsert([rich(id)]));
        const answered = await ask(id);
        assert.ok(isFields(answered));
        const stored = await readUser(target, id);
        const actor = sender === 'the server' ? 'server' : as(id);
        const reply = await playStep(target, upsert([answered], { actor }));
        assert.equal(at(reply.body, 'users', id, 'updated_at'), stored?.updated_at);
        const { online: _, last_active: __, ...before } = stored ?? {};
        const { online: ___, last_active: ____, ...now } = (await readUser(target, id)) ?? {};
        assert.deepEqual(now, before);
      });
    }
  }

  it('a whole page of users, sent back, moves nothing', async () => {
    const team = `team${suffix()}`;
    await playStep(
      target,
      upsert(Array.from({ length: 30 }, (_, n) => ({ ...rich(freshId(`u${n}`)), teams: [team], teams_role: {} }))),
    );
    const all = query({ filter_conditions: { teams: { $contains: team } }, limit: 100 });
    const page = answeredUsers(await playStep(target, all)).filter(isFields);
    assert.equal(page.length, 30);
    await playStep(target, upsert(page));
    assert.deepEqual(answeredUsers(await playStep(target, all)), page);
  });
});

describe('2 times', () => {
  it('created_at never moves and updated_at strictly increases, however quick the writes are', async () => {
    const id = freshId('ann');
    const seen: Fields[] = [];
    for (let n = 0; n < 20; n += 1) {
      const step = n % 2 === 0 ? upsert([{ id, n }]) : patch([{ id, set: { n } }]);
      const user = answeredUsers(await playStep(target, step))[0];
      if (isFields(user)) seen.push(user);
    }
    assert.equal(new Set(seen.map((user) => user.created_at)).size, 1);
    const times = seen.map((user) => String(user.updated_at));
    assert.deepEqual(times, [...new Set(times)].sort());
  });
});

describe('4 and 6 many at once', () => {
  it('concurrent partial updates of one user never lose each other', async () => {
    const id = freshId('ann');
    await playStep(target, upsert([{ id }]));
    const fields = Array.from({ length: 40 }, (_, n) => `field${n}`);
    await Promise.all(fields.map((field) => playStep(target, patch([{ id, set: { [field]: 1 } }]))));
    subset(await readUser(target, id), Object.fromEntries(fields.map((field) => [field, 1])), 'user');
  });

  it('of many simultaneous takers of one name one wins and the others read code 6', async () => {
    const name = `Ann ${suffix()}`;
    await playStep(target, { method: 'PATCH', path: '/app', body: { enforce_unique_usernames: 'app' } });
    try {
      const takers = Array.from({ length: 40 }, (_, n) => upsert([{ id: freshId(`u${n}`), name }]));
      const replies = await Promise.all(
        takers.map((step) => playStep(target, { ...step, expect: { status: [201, 400] } })),
      );
      assert.equal(replies.filter(({ status }) => status === 201).length, 1);
      assert.ok(replies.every(({ status, body }) => status === 201 || body.code === 6));
    } finally {
      await playStep(target, { method: 'PATCH', path: '/app', body: { enforce_unique_usernames: 'no' } });
    }
  });
});

describe('8 pages', () => {
  const inPages = async (payload: Fields): Promise<string[]> => {
    const ids: string[] = [];
    let next: unknown;
    for (let page = 0; page < 20; page += 1) {
      const reply = await playStep(target, query(next === undefined ? payload : { ...payload, next }));
      ids.push(...answeredUsers(reply).map((user) => String(at(user, 'id'))));
      next = reply.body.next;
      if (next === undefined) break;
    }
    return ids;
  };

  for (const sort of [
    undefined,
    [{ field: 'id', direction: 1 }],
    [{ field: 'name', direction: 1 }],
    [{ field: 'name', direction: -1 }],
    [
      { field: 'created_at', direction: 1 },
      { field: 'name', direction: -1 },
    ],
  ]) {
    it(`pages neither repeat nor skip, sorted by ${JSON.stringify(sort ?? 'default')}`, async () => {
      const team = `team${suffix()}`;
      const names = ['Ann', undefined, 'Bob', 'Ann', undefined, 'Cid', 'Ann'];
      await playStep(
        target,
        upsert(names.map((name, n) => ({ id: freshId(`u${n}`), teams: [team], ...(name ? { name } : {}) }))),
      );
      const payload = { filter_conditions: { teams: { $contains: team } }, ...(sort ? { sort } : {}) };
      const whole = answeredUsers(await playStep(target, query(payload))).map((user) => at(user, 'id'));
      assert.equal(whole.length, names.length);
      assert.deepEqual(await inPages({ ...payload, limit: 2 }), whole);
    });
  }

  it('a next of another filter, another sort, or beside offset or id_gt is refused', async () => {
    await playStep(target, upsert([{ id: freshId('ann') }, { id: freshId('bob') }]));
    const { next } = (await playStep(target, query({ limit: 1 }))).body;
    assert.equal(typeof next, 'string');
    for (const more of [
      { filter_conditions: { role: 'user' } },
      { sort: [{ field: 'id', direction: 1 }] },
      { offset: 1 },
      { id_gt: 'a' },
      { next: `x${next}` },
      { next: String(next).slice(0, 10) },
    ]) {
      await playStep(target, query({ limit: 1, next, ...more }, { expect: { status: 400, code: 4 } }));
    }
    await playStep(target, query({ limit: 2, next }));
  });
});
