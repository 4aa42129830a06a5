import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { News } from './fold.ts';
import { Members } from './members.ts';
import { orderOf } from './order.ts';
import type { AnyCustom, User } from './types.ts';

const IDS = ['ada', 'bob', 'cleo'];
const ORDER = orderOf([{ name: 1 }, { last_active: -1 }]);
const time = (ms: number): string => new Date(Date.UTC(2030, 0, 1) + ms).toISOString();

const born = (id: string): User => ({
  id,
  role: 'user',
  teams: [],
  language: '',
  banned: false,
  online: false,
  created_at: time(0),
  updated_at: time(0),
  blocked_user_ids: [],
  name: 'nobody yet',
});

/** Something that happens to a user: it is renamed, or comes or goes. */
const happening = fc.record({
  id: fc.constantFrom(...IDS),
  what: fc.oneof(fc.record({ name: fc.string({ maxLength: 2 }) }), fc.record({ online: fc.boolean() })),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** How the world goes: its states, and the news of each step. */
function unfold(story: readonly Happening[]) {
  let now = new Map(IDS.map((id) => [id, born(id)]));
  const states = [now];
  const news: News<AnyCustom>[] = [];
  for (const [step, { id, what }] of story.entries()) {
    const at = time(step + 1);
    const presence = 'online' in what;
    const user = { ...(now.get(id) ?? born(id)), ...what, ...(presence ? { last_active: at } : { updated_at: at }) };
    now = new Map(now).set(id, user);
    states.push(now);
    // Each kind of news tells the other half of the user too, perhaps an old one: it is not to be believed.
    const type = presence ? 'user.presence.changed' : 'user.updated';
    const told = presence ? { ...user, name: 'old' } : { ...user, online: !user.online, last_active: time(0) };
    news.push({ type, created_at: at, user: told });
  }
  return { states, news };
}

const usersOf = (state: ReadonlyMap<string, User> | undefined): User[] => [...(state?.values() ?? [])];

/** The news in an order in which a socket may bring it: each user's in theirs, some of it twice or far too late. */
function* deliver(news: readonly News<AnyCustom>[], picks: readonly number[]) {
  const queues = IDS.map((id) => [...news.entries()].filter(([, { user }]) => user.id === id));
  const told: [number, News<AnyCustom>][] = [];
  for (const pick of picks) {
    const open = queues.filter((queue) => queue.length > 0);
    const old = told[pick % 7];
    if (pick % 5 === 0 && old) yield old;
    const next = open[pick % Math.max(open.length, 1)]?.shift();
    if (next) told.push(next);
    if (next) yield next;
  }
  for (const queue of queues) yield* queue;
}

test('a list reaches the same state from an answer and late news as from all news in order', () => {
  const numbers = fc.array(fc.nat(), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), numbers, fc.nat(), fc.nat(), fc.nat(), (story, ...rest) => {
      const [picks, askAt, snapshotAt, answerAt] = rest;
      const { states, news } = unfold(story);
      const inOrder = new Members<AnyCustom>(ORDER);
      inOrder.answer(usersOf(states[0]));
      for (const one of news) inOrder.hear(one);

      const late = new Members<AnyCustom>(ORDER);
      late.answer(usersOf(states[0]));
      const delivery = [...deliver(news, picks)];
      const asked = askAt % (delivery.length + 1);
      const answered = asked + (answerAt % (delivery.length - asked + 1));
      // What was heard before asking had happened before the answer was looked up.
      const heard = delivery.slice(0, asked).reduce((most, [step]) => Math.max(most, step + 1), 0);
      const looked = heard + (snapshotAt % (states.length - heard));
      for (let at = 0; at <= delivery.length; at++) {
        if (at === asked) late.ask();
        if (at === answered) late.answer(usersOf(states[looked]));
        const next = delivery[at];
        if (next) late.hear(next[1]);
      }
      assert.deepEqual(late.list, inOrder.list);
      assert.deepEqual(new Set(late.list), new Set(usersOf(states.at(-1))));
    }),
    { numRuns: 2_000 },
  );
});

test('what did not change stays the same object', () => {
  const members = new Members<AnyCustom>(ORDER);
  members.answer([born('ada'), born('bob')]);
  const before = members.list;
  assert.equal(members.list, before);
  members.ask();
  members.answer([born('ada'), { ...born('bob'), name: 'Bob', updated_at: time(1) }]);
  const after = members.list;
  assert.notEqual(after, before);
  const ada = (list: readonly User[]) => list.find(({ id }) => id === 'ada');
  assert.equal(ada(after), ada(before));
  assert.ok(Object.isFrozen(after));
});

test('news of a user who is not in the list changes nothing', () => {
  const members = new Members<AnyCustom>(ORDER);
  members.answer([born('ada')]);
  const before = members.list;
  assert.equal(members.hear({ type: 'user.updated', created_at: time(1), user: { ...born('eve') } }), false);
  assert.equal(members.list, before);
});
