import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { at, isFields } from '../support/json.ts';
import { suffix, until } from '../support/wait.ts';
import { type Program, START, startProgram } from './process.ts';

const SCRIPT = '/usr/bin/script';
const NO_TERMINAL = existsSync(SCRIPT) ? false : 'SKIPPED: there is no /usr/bin/script here to make a terminal with';
/** `exec`, because some shells stay as the parent and would answer Ctrl-C in the place of the server. */
const MAIN = `exec '${process.execPath}' ${START.join(' ')}`;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-start-'));
});
after(() => rm(folder, { recursive: true, force: true }));

type Settings = { readonly [name: string]: string };

const fresh = (): Settings => ({
  ROLLCALL_DATABASE: `sqlite:${join(folder, suffix(), 'rollcall.db')}`,
  ROLLCALL_PORT: '0',
});

/** Starts a server whose output goes to a pipe, and waits for its line. */
async function startPiped(settings: Settings): Promise<Program> {
  const program = startProgram(process.execPath, START, settings);
  await until('the ready line', program.stdout, (text) => text.endsWith('\n'), 15_000);
  return program;
}

/** Starts a server on a terminal, and waits until it has said all. */
async function startOnTerminal(settings: Settings): Promise<Program> {
  const program = startProgram(SCRIPT, ['-qec', MAIN, '/dev/null'], settings);
  await until('the last line', program.stdout, (text) => text.includes('Stop with Ctrl-C.'), 15_000);
  return program;
}

/** Presses Ctrl-C on the terminal of a program. */
async function interrupt(program: Program): Promise<number | null> {
  program.child.stdin?.write('\u0003');
  return program.ended(12_000);
}

/** What a shell in the repository says. */
async function shell(script: string, settings: Settings): Promise<string> {
  await using program = startProgram('bash', ['-euo', 'pipefail', '-c', script], settings);
  assert.equal(await program.ended(30_000), 0, `${script}\n${program.stdout()}${program.stderr()}`);
  return program.stdout();
}

/** The secret that a database really holds. */
async function secretOf({ ROLLCALL_DATABASE }: Settings): Promise<string> {
  const line = await shell('npm run --silent app -- list --secret --json', {
    ROLLCALL_DATABASE: ROLLCALL_DATABASE ?? '',
  });
  const secret = at(JSON.parse(line), 'secret');
  assert.ok(typeof secret === 'string' && secret.length >= 32, line);
  return secret;
}

const parse = (line: string): { readonly [key: string]: unknown } => {
  const value: unknown = JSON.parse(line);
  assert.ok(isFields(value), line);
  return value;
};

