import { chmod, chown, copyFile, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, matchesGlob, relative } from 'node:path';
import { type Program, ROOT, startProgram } from '../chaos/process.ts';

/** One line of a Dockerfile: `RUN`, and what comes after it. */
export interface Step {
  readonly word: string;
  readonly rest: string;
}

/** Who runs the server in the image. */
export const IMAGE_USER = 1000;
const INSTALL_MS = 120_000;

/** Reads the stages of a Dockerfile, with continued lines in one and comments left out. */
export async function readStages(): Promise<readonly (readonly Step[])[]> {
  const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const stages: Step[][] = [];
  for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
    const [, word, rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (word === undefined) continue;
    if (word === 'FROM') stages.push([]);
    stages.at(-1)?.push({ word, rest });
  }
  return stages;
}

/** Says whether `.dockerignore` lets a file into the build: the last rule that names it, or a folder it is in, decides. */
async function contextFilter(): Promise<(path: string) => boolean> {
  const rules = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n').filter((rule) => /^[^#]/.test(rule));
  return (path) => {
    const parts = relative(ROOT, path).split('/');
    const names = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
    let kept = true;
    for (const rule of rules) {
      const glob = rule.replace(/^!/, '');
      if (names.some((name) => matchesGlob(name, glob))) kept = rule.startsWith('!');
    }
    return kept;
  };
}

/** A folder that was built as the image is, by the commands of the Dockerfile's first stage. */
export interface Built extends AsyncDisposable {
  readonly folder: string;
  /** Starts a program in it as the image's user, and with its Node. */
  start(args: readonly string[], settings: { readonly [name: string]: string }): Program;
}

/** Does what the Dockerfile says, in a folder of its own: there need be no Docker. */
export async function buildAsImage(stage: readonly Step[]): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-image-'));
  const bin = join(folder, '.node');
  try {
    await chmod(folder, 0o755);
    await mkdir(bin);
    // The image's Node is the one that this repository pins, whoever may read it here.
    await copyFile(process.execPath, join(bin, 'node'));
    await chmod(join(bin, 'node'), 0o755);
    await followSteps(stage, folder, bin);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    folder,
    start: (args, settings) => startAs(IMAGE_USER, join(bin, 'node'), args, settings, folder, bin),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function followSteps(stage: readonly Step[], folder: string, bin: string): Promise<void> {
  const kept = await contextFilter();
  let user = 0;
  for (const { word, rest } of stage) {
    if (word === 'USER') user = Number(rest);
    else if (word === 'COPY') await copyInto(folder, rest.split(' '), kept);
    else if (word === 'RUN') {
      await using program = startAs(user, 'sh', ['-ec', rest], {}, folder, bin);
      const code = await program.ended(INSTALL_MS);
      if (code !== 0) throw new Error(`${rest} ended with ${code}\n${program.stdout()}${program.stderr()}`);
    } else if (!['FROM', 'WORKDIR'].includes(word)) throw new Error(`this test does not know ${word}`);
  }
}

async function copyInto(folder: string, paths: readonly string[], kept: (path: string) => boolean): Promise<void> {
  const to = join(folder, paths.at(-1) ?? '');
  for (const path of paths.slice(0, -1)) {
    const folderOfSame = /\/$|^\.$/.test(paths.at(-1) ?? '');
    const target = folderOfSame ? join(to, path.split('/').at(-1) ?? '') : to;
    if (!kept(join(ROOT, path))) throw new Error(`.dockerignore keeps ${path} out`);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(ROOT, path), target, { recursive: true, filter: kept });
  }
}

const isRoot = process.getuid?.() === 0;

/** Starts a program as a user of the system, where that may be chosen: with root's rights a test would prove little. */
function startAs(
  uid: number,
  command: string,
  args: readonly string[],
  settings: { readonly [name: string]: string },
  folder: string,
  bin: string,
): Program {
  const path = { PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, npm_config_prefer_offline: 'true' };
  const change = isRoot && uid !== 0 ? ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'] : undefined;
  const env = { ...path, ...settings, ...(change ? { HOME: folder } : {}) };
  if (!change) return startProgram(command, args, env, folder);
  return startProgram('setpriv', [...change, command, ...args], env, folder);
}

/** Gives a folder to the image's user, as the Dockerfile does with `/data`. */
export async function giveToImageUser(folder: string): Promise<void> {
  if (isRoot) await chown(folder, IMAGE_USER, IMAGE_USER);
}
