import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, startProgram } from '../chaos/process.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));
const PACKAGES = ['domain', 'protocol', 'client'] as const;
const DEADLINE_MS = 60_000;

/** A folder outside the repository in which somebody has installed the packages, and nothing else. */
export interface Stranger extends AsyncDisposable {
  /** Where the fixtures lie, beside a `node_modules` with the packages. */
  readonly folder: string;
}

/** Builds and packs the packages, and installs the tarballs as a stranger does, without a registry. */
export async function installAsStranger(): Promise<Stranger> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-stranger-'));
  try {
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'packages/client']);
    const names = PACKAGES.flatMap((name) => ['-w', `packages/${name}`]);
    await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder, ...names]);
    const tarballs = (await readdir(folder)).map((file) => join(folder, file));
    assert.equal(tarballs.length, PACKAGES.length, tarballs.join());
    await cp(FIXTURES, folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"name": "stranger", "private": true, "type": "module"}\n');
    const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...quiet, ...tarballs], folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** React and what belongs to it, as it lies in this repository: the registry is not asked. */
const REACT = ['react', 'react-dom', 'scheduler', '@types/react', '@types/react-dom', 'csstype'];

/** Another folder, of somebody who has installed the packages and React. */
export async function installBesideReact({ folder: installed }: Stranger): Promise<Stranger> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-react-'));
  await cp(installed, folder, { recursive: true });
  for (const name of REACT) {
    await cp(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs a program that must succeed, and answers what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string = ROOT,
  env: { readonly [name: string]: string } = {},
): Promise<string> {
  await using program = startProgram(command, args, env, cwd);
  const code = await program.ended(DEADLINE_MS);
  assert.equal(code, 0, `${command} ${args.join(' ')} ended with ${code}\n${program.stdout()}${program.stderr()}`);
  return program.stdout();
}
