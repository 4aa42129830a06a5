import type { Browser, Page } from 'playwright-core';
import { until, within } from '../support/wait.ts';

/** A page that is open, and what went wrong in it. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly faults: readonly string[];
  /** Waits until the first element that fits a selector reads so; null while there is none. */
  reads(selector: string, wanted: string | null, deadlineMs?: number): Promise<void>;
}

/** Opens a page in a window of its own, with nothing of other windows. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const context = await within('a new window', browser.newContext({ viewport: { width: 560, height: 720 } }), 10_000);
  const page = await within('a new page', context.newPage(), 10_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(url, { timeout: 10_000 });
  const read = (selector: string): Promise<string | null> =>
    page.evaluate((wanted) => document.querySelector(wanted)?.textContent ?? null, selector);
  return {
    page,
    faults,
    async reads(selector, wanted, deadlineMs = 10_000) {
      const what = `${selector} reads ${wanted} (faults: ${faults.join('; ')})`;
      await until(
        what,
        () => read(selector),
        (seen) => seen === wanted,
        deadlineMs,
      );
    },
    [Symbol.asyncDispose]: () => within('the window closes', context.close(), 10_000),
  };
}
