import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { signInDoor } from '../../examples/react-page/backend.ts';
import { accepted, read, upsert } from '../concurrency/backend.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { startBrowser } from './browser.ts';
import { openSite, type Site } from './site.ts';
import { type OpenPage, openPage } from './visit.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/react-page/', import.meta.url));
/** Where to leave pictures of the page, for a person to look at. */
const PICTURES = process.env.ROLLCALL_TEST_PICTURES;

const found = await startBrowser();
const skip = 'missing' in found ? found.missing : false;
if (skip) process.stderr.write(`\n${skip}\n\n`);

let browser: Browser;
let server: RunningServer;
let site: Site;
before(async () => {
  if ('missing' in found) return;
  browser = found.browser;
  server = await startServer({ env: { ROLLCALL_GRACE_MS: '500' } });
  site = await openSite({ page: EXAMPLE, door: signInDoor(server) });
});
after(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** Opens the example in a window of its own and comes in under a name. */
async function comeIn(name: string): Promise<OpenPage> {
  const visit = await openPage(browser, site.url);
  await visit.page.fill('input[name=name]', name);
  await visit.page.click('text=Come in');
  await visit.reads('[data-me]', name);
  return visit;
}

/** Waits until a window shows somebody so. */
const sees = (visit: OpenPage, id: string, online: boolean): Promise<void> =>
  visit.reads(`[data-id=${id}][data-online=${online}] .name`, names.get(id) ?? id);
const names = new Map<string, string>();

async function picture({ page }: OpenPage, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

describe('two windows of the example page', { skip }, () => {
  it('see each other come, change their names, turn invisible and leave', async () => {
    names.set('ann', 'Ann').set('bob', 'Bob').set('carla', 'Carla Q').set('dev', 'Dev');
    accepted(
      await upsert(server, [
        { id: 'bob', name: 'Bob' },
        { id: 'carla', name: 'Carla Q' },
      ]),
    );
    await using ann = await comeIn('Ann');
    await sees(ann, 'bob', false);
    await using bob = await comeIn('Bob');
    await sees(ann, 'bob', true);
    await sees(bob, 'ann', true);
    await picture(ann, 'both-here');

    names.set('bob', 'Bobby Müller');
    await bob.page.fill('input[name=wish]', 'Bobby Müller');
    await bob.page.click('text=Rename me');
    await bob.reads('[data-me]', 'Bobby Müller');
    await sees(ann, 'bob', true);
    names.set('ann', 'Zoë Änn');
    await ann.page.fill('input[name=wish]', 'Zoë Änn');
    await ann.page.click('text=Rename me');
    await sees(bob, 'ann', true);

    await bob.page.click('input[name=invisible]');
    await sees(ann, 'bob', false);
    await sees(bob, 'ann', true);
    await picture(ann, 'bob-hides');
    await picture(bob, 'bob-hidden');
    assert.equal((await read(server, ['bob'])).get('bob')?.invisible, true);
    await bob.page.click('input[name=invisible]');
    await sees(ann, 'bob', true);

    await using newcomer = await comeIn('Dev');
    await sees(newcomer, 'ann', true);
    await sees(ann, 'dev', true);
    await newcomer.page.close(); // without a word
    await sees(ann, 'dev', false);
    await ann.page.click('text=Leave');
    await ann.reads('h1', 'Who is here?');
    await sees(bob, 'ann', false);
    await picture(ann, 'sign-in');
    await picture(bob, 'alone');
    assert.deepEqual([...ann.faults, ...bob.faults, ...newcomer.faults], []);
  });

  it('say why a name will not do', async () => {
    await using visit = await openPage(browser, site.url);
    await visit.page.fill('input[name=name]', '!!!');
    await visit.page.click('text=Come in');
    await visit.reads('[role=alert]', 'a name has letters or digits, and at most 50 of them');
  });
});
