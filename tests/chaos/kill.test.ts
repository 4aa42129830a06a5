import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it, type TestContext } from 'node:test';
import { setTimeout as passes } from 'node:timers/promises';
import { accepted, read, upsert } from '../concurrency/backend.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { suffix, until, within } from '../support/wait.ts';
import { START, startProgram } from './process.ts';
import { gather } from './writers.ts';

const KILLS = 20;
/** The accident comes at some moment of this time after the first writes. */
const LIFE_MS = 600;
const STARTS = 3;
const WRITERS_OF_A_KIND = 2;
const OPTIONS = { apiKey: 'chaos', secret: `secret-${suffix()}`, env: { ROLLCALL_CONNECTS_PER_MINUTE: '0' } };

/** What SQLite itself says of a database file. */
function integrity(file: string): unknown {
  const database = new DatabaseSync(file);
  try {
    return database.prepare('PRAGMA integrity_check').get()?.integrity_check;
  } finally {
    database.close();
  }
}

/** Looks at a copy of what the dead server left: opening the file itself would repair it before the next server can. */
async function integrityOfCopy(file: string, folder: string): Promise<unknown> {
  const copy = join(folder, `copy-${suffix()}.db`);
  for (const end of ['', '-wal']) await copyFile(`${file}${end}`, `${copy}${end}`);
  return integrity(copy);
}

it('a server killed with SIGKILL at random moments, twenty times, keeps every write it acknowledged', async (test) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'rollcall.db');
  const crowd = gather(WRITERS_OF_A_KIND);
  let server = await startServer({ ...OPTIONS, database: `sqlite:${file}` });
  test.after(() => server[Symbol.asyncDispose]());
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await crash(server, crowd, test);
    assert.equal(await integrityOfCopy(file, folder), 'ok', `the file after kill ${kill}`);
    await server[Symbol.asyncDispose]();
    server = await startServer({ ...OPTIONS, database: `sqlite:${file}` });
    assert.deepEqual(await crowd.audit(server, kill === KILLS), [], `after kill ${kill}`);
    assert.equal(integrity(file), 'ok', `the file after start ${kill}`);
  }
  assert.deepEqual(crowd.odd, [], 'no write was answered with an error');
  assert.equal(await server.stop(), 0);
  await server[Symbol.asyncDispose]();
  assert.equal(integrity(file), 'ok', 'the file after a graceful stop');
  test.diagnostic(`${crowd.acknowledged()} writes acknowledged`);
});

it('a server killed with SIGKILL while it starts leaves a database that the next one opens, with all that was in it', async (test) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'rollcall.db');
  const database = `sqlite:${file}`;
  const settings = { ROLLCALL_DATABASE: database, ROLLCALL_PORT: '0', ROLLCALL_API_KEY: OPTIONS.apiKey };
  for (let life = 0; life < STARTS; life += 1) {
    for (let kill = 0; kill < 3; kill += 1) {
      await using _ = startProgram(process.execPath, START, { ...settings, ROLLCALL_API_SECRET: OPTIONS.secret });
      // About as long as a start takes: some die before the first table is made, some when they listen already.
      await passes(Math.random() * 450);
    }
    await using server = await startServer({ ...OPTIONS, database });
    accepted(await upsert(server, [{ id: `life-${life}` }]));
    const ids = Array.from({ length: life + 1 }, (_, index) => `life-${index}`);
    assert.equal((await read(server, ids)).size, life + 1);
    await server.kill();
    assert.equal(await integrityOfCopy(file, folder), 'ok');
  }
});

/** Lets the crowd write, and kills the server in the middle of it. */
async function crash(server: RunningServer, crowd: ReturnType<typeof gather>, test: TestContext): Promise<void> {
  const before = crowd.acknowledged();
  const writing = crowd.write(server);
  await until('the first writes', crowd.acknowledged, (now) => now > before + 4);
  await passes(Math.random() * LIFE_MS);
  await server.kill();
  await within('the writers notice', writing, 10_000);
  test.diagnostic(`${crowd.acknowledged() - before} writes, then killed`);
}
