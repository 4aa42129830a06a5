import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at, type Fields } from '../support/json.ts';
import { suffix } from '../support/wait.ts';
import { title } from './behaviours.ts';
import { answeredUsers } from './check.ts';
import { freshId } from './door.ts';
import { ORDERS } from './query-sort.cases.ts';
import { playStep } from './run.ts';
import { as, query, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

/** What users hold: every type of value, several alike, several without. */
const HELD: readonly Fields[] = [
  { name: 'Ann', v: 1 },
  { v: 'x', role: 'admin' },
  { name: 'Bob', v: null, o: { n: 2 } },
  { name: 'Ann', v: true, o: { n: 'z' } },
  { v: ['x'] },
  { name: '\u{1f600}', v: { x: 1 }, role: 'guest' },
  { name: '\uffee', v: 1, o: 5 },
  { name: 'Ann', v: -1e9, o: { n: null } },
  { name: '', v: false, role: 'admin' },
  { v: 'x', o: { n: 2 } },
  { name: 'Zoe', v: '\uffee' },
];

/** Makes a team of users that hold these things, and answers the filter that means them. */
async function settle(held: readonly Fields[]): Promise<Fields> {
  const team = `team${suffix()}`;
  await join(team, held);
  return { teams: { $contains: team } };
}

async function join(team: string, held: readonly Fields[]): Promise<void> {
  await playStep(target, upsert(held.map((more) => ({ id: freshId('u'), teams: [team], ...more }))));
}

/** Follows `next` from page to page, with something to happen in between. */
async function follow(payload: Fields, between = async (_: number): Promise<void> => {}): Promise<string[]> {
  const ids: string[] = [];
  let next: unknown;
  for (let page = 0; page < 30; page += 1) {
    const reply = await playStep(target, query(next === undefined ? payload : { ...payload, next }));
    ids.push(...answeredUsers(reply).map((user) => String(at(user, 'id'))));
    next = reply.body.next;
    if (next === undefined) return ids;
    await between(page);
  }
  throw new Error('the pages have no end');
}

const shown = (sort: readonly Fields[]): string =>
  sort.map(({ field, direction }) => `${field} ${direction}`).join(', ');

describe(title('query.next'), () => {
  it('pages neither repeat nor skip, whatever the order', async (test) => {
    const filter_conditions = await settle(HELD);
    for (const sort of [undefined, ...ORDERS]) {
      await test.test(sort === undefined ? 'newest first' : shown(sort), async () => {
        const payload = { filter_conditions, ...(sort ? { sort } : {}) };
        const whole = await follow({ ...payload, limit: 100 });
        assert.equal(whole.length, HELD.length);
        for (const limit of [1, 2, 5]) assert.deepEqual(await follow({ ...payload, limit }), whole);
      });
    }
  });

  for (const sort of [
    undefined,
    [{ field: 'id', direction: 1 }],
    [{ field: 'id', direction: -1 }],
    [{ field: 'created_at', direction: 1 }],
    [{ field: 'name', direction: 1 }],
    [{ field: 'v', direction: -1 }],
  ]) {
    it(`those who were there are found once while users are added: ${sort ? shown(sort) : 'newest first'}`, async () => {
      const filter = await settle(HELD);
      const team = String(at(filter, 'teams', '$contains'));
      const payload = { filter_conditions: filter, ...(sort ? { sort } : {}) };
      const before = await follow({ ...payload, limit: 100 });
      const seen = await follow({ ...payload, limit: 2 }, async (page) => {
        if (page < 4) await join(team, [HELD[page % HELD.length] ?? {}, { v: page }]);
      });
      assert.deepEqual(new Set(seen).size, seen.length, 'nobody twice');
      assert.deepEqual(
        seen.filter((id) => before.includes(id)),
        before,
      );
    });
  }

  it('pages of a search neither repeat nor skip', async () => {
    const word = `word${suffix()}`;
    await settle(Array.from({ length: 9 }, (_, n) => ({ name: `${n % 2 ? 'Ann ' : ''}${word}${n}` })));
    const payload = { filter_conditions: { name: { $autocomplete: word } } };
    const whole = await follow({ ...payload, limit: 100 });
    assert.equal(whole.length, 9);
    assert.deepEqual(await follow({ ...payload, limit: 2 }), whole);
  });

  it('a user pages too, and sees only whom it may', async () => {
    const filter = await settle(HELD);
    const id = freshId('ann');
    await playStep(target, upsert([{ id }]));
    const first = await playStep(target, query({ filter_conditions: filter, limit: 8 }, { actor: as(id) }));
    const { next } = first.body;
    const rest = await playStep(target, query({ filter_conditions: filter, limit: 8, next }, { actor: as(id) }));
    assert.equal(new Set([...answeredUsers(first), ...answeredUsers(rest)].map((user) => at(user, 'id'))).size, 11);
  });

  it('a next of another filter or sort, beside offset or id_gt, or touched, is refused', async () => {
    const filter_conditions = await settle(HELD);
    const { next } = (await playStep(target, query({ filter_conditions, limit: 1 }))).body;
    assert.equal(typeof next, 'string');
    for (const more of [
      { filter_conditions: { role: 'user' } },
      { filter_conditions: { $and: [filter_conditions, { v: 1 }] } },
      { sort: [{ field: 'id', direction: 1 }] },
      { sort: [{ field: 'created_at', direction: 1 }] },
      { include_deactivated_users: true },
      { offset: 1 },
      { id_gt: 'a' },
      { id_lte: 'a' },
      { next: `x${next}` },
      { next: `${next}x` },
      { next: String(next).slice(0, 10) },
      { next: String(next).toUpperCase() },
      { next: Buffer.from('[1]').toString('base64url') },
    ]) {
      const step = query({ filter_conditions, limit: 1, next, ...more }, { expect: { status: 400, code: 4 } });
      await playStep(target, step);
    }
    await playStep(target, query({ filter_conditions, limit: 2, next }));
    await playStep(target, query({ filter_conditions, limit: 2, next, offset: 0 }));
  });
});

describe(title('query.own-writes'), () => {
  it('a user is found the moment its write was acknowledged, by every way', async () => {
    const team = `team${suffix()}`;
    await Promise.all(
      Array.from({ length: 25 }, async (_, n) => {
        const id = freshId('ann');
        const name = `Ann ${suffix()}`;
        await playStep(target, upsert([{ id, name, teams: [team], n, username: `${id} x` }]));
        for (const filter of [
          { id },
          { name },
          { n, teams: { $contains: team } },
          { username: { $autocomplete: id } },
        ]) {
          const found = answeredUsers(await playStep(target, query({ filter_conditions: filter })));
          assert.deepEqual(
            found.map((user) => at(user, 'id')),
            [id],
            JSON.stringify(filter),
          );
        }
        await playStep(target, upsert([{ id, name: 'Bob', teams: [team], n: -1 }]));
        for (const filter of [{ name }, { n, teams: { $contains: team } }, { username: { $autocomplete: id } }]) {
          assert.deepEqual(answeredUsers(await playStep(target, query({ filter_conditions: filter }))), []);
        }
      }),
    );
  });
});

describe(title('query.times'), () => {
  it('finds a user by its very times, and orders by them', async () => {
    const id = freshId('ann');
    const [user] = answeredUsers(await playStep(target, upsert([{ id }])));
    for (const field of ['created_at', 'updated_at']) {
      const time = String(at(user, field));
      const later = new Date(Date.parse(time) + 1).toISOString();
      for (const [operand, found] of [
        [time, true],
        [{ $eq: time }, true],
        [{ $eq: time.replace('Z', '999+00:00') }, true],
        [{ $gte: time, $lte: time }, true],
        [{ $gt: time }, false],
        [{ $lt: time }, false],
        [{ $lt: later }, true],
        [{ $eq: later }, false],
      ] as const) {
        const reply = await playStep(target, query({ filter_conditions: { id, [field]: operand } }));
        assert.equal(answeredUsers(reply).length, found ? 1 : 0, `${field} ${JSON.stringify(operand)}`);
      }
    }
  });
});
