import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accepted, change, codeOf, patch, read, upsert } from '../concurrency/backend.ts';
import { startEngines } from '../support/engines.ts';
import { call } from '../support/http.ts';
import { at } from '../support/json.ts';
import { type Node, type Nodes, startNodes } from '../support/nodes.ts';
import { inSeconds, serverToken, userToken } from '../support/token.ts';
import { suffix, until } from '../support/wait.ts';
import { askToWatch, come, hears, presenceOf, tells, watch } from './device.ts';
import { START, startProgram } from './process.ts';

const { engines, skip } = await startEngines();
after(() => engines?.[Symbol.asyncDispose]());

/** What must be known on every node. */
const WITHIN_MS = 1000;

describe('two nodes serve one user on two devices', { skip }, () => {
  let nodes: Nodes;
  let here: Node;
  let there: Node;
  before(async () => {
    if (!engines) return;
    nodes = await startNodes(engines, 2);
    const [first, second] = nodes.all;
    assert.ok(first && second);
    here = first;
    there = second;
  });
  after(() => nodes?.[Symbol.asyncDispose]());

  it('who watches on one hears of what is changed on the other, in order', async (test) => {
    const [ann, ben] = [`ann-${suffix()}`, `ben-${suffix()}`];
    accepted(await upsert(here, [{ id: ben, n: 0 }]));
    const device = await come(here, ann);
    assert.deepEqual(await watch(here, device, [ben]), { [ben]: false });
    for (let n = 1; n <= 50; n += 1) accepted(await patch(n % 2 === 0 ? here : there, [{ id: ben, set: { n } }]));
    test.diagnostic(`the last change was heard after ${await hears(device, ben, 'n', 50)} ms`);
    const heard = device.socket.frames
      .filter(({ type }) => type === 'user.updated')
      .map((frame) => Number(at(frame, 'user', 'n')));
    assert.deepEqual(
      heard,
      heard.toSorted((a, b) => a - b),
    );
    // News of two nodes may cross on the way: whoever knows newer passes over older.
    assert.ok(heard.length > 25, `${heard.length} of 50 changes`);
  });

  it('a user is seen to come once and to go once, whichever node its devices are on', async (test) => {
    const [ann, ben] = [`ann-${suffix()}`, `ben-${suffix()}`];
    accepted(await upsert(there, [{ id: ben }]));
    const [left, right] = [await come(here, ann), await come(there, ann)];
    for (const [target, device] of [[here, left] as const, [there, right] as const]) {
      assert.deepEqual(await watch(target, device, [ben]), { [ben]: false });
    }
    const first = await come(here, ben);
    test.diagnostic(`seen on the other node after ${await tells(right, ben, [true])} ms`);
    const second = await come(there, ben);
    assert.equal(at(await presenceOf(here, ben), 'connections', 'length'), undefined);
    const nodesOf = async (target: Node) => {
      const { connections } = await presenceOf(target, ben);
      return new Set(Array.isArray(connections) ? connections.map((one) => at(one, 'node')) : []);
    };
    assert.equal((await nodesOf(here)).size, 2);
    assert.deepEqual(await nodesOf(here), await nodesOf(there));
    await first.socket.close();
    accepted(await patch(here, [{ id: ben, set: { still: 'there' } }]));
    await hears(right, ben, 'still', 'there');
    assert.equal((await read(here, [ben])).get(ben)?.online, true);
    await second.socket.close();
    for (const device of [left, right]) await tells(device, ben, [true, false]);
  });

  it('what one device changes the other hears', async () => {
    const ann = `ann-${suffix()}`;
    const [left, right] = [await come(here, ann), await come(there, ann)];
    accepted(await patch(there, [{ id: ann, set: { name: 'Ann' } }], ann));
    await hears(left, ann, 'name', 'Ann');
    await hears(right, ann, 'name', 'Ann');
    await come(here, ann, { mood: 'fine' });
    await hears(right, ann, 'mood', 'fine');
  });

  it('a watch of a connection on the other node holds before its answer is read', async () => {
    const [ann, ben, eve] = [`ann-${suffix()}`, `ben-${suffix()}`, `eve-${suffix()}`];
    accepted(await upsert(here, [{ id: ben, n: 0 }, { id: eve }]));
    const device = await come(there, ann);
    for (let n = 1; n <= 20; n += 1) {
      assert.deepEqual(await watch(here, device, [ben]), { [ben]: false });
      accepted(await patch(here, [{ id: ben, set: { n } }]));
      await hears(device, ben, 'n', n);
      device.socket.send(JSON.stringify({ type: 'unwatch', user_ids: [ben] }));
    }
    const visitor = await come(here, eve);
    for (const reply of [await askToWatch(here, { ...device, userId: eve }, [ben])]) {
      assert.deepEqual([reply.status, codeOf(reply.body)], [400, 4], 'of somebody else');
    }
    accepted(await askToWatch(here, device, [eve], true));
    await visitor.socket.close();
    await tells(device, eve, [false]);
    await device.socket.close();
    const gone = await askToWatch(here, device, [ben]);
    assert.deepEqual([gone.status, codeOf(gone.body)], [400, 4], 'of one that is gone');
    const nowhere = { ...device, connectionId: `00000000${device.connectionId.slice(8)}` };
    assert.equal(codeOf((await askToWatch(here, nowhere, [ben])).body), 4, 'of a node that never was');
  });

  it('on slow links a watch still holds before its answer is read, and presence is still told', async (test) => {
    const [ann, ben] = [`ann-${suffix()}`, `ben-${suffix()}`];
    accepted(await upsert(here, [{ id: ben, n: 0 }]));
    const device = await come(there, ann);
    for (const { links } of nodes.all) {
      links.redis.delay(40);
      links.postgres.delay(20);
    }
    const took: number[] = [];
    for (let n = 1; n <= 3; n += 1) {
      assert.deepEqual(await watch(here, device, [ben]), { [ben]: false });
      accepted(await patch(here, [{ id: ben, set: { n } }]));
      took.push(await hears(device, ben, 'n', n));
      device.socket.send(JSON.stringify({ type: 'unwatch', user_ids: [ben] }));
    }
    await watch(here, device, [ben]);
    await come(here, ben);
    took.push(await tells(device, ben, [true]));
    test.diagnostic(`news after ${took.join(', ')} ms`);
    for (const { links } of nodes.all) {
      links.redis.mend();
      links.postgres.mend();
    }
  });

  it('a name that is taken on one node is taken on the other', async () => {
    await change(here, { enforce_unique_usernames: 'app' });
    const name = `Jo ${suffix()}`;
    const tries = Array.from({ length: 20 }, (_, n) => upsert(n % 2 === 0 ? here : there, [{ id: `jo-${n}`, name }]));
    const codes = (await Promise.all(tries)).map(({ body }) => codeOf(body));
    assert.equal(codes.filter((code) => code === undefined).length, 1);
    assert.equal(codes.filter((code) => code === 6).length, 19);
    await change(here, { enforce_unique_usernames: 'no' });
  });

  it('tokens of a user that are revoked on one node end its connections on the other, and its calls, within a second', async (test) => {
    const ann = `ann-${suffix()}`;
    const device = await come(there, ann);
    const began = Date.now();
    const instant = new Date(inSeconds(10) * 1000).toISOString();
    accepted(await patch(here, [{ id: ann, set: { revoke_tokens_issued_before: instant } }]));
    const refused = await patch(there, [{ id: ann, set: { n: 1 } }], ann);
    assert.deepEqual([refused.status, codeOf(refused.body)], [401, 40]);
    assert.equal((await device.socket.closed(WITHIN_MS)).code, 4401);
    test.diagnostic(`closed after ${Date.now() - began} ms`);
  });

  it('settings, the app’s revocation and a suspension reach the other node within a second', async (test) => {
    const ann = `ann-${suffix()}`;
    const device = await come(there, ann);
    const took: string[] = [];
    const timed = async (what: string, wait: Promise<unknown>): Promise<void> => {
      const began = performance.now();
      await wait;
      took.push(`${what} ${Math.round(performance.now() - began)} ms`);
    };
    const getApp = () => {
      const headers = { authorization: serverToken(there.secret) };
      return call({ url: there.url, method: 'GET', path: '/app', query: { api_key: there.apiKey }, headers });
    };
    await change(here, { connect_policy: 'create_only' });
    const policy = async () => at((await getApp()).body, 'app', 'connect_policy');
    await timed(
      'settings',
      until('the policy', policy, (seen) => seen === 'create_only', WITHIN_MS),
    );
    await change(here, { revoke_tokens_issued_before: new Date(inSeconds(10) * 1000).toISOString() });
    await timed('revocation', device.socket.closed(WITHIN_MS));
    assert.equal((await device.socket.closed()).code, 4401);
    await change(here, { revoke_tokens_issued_before: null });
    const calls = () =>
      call({
        url: there.url,
        method: 'GET',
        path: '/users',
        query: { api_key: there.apiKey },
        headers: { authorization: userToken(ann, there.secret) },
      });
    await until('it is undone', calls, ({ status }) => status === 200, WITHIN_MS);
    const again = await come(there, ann);
    await here.appCommand('suspend', here.apiKey, 'unpaid');
    await timed('suspension', again.socket.closed(WITHIN_MS));
    assert.equal((await again.socket.closed()).code, 4403);
    assert.equal((await calls()).status, 403);
    await here.appCommand('resume', here.apiKey);
    await until('it is resumed', calls, ({ status }) => status === 200, WITHIN_MS);
    await until('here too', getApp, ({ status }) => status === 200, WITHIN_MS);
    test.diagnostic(took.join(', '));
  });

  it('connections of a user are counted over both', async () => {
    const ann = `ann-${suffix()}`;
    await using more = await startNodes(engines ?? assert.fail(), 2, { ROLLCALL_CONNECTIONS_PER_USER: '3' });
    const [one, other] = more.all;
    assert.ok(one && other);
    const devices = [await come(one, ann), await come(other, ann), await come(one, ann)];
    await assert.rejects(come(other, ann), /"code":9/);
    await devices[0]?.socket.close();
    // The other node hears of it a moment later.
    await until(
      'there is room again',
      () => come(other, ann).catch(() => undefined),
      (device) => device !== undefined,
    );
  });

  it('a connection’s last sign of life is told as exactly by the other node', async () => {
    const ann = `ann-${suffix()}`;
    const device = await come(here, ann);
    device.socket.send('[]');
    const heard = async (target: Node) => at(await presenceOf(target, ann), 'connections', 0, 'last_heartbeat');
    assert.equal(typeof (await heard(there)), 'string');
    assert.equal(await heard(there), await heard(here));
  });

  it('nobody is told twice, or of what did not happen', () => {
    for (const node of nodes.all) assert.equal(node.errors(), '');
  });
});

