import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { call, parseRaw, rawExchange } from '../support/http.ts';
import { at } from '../support/json.ts';
import { startServer } from '../support/server.ts';
import { serverToken } from '../support/token.ts';
import { title } from './behaviours.ts';
import { checkErrorObject, subset } from './check.ts';
import { freshId } from './door.ts';
import { playStep, send } from './run.ts';
import { as, patch, read, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

const head = (line: string, ...lines: string[]): string =>
  `${[line, 'Host: localhost', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`;

describe(title('limits.http'), () => {
  it('takes 100 KiB of headers', async () => {
    const bytes = head(
      `GET /users?api_key=${target.own.apiKey} HTTP/1.1`,
      `authorization: ${serverToken(target.own.secret)}`,
      `x-more: ${'x'.repeat(100 * 1024)}`,
    );
    assert.equal(parseRaw(await rawExchange(target.url, bytes)).status, 200);
  });

  for (const [what, bytes] of [
    ['a header', head('GET /users HTTP/1.1', `x-more: ${'x'.repeat(140 * 1024)}`)],
    ['an address', head(`GET /users?more=${'x'.repeat(140 * 1024)} HTTP/1.1`)],
  ] as const) {
    it(`answers 431 to ${what} over 128 KiB`, async () => {
      const { status, body } = parseRaw(await rawExchange(target.url, bytes));
      assert.equal(status, 431);
      assert.equal(body.code, 24);
      checkErrorObject(body, 431);
    });
  }

  for (const [what, bytes] of [
    ['no HTTP at all', 'hello there\r\n\r\n'],
    ['an unknown method', 'FETCH /users HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a broken header', 'GET /users HTTP/1.1\r\nno colon here\r\n\r\n'],
    ['a request without a host', 'GET /users HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ] as const) {
    it(`answers a clear error to ${what}`, async () => {
      const { status, body } = parseRaw(await rawExchange(target.url, bytes));
      assert.equal(status, 400);
      assert.equal(body.code, 4);
      checkErrorObject(body, 400);
    });
  }

  it('passes over an expectation that it does not know', async () => {
    const { status, body } = parseRaw(await rawExchange(target.url, head('GET /health HTTP/1.1', 'Expect: wonders')));
    assert.equal(status, 200);
    assert.equal(typeof body, 'object');
  });

  it('lets a page of any origin read that a path cannot be read', async () => {
    const ask = (method: string) =>
      call({ url: target.url, method, path: '/users/%zz', headers: { origin: 'http://a.example' } });
    const { status, headers, body } = await ask('GET');
    assert.deepEqual([status, headers['access-control-allow-origin']], [404, '*']);
    checkErrorObject(body, 404);
    assert.match(String(body.duration), /^\d/);
    assert.equal((await ask('OPTIONS')).status, 204);
  });

  it('answers a clear error to a chunk of no size', async () => {
    const line = `POST /users?api_key=${target.own.apiKey} HTTP/1.1`;
    const lines = [`authorization: ${serverToken(target.own.secret)}`, 'content-type: application/json'];
    const bytes = `${head(line, ...lines, 'transfer-encoding: chunked')}zz\r\nhello\r\n`;
    const { status, body } = parseRaw(await rawExchange(target.url, bytes));
    assert.equal(status, 400);
    checkErrorObject(body, 400);
  });
});

describe(title('limits.http'), () => {
  it('answers 408 to a request that never ends', async () => {
    await using server = await startServer({ env: { ROLLCALL_REQUEST_MS: '500' } });
    const { status, body } = parseRaw(
      await rawExchange(server.url, 'GET /users HTTP/1.1\r\nHost: x\r\nx-more: ', 20_000),
    );
    assert.equal(status, 408);
    assert.equal(body.code, 23);
    checkErrorObject(body, 408);
  });

  it('reads a body that is too big to its end, so that its sender reads why it was refused', async () => {
    for (let round = 0; round < 5; round++) {
      const answer = await fetch(`${target.url}/users?api_key=${target.own.apiKey}`, {
        method: 'POST',
        headers: { authorization: serverToken(target.own.secret), 'content-type': 'application/json' },
        body: JSON.stringify({ users: { a: { id: 'a', text: 'x'.repeat(12 * 1024 * 1024) } } }),
      });
      assert.equal(answer.status, 413);
      assert.equal((await answer.json()).code, 22);
    }
  });
});

describe(title('limits.health'), () => {
  it('is alive and ready', async () => {
    for (const path of ['/health', '/ready']) {
      assert.equal((await call({ url: target.url, method: 'GET', path })).status, 200);
    }
  });

  it('describes itself in OpenAPI 3.1', async () => {
    const reply = await call({ url: target.url, method: 'GET', path: '/openapi.json' });
    assert.equal(reply.status, 200);
    assert.match(String(reply.body.openapi), /^3\.1\./);
    assert.notEqual(at(reply.body, 'paths', '/users'), undefined);
  });
});

describe(title('limits.rate'), () => {
  it('lets a user write 60 times a minute, then says when to come back', async () => {
    const id = freshId('ann');
    await playStep(target, upsert([{ id }]));
    const write = (n: number) => send(target, patch([{ id, set: { n } }], { actor: as(id) }));
    let passed = 0;
    let reply = await write(0);
    while (reply.status === 200 && passed < 125) {
      passed += 1;
      reply = await write(passed);
    }
    assert.equal(reply.status, 429, `refused after ${passed} writes`);
    assert.ok(passed >= 60, `only ${passed} writes passed`);
    assert.equal(reply.body.code, 9);
    checkErrorObject(reply.body, 429);
    assert.match(String(reply.headers['retry-after']), /^\d+$/);
    assert.match(String(reply.headers['x-ratelimit-limit']), /^60$/);
    assert.match(String(reply.headers['x-ratelimit-remaining']), /^0$/);
    assert.ok(Math.abs(Number(reply.headers['x-ratelimit-reset']) - Date.now() / 1000) <= 61);
    await playStep(target, read([id], { actor: as(id) }));
    await playStep(target, patch([{ id, set: { n: -1 } }]));
    const bob = freshId('bob');
    await playStep(target, upsert([{ id: bob }], { actor: as(bob) }));
  });

  it('never limits a server', async () => {
    const id = freshId('ann');
    for (let n = 0; n < 130; n += 1) await playStep(target, upsert([{ id, n }]));
  });
});

describe(title('app.roles'), () => {
  it('refuses the 26th role of an app', async (test) => {
    if (target.other === undefined) return test.skip('no second app is known');
    const names = Array.from({ length: 25 }, () => freshId('role'));
    const make = (name: string, status: number) =>
      playStep(target, { method: 'POST', path: '/roles', app: 'other', body: { name }, expect: { status } });
    for (const name of names) await make(name, 201);
    await make(freshId('role'), 400);
    for (const name of names) await playStep(target, { method: 'DELETE', path: `/roles/${name}`, app: 'other' });
  });

  it('lists its roles and those it was given', async () => {
    const name = freshId('role');
    await playStep(target, { method: 'POST', path: '/roles', body: { name } });
    const { roles } = (await playStep(target, { method: 'GET', path: '/roles' })).body;
    assert.ok(Array.isArray(roles));
    const find = (wanted: string) => roles.find((role) => role.name === wanted);
    subset(find(name), { name, custom: true, created_at: /Z$/, updated_at: /Z$/ }, 'own role');
    for (const builtIn of ['user', 'admin', 'guest', 'global_admin']) subset(find(builtIn), { custom: false }, builtIn);
    await playStep(target, { method: 'DELETE', path: `/roles/${name}` });
  });
});
