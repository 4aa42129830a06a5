import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accepted, change, codeOf, patch, read, type Target, upsert } from '../concurrency/backend.ts';
import { startEngines } from '../support/engines.ts';
import { call, type Reply } from '../support/http.ts';
import { IN_EARNEST, startNodes, TIMES } from '../support/nodes.ts';
import { inSeconds, userToken } from '../support/token.ts';
import { suffix, until, within } from '../support/wait.ts';
import { come, flipsOf, tells, watch } from './device.ts';
import { gather } from './writers.ts';

const { engines, skip } = await startEngines();
after(() => engines?.[Symbol.asyncDispose]());

/** A lease, and a quarter more to notice that it ran out. */
const GONE_MS = TIMES.leaseMs * 1.25 + (IN_EARNEST ? 0 : 2000);
const PAUSE_MS = IN_EARNEST ? 90_000 : 9000;
const USERS = 50;

function fiveIds(): [string, string, string, string, string] {
  const id = (name: string): string => `${name}-${suffix()}`;
  return [id('ann'), id('ben'), id('cem'), id('dee'), id('eve')];
}

/** Finds users as one of them. The answer may take as long as a node stands still. */
function readAs({ url, apiKey, secret }: Target, id: string): Promise<Reply> {
  const headers = { authorization: userToken(id, secret, { iat: inSeconds(-100) }) };
  return call({
    url,
    method: 'GET',
    path: '/users',
    query: { api_key: apiKey },
    headers,
    deadlineMs: PAUSE_MS + 15_000,
  });
}

const over = new Set<Target>();

/** Changes one user all the time, until it is over. */
async function keepChanging(target: Target, id: string): Promise<void> {
  for (let n = 0; !over.has(target); n += 1) await patch(target, [{ id, set: { n } }]).catch(() => {});
}

