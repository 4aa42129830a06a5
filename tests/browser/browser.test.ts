import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { accepted, change, patch, read, type Target, upsert } from '../concurrency/backend.ts';
import { startServer } from '../support/server.ts';
import { inSeconds, userToken } from '../support/token.ts';
import { suffix, until, within } from '../support/wait.ts';
import { startBrowser } from './browser.ts';
import { openSite, type Site } from './site.ts';

const found = await startBrowser();
const skip = 'missing' in found ? found.missing : false;
if (skip) process.stderr.write(`\n${skip}\n\n`);

let browser: Browser;
let site: Site;
before(async () => {
  if ('missing' in found) return;
  browser = found.browser;
  site = await openSite();
});
after(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

/** A page that is open for a user, and what went wrong in it. */
interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly faults: readonly string[];
  /** What stands at a place of the page. */
  text(place: string): Promise<string>;
  /** Waits until a place of the page reads so. */
  reads(place: string, wanted: string | RegExp, deadlineMs?: number): Promise<void>;
}

async function visit(target: Target, user: string, token = userToken(user, target.secret)): Promise<Visit> {
  const page = await within('a new page', browser.newPage(), 10_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const asked = new URLSearchParams({ url: target.url, key: target.apiKey, user, token });
  await page.goto(`${site.url}/?${asked}`, { timeout: 10_000 });
  const text = async (place: string): Promise<string> =>
    (await page.textContent(`#${place}`, { timeout: 5_000 })) ?? '';
  const reads: Visit['reads'] = async (place, wanted, deadlineMs = 5_000) => {
    const fits = (seen: string): boolean => (typeof wanted === 'string' ? seen === wanted : wanted.test(seen));
    await until(`#${place} reads ${wanted} (faults: ${faults.join('; ')})`, () => text(place), fits, deadlineMs);
  };
  return { page, faults, text, reads, [Symbol.asyncDispose]: () => within('the page closes', page.close(), 10_000) };
}

async function rename(page: Page, name: string): Promise<void> {
  await page.fill('#wish', name);
  await page.click('button');
}

/** The port of an address, so that a server can come back there. */
const portOf = ({ url }: Target): string => new URL(url).port;

describe('a page in a real browser', { skip }, () => {
  it('connects, shows its user, and finds users from another origin', async (test: TestContext) => {
    await using server = await startServer();
    const id = `ann-${suffix()}`;
    accepted(await upsert(server, [{ id, name: 'Ann' }]));
    await using visited = await visit(server, id);
    await visited.reads('status', 'connected');
    await visited.reads('name', 'Ann');
    await visited.reads('color', 'green');
    await visited.reads('found', id);
    assert.deepEqual(visited.faults, []);
    assert.equal((await read(server, [id])).get(id)?.online, true);
    test.diagnostic(`Chromium ${browser.version()}`);
  });

  it('may call Rollcall because Rollcall says so: the browser minds origins', async () => {
    await using server = await startServer();
    await using visited = await visit(server, 'ann');
    await visited.reads('status', 'connected');
    const fetched = (url: string): Promise<string> =>
      visited.page.evaluate((from) => fetch(from).then((reply) => `${reply.status}`, String), url);
    assert.equal((await fetch(site.elsewhere)).status, 200);
    assert.match(await fetched(site.elsewhere), /Failed to fetch/, 'a site that does not allow it');
    assert.equal(await fetched(`${server.url}/health`), '200');
  });

  it('hears at once when the backend changes the user', async () => {
    await using server = await startServer();
    await using visited = await visit(server, 'ann');
    await visited.reads('status', 'connected');
    accepted(await patch(server, [{ id: 'ann', set: { name: 'Ann Müller', favorite_color: 'red' } }]));
    await visited.reads('name', 'Ann Müller');
    await visited.reads('color', 'red');
    assert.deepEqual((await visited.text('changed')).split(' ').sort(), ['favorite_color', 'name']);
  });

  it('changes its user, and reads why it may not', async () => {
    await using server = await startServer();
    await change(server, { enforce_unique_usernames: 'app' });
    accepted(await upsert(server, [{ id: 'holder', name: 'Zoë Q' }]));
    await using visited = await visit(server, 'ann');
    await visited.reads('status', 'connected');
    await rename(visited.page, 'Ann');
    await visited.reads('name', 'Ann');
    await rename(visited.page, 'ZOË.Q');
    await visited.reads('error', /^6 400 .*a user with the name "ZOË\.Q" already exists/);
    assert.equal(await visited.text('name'), 'Ann');
    assert.equal((await read(server, ['ann'])).get('ann')?.name, 'Ann');
  });

  it('survives a restart of the server, and a crash: it comes back, overwrites nothing and hears again', async () => {
    await using server = await startServer();
    const again = {
      database: server.database,
      apiKey: server.apiKey,
      secret: server.secret,
      env: { ROLLCALL_PORT: portOf(server) },
    };
    await using visited = await visit(server, 'ann');
    await visited.reads('status', 'connected');
    assert.equal(await server.stop(), 0);
    await visited.reads('status', 'reconnecting');
    await using second = await startServer(again);
    await visited.reads('connections', '2', 15_000);
    accepted(await patch(second, [{ id: 'ann', set: { favorite_color: 'blue' } }]));
    await visited.reads('color', 'blue');
    await second.kill();
    await visited.reads('status', 'reconnecting');
    await using third = await startServer(again);
    await visited.reads('connections', '3', 15_000);
    await visited.reads('status', 'connected');
    assert.equal((await read(third, ['ann'])).get('ann')?.favorite_color, 'blue', 'a reconnect sends the id only');
    accepted(await patch(third, [{ id: 'ann', set: { name: 'Back' } }]));
    await visited.reads('name', 'Back');
  });

  it('reads why it may not connect: a browser cannot read a refused upgrade', async () => {
    await using server = await startServer();
    await using forged = await visit(server, 'ann', userToken('ann', 'another secret'));
    await forged.reads('error', /^43 401 .*token signature is invalid/);
    await forged.reads('status', 'disconnected');
    const expired = userToken('ann', server.secret, { exp: inSeconds(-60) });
    await using late = await visit(server, 'ann', expired);
    await late.reads('error', /^40 401 .*token has expired/, 20_000);
    assert.equal((await read(server, ['ann'])).size, 0);
  });
});
