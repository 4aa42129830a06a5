import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Arguments that its package recommends and a test must not have: in one process the browser goes away with the first page
 * that is closed, and without web security it would not ask whether another origin may be called.
 */
const UNWANTED = [
  '--single-process',
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
];
const ARGS = chromium.args.filter((arg) => !UNWANTED.includes(arg));

/** A browser that runs, or why there is none. */
export type Found = { readonly browser: Browser } | { readonly missing: string };

/** Starts a real browser: the one from npm, which is for Linux, else one that is installed. */
export async function startBrowser(): Promise<Found> {
  const reasons: string[] = [];
  for (const start of starts()) {
    try {
      return { browser: await start() };
    } catch (error) {
      reasons.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  return { missing: `SKIPPED: no browser can be started here (${reasons.join('; ')})` };
}

function starts(): readonly (() => Promise<Browser>)[] {
  const timeout = 20_000;
  const fromNpm = async (): Promise<Browser> =>
    playwright.launch({ executablePath: await chromium.executablePath(), args: ARGS, timeout });
  const installed = INSTALLED.filter((path) => existsSync(path)).map(
    (executablePath) => () => playwright.launch({ executablePath, args: ['--no-sandbox'], timeout }),
  );
  return [
    ...(process.platform === 'linux' ? [fromNpm] : []),
    ...installed,
    () => playwright.launch({ channel: 'chrome', timeout }),
  ];
}
