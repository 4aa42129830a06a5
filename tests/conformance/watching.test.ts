import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { at } from '../support/json.ts';
import { until } from '../support/wait.ts';
import { title } from './behaviours.ts';
import { answeredUsers, checkUser, subset } from './check.ts';
import { enter, freshId, readUser } from './door.ts';
import { playStep } from './run.ts';
import { as, patch, query, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';
import { flips, openWatcher } from './watcher.ts';

/** A tenth of the usual time, so that nobody waits long for somebody to be gone. */
const GRACE_MS = 300;

let target: Target;
before(async () => {
  target = await openTarget({ ROLLCALL_GRACE_MS: String(GRACE_MS) });
});
after(() => target?.[Symbol.asyncDispose]());

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A user that is there already, so that it can be watched before it comes. */
async function somebody(more: object = {}): Promise<string> {
  const id = freshId('ann');
  await playStep(target, upsert([{ id, ...more }]));
  return id;
}

const offline = (id: string): Promise<unknown> =>
  until(
    'offline',
    () => readUser(target, id),
    (user) => user?.online === false,
    15_000,
  );

describe(title('presence.watch'), { concurrency: true }, () => {
  it('a watcher sees a user come and leave', async () => {
    const ann = await somebody({ name: 'Ann', color: 'green' });
    await using bob = await openWatcher(target);
    const [before] = answeredUsers(await bob.watch(ann));
    subset(before, { id: ann, online: false, last_active: undefined }, 'before');
    const { socket } = await enter(target, { userId: ann });
    await using _ = socket;
    const came = await bob.sees(ann, true);
    subset(came, { created_at: TIME, user: { id: ann, online: true, last_active: TIME, color: 'green' } }, 'came');
    checkUser(came.user);
    const [there] = answeredUsers(await bob.watch(ann));
    assert.equal(at(there, 'online'), true);
    await socket.close();
    const left = await bob.sees(ann, false);
    subset(left, { created_at: TIME, user: { id: ann, online: false, last_active: TIME } }, 'left');
    assert.ok(String(left.created_at) > String(came.created_at), 'each news of presence is newer than the last');
    assert.deepEqual(flips(bob, ann), [true, false]);
  });

  it('a connection_id in the payload does as well as one in the query', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    const payload = { filter_conditions: { id: ann }, presence: true, connection_id: bob.connectionId };
    await playStep(target, query(payload, { actor: as(bob.id) }));
    await using _ = (await enter(target, { userId: ann })).socket;
    await bob.sees(ann, true);
  });

  it('the backend may watch for any connection of its app', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    const payload = { filter_conditions: { id: ann }, presence: true, connection_id: bob.connectionId };
    await playStep(target, query(payload));
    await using _ = (await enter(target, { userId: ann })).socket;
    await bob.sees(ann, true);
  });

  it('who does not ask hears nothing', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    for (const presence of [undefined, false, null]) {
      const payload = { filter_conditions: { id: ann }, presence, connection_id: bob.connectionId };
      await playStep(target, query(payload, { actor: as(bob.id) }));
    }
    await using _ = (await enter(target, { userId: ann })).socket;
    await playStep(target, patch([{ id: ann, set: { color: 'red' } }]));
    await bob.caughtUp();
    assert.deepEqual(bob.heard(ann), []);
  });

  it('only those who were returned are watched', async () => {
    const [ann, cid] = [await somebody({ n: 1 }), await somebody({ n: 2 })];
    await using bob = await openWatcher(target);
    const filter_conditions = { id: { $in: [ann, cid] } };
    const payload = { filter_conditions, sort: [{ field: 'n', direction: 1 }], limit: 1, presence: true };
    await playStep(target, query(payload, { query: { connection_id: bob.connectionId }, actor: as(bob.id) }));
    await playStep(target, patch([ann, cid].map((id) => ({ id, set: { color: 'red' } }))));
    await bob.hears(ann, ({ type }) => type === 'user.updated');
    await bob.caughtUp();
    assert.deepEqual(bob.heard(cid), []);
  });

  it('a watch ends with its connection', async () => {
    const ann = await somebody();
    const first = await openWatcher(target);
    await first.watch(ann);
    await first.socket.close();
    await using second = await openWatcher(target, { userId: first.id });
    await playStep(target, patch([{ id: ann, set: { color: 'red' } }]));
    await second.caughtUp();
    assert.deepEqual(second.heard(ann), []);
  });
});

describe(title('presence.holds'), () => {
  it('a change beside the question is in the answer, or told afterwards', async () => {
    await using bob = await openWatcher(target);
    for (let round = 0; round < 20; round += 1) {
      const ann = await somebody();
      const change = playStep(target, patch([{ id: ann, set: { color: 'red' } }]));
      const [reply] = await Promise.all([bob.watch(ann), change]);
      if (at(answeredUsers(reply)[0], 'color') === 'red') continue;
      await bob.hears(ann, (frame) => at(frame, 'user', 'color') === 'red');
    }
  });

  it('a connect beside the question is in the answer, or told afterwards', async () => {
    await using bob = await openWatcher(target);
    await using stack = new AsyncDisposableStack();
    for (let round = 0; round < 10; round += 1) {
      const ann = await somebody();
      const [reply, { socket }] = await Promise.all([bob.watch(ann), enter(target, { userId: ann })]);
      stack.use(socket);
      if (at(answeredUsers(reply)[0], 'online') !== true) await bob.sees(ann, true);
    }
  });
});

