import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOT, startProgram } from '../chaos/process.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { findSnippets, isRunnable, type Snippet, toScript } from './snippets.ts';

const README = join(ROOT, 'README.md');
const ADDRESS = 'http://127.0.0.1:8800';
/** Inside the repository, so that `@rollcall/client` is found as a reader's own file would find it; git ignores it. */
const TMP = fileURLToPath(new URL('./.tmp/', import.meta.url));
const DEADLINE_MS = 90_000;

/** Writes the JavaScript snippets to files, and answers how a shell runs each. */
async function writeScripts(snippets: readonly Snippet[], address: string): Promise<(snippet: Snippet) => string> {
  await rm(TMP, { recursive: true, force: true });
  await mkdir(TMP, { recursive: true });
  await writeFile(join(TMP, '.gitignore'), '*\n');
  const file = ({ line }: Snippet): string => join(TMP, `line-${line}.mjs`);
  for (const snippet of snippets) {
    if (snippet.language === 'js') await writeFile(file(snippet), snippet.code.replaceAll(ADDRESS, address));
  }
  return (snippet) => `'${process.execPath}' '${file(snippet)}'`;
}

/** Pastes the snippets into one shell in the repository's folder, and answers what it printed. */
async function paste(snippets: readonly Snippet[], server: RunningServer): Promise<string> {
  const script = toScript(snippets, await writeScripts(snippets, server.url)).replaceAll(ADDRESS, server.url);
  const where = { ROLLCALL_DATABASE: server.database, ROLLCALL_PORT: new URL(server.url).port };
  await using shell = startProgram('bash', ['-euo', 'pipefail', '-c', script], where);
  shell.child.stdin?.end();
  const code = await shell.ended(DEADLINE_MS);
  assert.equal(code, 0, `it ended with ${code} in the last of these:\n${shell.stdout()}\n${shell.stderr()}`);
  return shell.stdout();
}

describe('README.md', { skip: existsSync(README) ? false : 'SKIPPED: README.md is not written yet' }, () => {
  it('holds snippets that work when pasted, in order, beside a running server', async (test) => {
    const snippets = findSnippets(await readFile(README, 'utf8')).filter(isRunnable);
    assert.ok(
      snippets.some(({ language }) => language !== 'js'),
      'there is something to paste',
    );
    test.after(() => rm(TMP, { recursive: true, force: true }));
    await using server = await startServer({ apiKey: 'readme' });
    const said = await paste(snippets, server);
    const refusals = said.match(/"code":-?\d+/g) ?? [];
    assert.deepEqual(refusals, ['"code":6'], 'no call is refused but the one that shows how');
    test.diagnostic(`${snippets.length} snippets`);
  });

  it('says how to start', async () => {
    const readme = await readFile(README, 'utf8');
    assert.match(readme, /npm ci && npm start|npm ci\nnpm start/);
    assert.match(readme, /In a second terminal/);
  });
});