describe('ten nodes start at once on an empty database', { skip }, () => {
  it('and all serve the one app that the first of them made', async (test) => {
    const began = performance.now();
    await using nodes = await startNodes(engines ?? assert.fail(), 10, {
      ROLLCALL_API_KEY: '',
      ROLLCALL_API_SECRET: '',
    });
    test.diagnostic(`all ready after ${Math.round(performance.now() - began)} ms`);
    const lists = await Promise.all(nodes.all.slice(0, 2).map((node) => node.appCommand('list', '--secret', '--json')));
    for (const list of lists) assert.equal(list.trim().split('\n').length, 1, list);
    const app = JSON.parse(lists[0] ?? '');
    const targets = nodes.all.map(({ url }) => ({ url, apiKey: String(app.api_key), secret: String(app.secret) }));
    await Promise.all(targets.map((target, n) => upsert(target, [{ id: `by-${n}` }]).then(accepted)));
    const [first] = targets;
    assert.ok(first);
    const ids = targets.map((_, n) => `by-${n}`);
    assert.deepEqual([...(await read(first, ids)).keys()].sort(), ids.sort());
  });
});

describe('a start on PostgreSQL', { skip }, () => {
  it('says where the users are, and neither says nor logs who it is there', async () => {
    const database = (await engines?.postgres.url()) ?? assert.fail();
    const { password, host, pathname } = new URL(database);
    assert.ok(password.length > 8);
    await using program = startProgram(process.execPath, START, {
      ROLLCALL_DATABASE: database,
      ROLLCALL_PORT: '0',
      ROLLCALL_LOG_LEVEL: 'trace',
    });
    await until('the ready line', program.stdout, (text) => text.endsWith('\n'), 15_000);
    assert.equal(JSON.parse(program.stdout()).database, `postgres://${host}${pathname}`);
    program.child.kill('SIGTERM');
    assert.equal(await program.ended(), 0);
    assert.ok(!`${program.stdout()}${program.stderr()}`.includes(password));
  });

  it('that fails says why, and keeps the password to itself', async () => {
    const database = (await engines?.postgres.url()) ?? assert.fail();
    const { password } = new URL(database);
    for (const wrong of [
      database.replace(/:\d+\//, ':1/'),
      database.replace(password, `${password}x`),
      database.replace(/[^/]+$/, 'no_such_database'),
    ]) {
      await using program = startProgram(process.execPath, START, { ROLLCALL_DATABASE: wrong, ROLLCALL_PORT: '0' });
      assert.equal(await program.ended(20_000), 1, program.stdout());
      assert.match(program.stderr(), /^Rollcall cannot start: \S+/);
      assert.ok(!program.stderr().includes(password), 'no password');
      assert.ok(!program.stderr().includes('    at '), 'no stack trace');
    }
  });
});
