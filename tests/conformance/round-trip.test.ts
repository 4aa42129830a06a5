import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at, type Fields, isFields } from '../support/json.ts';
import { suffix } from '../support/wait.ts';
import { title } from './behaviours.ts';
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

describe(title('user.round-trip'), () => {
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

describe(title('user.times'), () => {
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

describe(title('patch.concurrent'), () => {
  it('concurrent partial updates of one user never lose each other', async () => {
    const id = freshId('ann');
    await playStep(target, upsert([{ id }]));
    const fields = Array.from({ length: 40 }, (_, n) => `field${n}`);
    await Promise.all(fields.map((field) => playStep(target, patch([{ id, set: { [field]: 1 } }]))));
    subset(await readUser(target, id), Object.fromEntries(fields.map((field) => [field, 1])), 'user');
  });
});

describe(title('names.race'), () => {
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
