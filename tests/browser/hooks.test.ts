import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { accepted, patch, upsert } from '../concurrency/backend.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';
import { userToken } from '../support/token.ts';
import { startBrowser } from './browser.ts';
import { openSite, type Site } from './site.ts';
import { type OpenPage, openPage } from './visit.ts';

const HOOKS = fileURLToPath(new URL('./hooks/', import.meta.url));
const found = await startBrowser();
const skip = 'missing' in found ? found.missing : false;
if (skip) process.stderr.write(`\n${skip}\n\n`);

let browser: Browser;
let server: RunningServer;
let site: Site;
before(async () => {
  if ('missing' in found) return;
  browser = found.browser;
  [server, site] = await Promise.all([startServer(), openSite({ page: HOOKS, development: true })]);
  const people = Array.from({ length: 50 }, (_, n) => ({ id: `p${n}`, name: `P${n}` }));
  accepted(await upsert(server, people));
});
after(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** What the page has counted. */
const counted = ({ page }: OpenPage): Promise<{ queries: number; renders: number }> =>
  page.evaluate(() => Reflect.get(window, 'seen')());

describe('hooks, in React as developers run it', { skip }, () => {
  it('make one query for fifty users and one for a list shown twice, and none when they are shown again', async () => {
    const asked = { url: server.url, key: server.apiKey, user: 'me', token: userToken('me', server.secret) };
    await using visit = await openPage(browser, `${site.url}/?${new URLSearchParams(asked)}`);
    await visit.reads('#status', 'connected');
    await visit.reads('#p49', 'P49 offline');
    for (const place of ['#first', '#second']) await visit.reads(place, 'live P0 P1 P10');
    const before = await counted(visit);
    assert.equal(before.queries, 2);
    assert.ok(before.renders < 30, `${before.renders} renderings`);

    await using _ = await openSocket({
      url: server.url,
      apiKey: server.apiKey,
      token: userToken('p7', server.secret),
      json: JSON.stringify({ user_id: 'p7', user_details: { id: 'p7' } }),
    });
    await visit.reads('#p7', 'P7 online');
    accepted(await patch(server, [{ id: 'p10', set: { name: 'Anna' } }]));
    await visit.reads('#first', 'live Anna P0 P1');
    await visit.reads('#second', 'live Anna P0 P1');
    await visit.reads('#p10', 'Anna offline');

    await visit.page.click('button');
    await visit.reads('#first', null);
    await visit.page.click('button');
    await visit.reads('#first', 'live Anna P0 P1', 1_000);
    await visit.reads('#p7', 'P7 online', 1_000);
    const { queries } = await counted(visit);
    assert.ok(queries <= 3, `${queries} queries: at most one more, since a field of the filter changed`);
    assert.deepEqual(visit.faults, []);
  });
});
