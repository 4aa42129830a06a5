import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at } from '../support/json.ts';
import { title } from './behaviours.ts';
import { answeredUsers, subset } from './check.ts';
import { enter, freshId } from './door.ts';
import { playStep, resetSettings, setSettings } from './run.ts';
import { as, patch, query, refused, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';
import { flips, openWatcher, updates } from './watcher.ts';

let target: Target;
before(async () => {
  target = await openTarget({ ROLLCALL_GRACE_MS: '300' });
});
after(() => target?.[Symbol.asyncDispose]());

async function somebody(more: object = {}): Promise<string> {
  const id = freshId('ann');
  await playStep(target, upsert([{ id, ...more }]));
  return id;
}

const change = (id: string, set: object) => playStep(target, patch([{ id, set }]));

describe(title('presence.updated'), { concurrency: true }, () => {
  it('watchers hear what changed, whoever changed it', async () => {
    const ann = await somebody({ name: 'Ann', color: 'red' });
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await playStep(target, patch([{ id: ann, set: { name: 'Anna', 'address.city': 'Rome' }, unset: ['color'] }]));
    const first = await bob.hears(ann, ({ type }) => type === 'user.updated');
    subset(first, { created_at: /Z$/, user: { name: 'Anna', address: { city: 'Rome' }, color: undefined } }, 'frame');
    assert.deepEqual([at(first, 'changed')].flat().sort(), ['address', 'color', 'name']);
    await playStep(target, upsert([{ id: ann, language: 'fr' }], { actor: as(ann) }));
    const second = await bob.hears(ann, (frame) => at(frame, 'user', 'language') === 'fr');
    assert.deepEqual([at(second, 'changed')].flat().sort(), ['address', 'language', 'name']);
    const { socket } = await enter(target, { userId: ann, details: { book: 'dune' } });
    await using _ = socket;
    subset(await bob.hears(ann, (frame) => at(frame, 'user', 'book') === 'dune'), { changed: ['book'] }, 'a connect');
  });

  it('what is private is told to the user itself, and to nobody else', async () => {
    const ann = await somebody();
    await using own = await openWatcher(target, { userId: ann });
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    const privacy_settings = { read_receipts: { enabled: false } };
    await change(ann, { privacy_settings });
    await change(ann, { privacy_settings: null, color: 'red' });
    await change(ann, { invisible: true });
    await change(ann, { invisible: false, color: 'blue' });
    subset(await own.hears(ann, ({ type }) => type === 'user.updated'), { changed: ['privacy_settings'] }, 'own frame');
    await own.hears(ann, (frame) => at(frame, 'user', 'invisible') === true);
    await bob.hears(ann, (frame) => at(frame, 'user', 'color') === 'blue');
    await bob.caughtUp();
    assert.deepEqual(
      updates(bob, ann).map((frame) => frame.changed),
      [['color'], ['color']],
    );
    assert.doesNotMatch(JSON.stringify(bob.heard(ann)), /invisible|privacy_settings|revoke/);
  });

  it('a revocation of tokens is told to nobody', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await change(ann, { revoke_tokens_issued_before: '2020-01-01T00:00:00Z', color: 'red' });
    const frame = await bob.hears(ann, ({ type }) => type === 'user.updated');
    subset(frame, { changed: ['color'], user: { revoke_tokens_issued_before: undefined } }, 'frame');
  });

  it('who watches itself hears once', async () => {
    await using ann = await openWatcher(target);
    await ann.watch(ann.id);
    await change(ann.id, { color: 'red' });
    await ann.caughtUp();
    assert.equal(updates(ann, ann.id).filter((frame) => at(frame, 'changed', 0) === 'color').length, 1);
  });

  it('every connection that watches hears', async () => {
    const ann = await somebody();
    await using first = await openWatcher(target);
    await using second = await openWatcher(target, { userId: first.id });
    await using third = await openWatcher(target);
    for (const watcher of [first, second, third]) await watcher.watch(ann);
    await change(ann, { color: 'red' });
    for (const watcher of [first, second, third]) {
      await watcher.hears(ann, (frame) => at(frame, 'user', 'color') === 'red');
    }
  });
});