describe('a node', { skip, concurrency: true }, () => {
  it('that is killed: its users are seen to go, once, on every other node', async (test) => {
    await using nodes = await startNodes(engines ?? assert.fail(), 3);
    const [first, second, third] = nodes.all;
    assert.ok(first && second && third);
    const ids = Array.from({ length: USERS }, (_, n) => `user-${n}-${suffix()}`);
    accepted(
      await upsert(
        second,
        ids.map((id) => ({ id })),
      ),
    );
    const watchers = [await come(second, `ann-${suffix()}`), await come(third, `abe-${suffix()}`)] as const;
    await watch(second, watchers[0], ids);
    await watch(third, watchers[1], ids);
    for (const id of ids) await come(first, id);
    const [stays = '', comesBack = ''] = ids;
    const other = await come(second, stays);
    for (const watcher of watchers) for (const id of ids) await tells(watcher, id, [true]);
    await pause(TIMES.renewMs);

    const killedAt = performance.now();
    await first.kill();
    await come(third, comesBack);
    const times: number[] = [];
    for (const watcher of watchers) {
      for (const id of ids.slice(2)) {
        await tells(watcher, id, [true, false], GONE_MS - (performance.now() - killedAt));
        times.push(performance.now() - killedAt);
      }
    }
    test.diagnostic(`gone after ${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms`);
    // Long enough to hear of anything twice.
    await pause(2500);
    for (const watcher of watchers) {
      for (const id of ids.slice(2)) assert.deepEqual(flipsOf(watcher, id), [true, false]);
      for (const id of [stays, comesBack])
        assert.deepEqual(flipsOf(watcher, id), [true], 'who is on another node stays');
    }
    assert.ok(other.socket.isOpen());
    for (const node of [second, third]) assert.equal(node.errors(), '');
  });

  it('that stood still for long closes its sockets, learns what it missed, and only then serves', async (test) => {
    await using nodes = await startNodes(engines ?? assert.fail(), 2);
    const [asleep, awake] = nodes.all;
    assert.ok(asleep && awake);
    const [ann, ben, cem, dee, eve] = fiveIds();
    accepted(await upsert(awake, [{ id: ben }, { id: cem }, { id: dee, n: 0 }, { id: eve }]));
    const watcher = await come(awake, ann);
    await watch(awake, watcher, [ben, cem]);
    const [bens, cems] = [await come(asleep, ben), await come(asleep, cem)];
    for (const id of [ben, cem]) await tells(watcher, id, [true]);
    const elsewhere = await come(awake, cem);
    assert.equal((await readAs(asleep, ben)).status, 200);
    const crowd = gather(1);
    const writing = [crowd.write(asleep), ...Array.from({ length: 8 }, () => keepChanging(asleep, dee))];
    await until('the writers are at work', crowd.acknowledged, (count) => count > 10);

    const pausedAt = performance.now();
    asleep.pause();
    // Whoever asks meanwhile is answered as things stand then.
    const asked = Promise.all([readAs(asleep, ben), readAs(asleep, eve)]);
    const sinceThen = () => Math.round(performance.now() - pausedAt);
    const last = () => patch(awake, [{ id: dee, set: { last: true } }]);
    const written = until('no lock is held', last, ({ status }) => status === 200, 15_000).then(sinceThen);
    const wentOff = tells(watcher, ben, [true, false], GONE_MS).then(sinceThen);
    const [unlocked, gone] = await Promise.all([written, wentOff]);
    await change(awake, { user_search_disallowed_roles: ['user'] });
    const instant = new Date(inSeconds(10) * 1000).toISOString();
    accepted(await patch(awake, [{ id: eve, set: { revoke_tokens_issued_before: instant } }]));
    await pause(Math.max(0, PAUSE_MS - (performance.now() - pausedAt)));

    const resumedAt = performance.now();
    asleep.resume();
    const answers = await within('the answers', asked, 5000);
    const served = Math.round(performance.now() - resumedAt);
    const codes = answers.map(({ status, body }) => [status, codeOf(body)]);
    assert.deepEqual(
      codes,
      [
        [403, 17],
        [401, 40],
      ],
      'by settings and revocations that it did not know',
    );
    for (const { socket } of [bens, cems]) assert.equal((await socket.closed()).code, 1012);
    crowd.stop();
    over.add(asleep);
    await within('the writers notice', Promise.all(writing), 10_000);
    test.diagnostic(
      `locks free after ${unlocked} ms, seen to go after ${gone} ms; served ${served} ms after it went on`,
    );
    await pause(2500);
    assert.deepEqual([flipsOf(watcher, ben), flipsOf(watcher, cem)], [[true, false], [true]], 'no ghost comes back');
    assert.equal((await read(asleep, [ben])).get(ben)?.online, false);
    assert.equal((await read(asleep, [cem])).get(cem)?.online, true);
    assert.ok(elsewhere.socket.isOpen());
    await change(awake, { user_search_disallowed_roles: [] });
    await until(
      'it is undone',
      () => readAs(asleep, ben),
      ({ status }) => status === 200,
      1000,
    );
    await come(asleep, ben);
    await tells(watcher, ben, [true, false, true]);
    assert.deepEqual(await crowd.audit(awake, true), [], 'what it acknowledged is there');
  });

  it('that stood still for a moment goes on as if nothing had been', async () => {
    await using nodes = await startNodes(engines ?? assert.fail(), 2);
    const [asleep, awake] = nodes.all;
    assert.ok(asleep && awake);
    const [ann, ben] = [`ann-${suffix()}`, `ben-${suffix()}`];
    accepted(await upsert(awake, [{ id: ben, n: 0 }]));
    const watcher = await come(awake, ann);
    await watch(awake, watcher, [ben]);
    const device = await come(asleep, ben);
    asleep.pause();
    await pause(TIMES.leaseMs / 4);
    asleep.resume();
    accepted(await patch(asleep, [{ id: ben, set: { n: 1 } }]));
    await pause(2500);
    assert.deepEqual(flipsOf(watcher, ben), [true]);
    assert.ok(device.socket.isOpen());
  });
});
