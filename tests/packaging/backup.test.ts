import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { ROOT, startProgram } from '../chaos/process.ts';
import { accepted, patch, read, upsert } from '../concurrency/backend.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

/** The command that the page has under a heading, for a shell. */
async function commandUnder(heading: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const [, command] = new RegExp(`### ${heading}\\n[^]*?\`\`\`sh\\n([^]*?)\`\`\``).exec(page) ?? [];
  if (command === undefined) throw new Error(`docs/operations.md has no command under ${heading}`);
  return command;
}

it('a backup that is made as the page says, while users are written, holds all that was acknowledged before it', async (test) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-backup-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'data/rollcall.db');
  const copy = join(folder, 'backup.db');
  await using server = await startServer({ database: `sqlite:${file}`, apiKey: 'kept' });
  const ids = Array.from({ length: 2000 }, (_, at) => `user-${at}`);
  for (let start = 0; start < ids.length; start += 100) {
    accepted(
      await upsert(
        server,
        ids.slice(start, start + 100).map((id) => ({ id, name: `Name of ${id}`, round: 0 })),
      ),
    );
  }
  let round = 0;
  let writing = true;
  const writer = (async () => {
    for (; writing; round += 1) accepted(await patch(server, [{ id: 'user-7', set: { round: round + 1 } }]));
  })();
  await until(
    'some writes',
    () => round,
    (rounds) => rounds > 20,
  );
  const before = round;
  const command = (await commandUnder('SQLite')).replaceAll('data/rollcall.db', file).replaceAll('backup.db', copy);
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  await using shell = startProgram('sh', ['-ec', command], { PATH: path });
  assert.equal(await shell.ended(20_000), 0, shell.stderr());
  await until(
    'more writes',
    () => round,
    (rounds) => rounds > before + 20,
  );
  writing = false;
  await writer;
  assert.equal((await stat(copy)).mode & 0o077, 0, 'it holds secrets: nobody else may read it');
  await using restored = await startServer({ database: `sqlite:${copy}`, apiKey: 'kept', secret: server.secret });
  const users = await read(restored, ids);
  assert.equal(users.size, ids.length);
  const kept = Number(users.get('user-7')?.round);
  assert.ok(kept >= before && kept <= round, `round ${kept} of ${before} to ${round}`);
});