describe(title('presence.quiet'), { concurrency: true }, () => {
  it('watchers hear nothing of a write that changed nothing', async () => {
    const ann = await somebody({ name: 'Ann', address: { city: 'Rome' }, teams: ['red'] });
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await playStep(target, upsert([{ id: ann, name: 'Ann', address: { city: 'Rome' } }]));
    await playStep(target, patch([{ id: ann, set: { 'address.city': 'Rome' }, unset: ['nothing'] }]));
    await playStep(target, patch([{ id: ann }]));
    await playStep(target, patch([{ id: ann, set: { pk: 1 } }], { expect: refused(4) }));
    await bob.caughtUp();
    assert.deepEqual(bob.heard(ann), []);
  });
});

describe(title('presence.order'), { concurrency: true }, () => {
  it('watchers hear of changes in their order, and miss none', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await Promise.all(Array.from({ length: 40 }, (_, n) => change(ann, { [`f${n}`]: n })));
    await bob.hears(
      ann,
      (frame) => Object.keys(at(frame, 'user') ?? {}).filter((key) => /^f\d/.test(key)).length === 40,
    );
    const heard = updates(bob, ann);
    const times = heard.map((frame) => String(at(frame, 'user', 'updated_at')));
    assert.deepEqual(times, [...new Set(times)].sort());
    // Where news of several nodes crosses on the way, the older is passed over: what it brought is in the newer.
    if (target.settle) return;
    assert.equal(heard.length, 40);
    assert.equal(new Set(heard.flatMap((frame) => frame.changed)).size, 40);
  });
});

describe(title('presence.strangers'), { concurrency: true }, () => {
  it("a connection of somebody else is not one's own", async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await using cid = await openWatcher(target);
    const payload = { filter_conditions: { id: ann }, presence: true };
    for (const how of [
      query({ ...payload, connection_id: bob.connectionId }),
      query(payload, { query: { connection_id: bob.connectionId } }),
    ]) {
      await playStep(target, { ...how, actor: as(cid.id), expect: refused(4) });
    }
    await change(ann, { color: 'red' });
    await bob.caughtUp();
    assert.deepEqual(bob.heard(ann), []);
  });

  it('a connection that is closed is nobody’s', async () => {
    const ann = await somebody();
    const bob = await openWatcher(target);
    await bob.socket.close();
    const payload = { filter_conditions: { id: ann }, presence: true, connection_id: bob.connectionId };
    await playStep(target, query(payload, { actor: as(bob.id), expect: refused(4) }));
  });

  it('nothing crosses to another app: neither its connections nor its users of the same id', async (test) => {
    if (target.other === undefined) return test.skip('no second app is known');
    const ann = await somebody();
    await using here = await openWatcher(target);
    await using there = await openWatcher(target, { app: 'other' });
    const payload = { filter_conditions: { id: ann }, presence: true, connection_id: there.connectionId };
    await playStep(target, query(payload, { expect: refused(4) }));
    await here.watch(ann);
    await playStep(target, upsert([{ id: ann }], { app: 'other' }));
    await playStep(target, patch([{ id: ann, set: { color: 'red' } }], { app: 'other' }));
    await using _ = (await enter(target, { userId: ann, app: 'other' })).socket;
    await here.caughtUp();
    assert.deepEqual(here.heard(ann), []);
    await there.watch(ann);
    await change(ann, { color: 'blue' });
    await here.hears(ann, (frame) => at(frame, 'user', 'color') === 'blue');
    await there.caughtUp();
    assert.deepEqual(updates(there, ann), []);
  });
});