describe('a start into a pipe or a file', { concurrency: true }, () => {
  it('says one JSON line, without the secret, and nothing else', async () => {
    const settings = fresh();
    await using program = await startPiped(settings);
    assert.equal(program.stdout().split('\n').length, 2, program.stdout());
    const line = parse(program.stdout());
    assert.deepEqual(Object.keys(line), ['ready', 'url', 'api_key', 'database', 'version']);
    assert.equal(line.ready, true);
    assert.equal(line.database, settings.ROLLCALL_DATABASE);
    assert.equal((await fetch(`${line.url}/ready`)).status, 200);
    const secret = await secretOf(settings);
    program.child.kill('SIGTERM');
    assert.equal(await program.ended(), 0);
    assert.ok(!program.stdout().includes(secret));
    assert.ok(!program.stderr().includes(secret), 'nor is it in the log');
    for (const entry of program
      .stderr()
      .split('\n')
      .filter((text) => text !== ''))
      parse(entry);
    assert.equal(program.stdout().split('\n').length, 2, 'nothing more at the end');
  });

  it('refuses settings that it does not know, and lists those it knows', async () => {
    const settings = { ...fresh(), ROLLCALL_PROT: '1', ROLLCALL_LOG_LEVEL: 'loud', ROLLCALL_API_SECRET: 'hush-hush' };
    await using program = startProgram(process.execPath, START, settings);
    assert.equal(await program.ended(), 1);
    assert.equal(program.stdout(), '');
    const said = program.stderr();
    assert.match(said, /^Rollcall cannot start: /);
    assert.match(said, /ROLLCALL_PROT is not a setting/);
    assert.match(said, /ROLLCALL_LOG_LEVEL expects one of trace, /);
    assert.match(said, /ROLLCALL_API_SECRET needs ROLLCALL_API_KEY/);
    for (const name of ['HOST', 'PORT', 'DATABASE', 'API_KEY', 'API_SECRET', 'LOG_LEVEL']) {
      assert.match(said, new RegExp(`^ +ROLLCALL_${name} +\\S`, 'm'), `ROLLCALL_${name} is explained`);
    }
    assert.ok(!said.includes('hush-hush'), 'a secret is not repeated');
    assert.ok(!said.includes('    at '), 'and it is no stack trace');
  });

  it('says clearly that the port is taken', async () => {
    await using first = await startPiped(fresh());
    const { port } = new URL(String(parse(first.stdout()).url));
    await using second = startProgram(process.execPath, START, { ...fresh(), ROLLCALL_PORT: port });
    assert.equal(await second.ended(), 1);
    assert.match(second.stderr(), /^Rollcall cannot start: .*(in use|EADDRINUSE).*/);
    assert.ok(second.stderr().includes(port));
    assert.ok(!second.stderr().includes('    at '), 'and it is no stack trace');
  });

  it('says clearly that an app has another secret than the one given, and repeats neither', async () => {
    const settings = { ...fresh(), ROLLCALL_API_KEY: 'mine' };
    await using first = await startPiped({ ...settings, ROLLCALL_API_SECRET: 'the-first-secret' });
    first.child.kill('SIGTERM');
    assert.equal(await first.ended(), 0);
    await using second = startProgram(process.execPath, START, {
      ...settings,
      ROLLCALL_API_SECRET: 'the-second-secret',
    });
    assert.equal(await second.ended(), 1);
    assert.match(second.stderr(), /^Rollcall cannot start: ROLLCALL_API_SECRET is not the secret of the app mine/);
    assert.doesNotMatch(second.stderr() + second.stdout(), /the-(first|second)-secret/);
  });
});

describe('a start on a terminal', { concurrency: true, skip: NO_TERMINAL }, () => {
  it('says in plain text where it is, and a curl line and an SDK snippet that work when pasted', async () => {
    const settings = fresh();
    await using program = await startOnTerminal(settings);
    const said = program.stdout().replaceAll('\r', '');
    assert.match(said, /Address +http:\/\/127\.0\.0\.1:\d+\n/);
    assert.match(said, /API key +\S+\n/);
    const curl = /^ {2}curl [\s\S]*?(?=\n\n)/m.exec(said)?.[0] ?? assert.fail(said);
    const sdk = /^ {2}\S.*node --input-type=module[\s\S]*?\n {2}'$/m.exec(said)?.[0] ?? assert.fail(said);
    const ROLLCALL_DATABASE = settings.ROLLCALL_DATABASE ?? '';
    assert.match(await shell(curl, { ROLLCALL_DATABASE }), /"ada":\{"name":"Ada Lovelace"/);
    assert.match(await shell(sdk, { ROLLCALL_DATABASE }), /id: 'ada'/);
    assert.equal(await interrupt(program), 0, 'and Ctrl-C stops it');
  });

  it('shows a fresh secret this once, and never again', async () => {
    const settings = fresh();
    await using first = await startOnTerminal(settings);
    const secret = await secretOf(settings);
    assert.equal(first.stdout().split(secret).length, 2, 'once');
    await interrupt(first);
    await using second = await startOnTerminal(settings);
    assert.ok(!second.stdout().includes(secret));
    assert.match(second.stdout(), /npm run (--silent )?app -- list --secret/, 'but it says how to see it');
    await interrupt(second);
  });

  it('never shows a secret that the operator chose, nor one that was made before', async () => {
    const chosen = {
      ...fresh(),
      ROLLCALL_API_KEY: 'mine',
      ROLLCALL_API_SECRET: `chosen-${suffix()}-${suffix()}-${suffix()}`,
    };
    await using first = await startOnTerminal(chosen);
    assert.ok(!first.stdout().includes(chosen.ROLLCALL_API_SECRET));
    const settings = fresh();
    await using piped = await startPiped(settings);
    piped.child.kill('SIGTERM');
    await piped.ended();
    await using second = await startOnTerminal(settings);
    assert.ok(!second.stdout().includes(await secretOf(settings)));
    await Promise.all([interrupt(first), interrupt(second)]);
  });
});