describe(title('presence.grace'), { concurrency: true }, () => {
  it('a connection that comes back at once makes no flip', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    for (let round = 0; round < 5; round += 1) {
      const { socket } = await enter(target, { userId: ann });
      await bob.sees(ann, true);
      await socket.close();
      assert.equal((await readUser(target, ann))?.online, true, 'online stays true meanwhile');
    }
    await bob.sees(ann, false);
    assert.deepEqual(flips(bob, ann), [true, false]);
  });

  it('a connection that comes back later makes two', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await (await enter(target, { userId: ann })).socket.close();
    await bob.sees(ann, false);
    await using _ = (await enter(target, { userId: ann })).socket;
    await until(
      'three flips',
      () => flips(bob, ann),
      (seen) => seen.length === 3,
    );
    assert.deepEqual(flips(bob, ann), [true, false, true]);
    const times = bob.heard(ann).map((frame) => String(frame.created_at));
    assert.deepEqual(times, [...new Set(times)].sort(), 'each news of presence is newer than the last');
  });
});

describe(title('presence.devices'), { concurrency: true }, () => {
  it('a user with two connections stays online until both are gone', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    const phone = await enter(target, { userId: ann });
    const laptop = await enter(target, { userId: ann });
    await phone.socket.close();
    await pause(GRACE_MS * 2);
    assert.equal((await readUser(target, ann))?.online, true);
    await bob.caughtUp();
    assert.deepEqual(flips(bob, ann), [true]);
    await laptop.socket.close();
    await bob.sees(ann, false);
    assert.deepEqual(flips(bob, ann), [true, false]);
  });
});

describe(title('presence.online'), { concurrency: true }, () => {
  it('last_active never moves updated_at, stays after leaving, and is no news by itself', async () => {
    const ann = await somebody();
    const made = await readUser(target, ann);
    const { socket } = await enter(target, { userId: ann });
    const there = await readUser(target, ann);
    assert.equal(there?.updated_at, made?.updated_at);
    assert.match(String(there?.last_active), TIME);
    await socket.close();
    await offline(ann);
    const gone = await readUser(target, ann);
    assert.ok(String(gone?.last_active) >= String(there?.last_active));
    assert.equal(gone?.updated_at, made?.updated_at);
  });
});

describe(title('query.last-active'), { concurrency: true }, () => {
  it('who left is found by when it was last there, and sorted by it; of who is there nothing is written yet', async () => {
    const ids = [await somebody(), await somebody(), await somebody()];
    const [first, second, never] = ids;
    const found = async (filter: object, more: object = {}): Promise<readonly unknown[]> => {
      const payload = { filter_conditions: { id: { $in: ids }, ...filter }, ...more };
      return answeredUsers(await playStep(target, query(payload))).map((user) => at(user, 'id'));
    };
    for (const id of [String(first), String(second)]) {
      const { socket } = await enter(target, { userId: id });
      await using _ = socket;
      assert.ok(!(await found({ last_active: { $exists: true } })).includes(id));
      await socket.close();
      await offline(id);
      await until(
        'written',
        () => found({ last_active: { $exists: true } }),
        (seen) => seen.includes(id),
      );
    }
    for (const direction of [1, -1]) {
      const order = await found({}, { sort: [{ field: 'last_active', direction }] });
      assert.deepEqual(order, direction === 1 ? [first, second, never] : [second, first, never]);
    }
    const between = String((await readUser(target, String(second)))?.last_active);
    assert.deepEqual(await found({ last_active: { $gte: between } }), [second]);
    assert.deepEqual(await found({ last_active: { $lt: between } }), [first]);
    assert.deepEqual(await found({ last_active: between }), [second]);
  });
});

describe(title('presence.invisible'), { concurrency: true }, () => {
  it('who hides is seen leaving, and coming when it shows itself again', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await using _ = (await enter(target, { userId: ann })).socket;
    await bob.sees(ann, true);
    await playStep(target, patch([{ id: ann, set: { invisible: true } }]));
    const left = await bob.sees(ann, false);
    const frozen = at(left, 'user', 'last_active');
    await pause(50);
    const look = () => readUser(target, ann, { actor: as(bob.id) });
    // Where there are several nodes, the others know it when it is written.
    const seen = target.settle
      ? await until('it is written', look, (user) => user?.last_active === frozen)
      : await look();
    subset(seen, { online: false, invisible: undefined, last_active: frozen }, 'others see the moment of hiding');
    await playStep(target, patch([{ id: ann, set: { invisible: false } }]));
    await until(
      'three flips',
      () => flips(bob, ann),
      (all) => all.length === 3,
    );
    assert.deepEqual(flips(bob, ann), [true, false, true]);
    assert.ok(!JSON.stringify(bob.heard(ann)).includes('invisible'), 'nothing tells that it hid');
  });

  it('who comes hidden is not seen by others', async () => {
    const ann = await somebody({ invisible: true });
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    const { socket } = await enter(target, { userId: ann });
    await bob.caughtUp();
    assert.equal((await readUser(target, ann, { actor: as(bob.id) }))?.online, false);
    await socket.close();
    await pause(GRACE_MS * 2);
    await bob.caughtUp();
    assert.deepEqual(bob.heard(ann), []);
  });

  it('who hides while it is away is not seen coming', async () => {
    const ann = await somebody();
    await using bob = await openWatcher(target);
    await bob.watch(ann);
    await playStep(target, patch([{ id: ann, set: { invisible: true } }]));
    await using _ = (await enter(target, { userId: ann })).socket;
    await bob.caughtUp();
    assert.deepEqual(flips(bob, ann), []);
  });
});