describe(title('presence.unwatch'), { concurrency: true }, () => {
  for (const [what, frame] of [
    ['alone', (ids: readonly string[]) => ({ type: 'unwatch', user_ids: ids })],
    ['in a list', (ids: readonly string[]) => [{ type: 'health.check' }, { type: 'unwatch', user_ids: ids }]],
  ] as const) {
    it(`ends the watches it names, and no others: ${what}`, async () => {
      const [ann, cid] = [await somebody(), await somebody()];
      await using bob = await openWatcher(target);
      await bob.watch(ann, cid);
      bob.socket.send(JSON.stringify(frame([ann, freshId('nobody')])));
      // The frame goes another way than the calls: a read on the same socket would be needed to know that it came.
      await heardNoMore(bob, ann);
      await change(cid, { color: 'red' });
      await bob.hears(cid, (told) => at(told, 'user', 'color') === 'red');
    });
  }

  it('past 1,000 watches the oldest ends', async () => {
    const name = freshId('crowd');
    const crowd = Array.from({ length: 1001 }, (_, n) => `${name}-${n}`);
    await using bob = await openWatcher(target);
    for (let from = 0; from < crowd.length; from += 100) {
      const part = crowd.slice(from, from + 100);
      await playStep(target, upsert(part.map((id) => ({ id }))));
      assert.equal(answeredUsers(await bob.watch(...part)).length, part.length);
    }
    const [last] = crowd.slice(-1);
    const ends = [...crowd.slice(0, 100), String(last)];
    await playStep(target, patch(ends.slice(0, 100).map((id) => ({ id, set: { color: 'red' } }))));
    await change(String(last), { color: 'red' });
    await bob.hears(String(last), ({ type }) => type === 'user.updated');
    const told = ends.filter((id) => updates(bob, id).length === 1);
    assert.equal(told.length, 100, 'one of the first hundred is no longer watched, all others are');
  });
});

/** Waits until changes of a user are no longer told to a watcher. */
async function heardNoMore(watcher: Awaited<ReturnType<typeof openWatcher>>, id: string): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    const before = updates(watcher, id).length;
    await change(id, { round });
    await watcher.caughtUp();
    if (updates(watcher, id).length === before) return;
  }
  throw new Error(`${id} is still watched`);
}

describe(title('presence.teams'), () => {
  it('with tenants nobody hears of those it shares no team with', async () => {
    const [red, blue] = [freshId('red'), freshId('blue')];
    const [ann, cid] = [await somebody({ teams: [red] }), await somebody({ teams: [blue] })];
    const bobId = await somebody({ teams: [red] });
    try {
      await setSettings(target, { multi_tenant_enabled: true });
      await using bob = await openWatcher(target, { userId: bobId });
      assert.deepEqual(
        answeredUsers(await bob.watch(ann, cid)).map((user) => at(user, 'id')),
        [ann],
      );
      await change(ann, { color: 'red' });
      await change(cid, { color: 'red' });
      await bob.caughtUp();
      assert.equal(updates(bob, ann).length, 1);
      assert.deepEqual(bob.heard(cid), []);
    } finally {
      await resetSettings(target);
    }
  });

  for (const [who, leaves] of [
    ['the one who is watched', 'ann'],
    ['the watcher', 'bob'],
  ] as const) {
    it(`a watch ends when ${who} leaves the team`, async () => {
      const [red, blue] = [freshId('red'), freshId('blue')];
      const ann = await somebody({ teams: [red] });
      const bobId = await somebody({ teams: [red] });
      try {
        await setSettings(target, { multi_tenant_enabled: true });
        await using bob = await openWatcher(target, { userId: bobId });
        await bob.watch(ann);
        await change(ann, { color: 'red' });
        await bob.hears(ann, (frame) => at(frame, 'user', 'color') === 'red');
        await change(leaves === 'ann' ? ann : bobId, { teams: [blue] });
        await change(ann, { color: 'blue' });
        await using _ = (await enter(target, { userId: ann })).socket;
        await bob.caughtUp();
        assert.doesNotMatch(JSON.stringify(bob.heard(ann)), /blue/, 'nothing after the leave');
        assert.deepEqual(flips(bob, ann), []);
      } finally {
        await resetSettings(target);
      }
    });
  }

  it('a watch of a stranger ends when the app begins to keep teams apart', async () => {
    const ann = await somebody({ teams: [freshId('red')] });
    const bobId = await somebody({ teams: [freshId('blue')] });
    try {
      await using bob = await openWatcher(target, { userId: bobId });
      await bob.watch(ann);
      await setSettings(target, { multi_tenant_enabled: true });
      await heardNoMore(bob, ann);
    } finally {
      await resetSettings(target);
    }
  });
});
