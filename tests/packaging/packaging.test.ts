import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { ROOT } from '../chaos/process.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { suffix } from '../support/wait.ts';
import { installAsStranger, installBesideReact, run, type Stranger } from './stranger.ts';

/** What the client may add to a page, gzipped. */
const PAGE_GZIP_BYTES = 9 * 1024;
const WS = import.meta.resolve('ws');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let stranger: Stranger;
let reactUser: Stranger;
let server: RunningServer;
before(async () => {
  [stranger, server] = await Promise.all([installAsStranger(), startServer()]);
  reactUser = await installBesideReact(stranger);
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
  await stranger?.[Symbol.asyncDispose]();
  await reactUser?.[Symbol.asyncDispose]();
});

interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly major: number;
  readonly skip: false | string;
}

/** The Node of this repository, and the machine's own when that is another one. */
async function runtimes(): Promise<readonly Runtime[]> {
  const pinned = {
    name: `Node ${process.versions.node}`,
    command: process.execPath,
    major: majorOf(process.version),
    skip: false,
  } as const;
  const own = (await run('node', ['--version']).catch(() => '')).trim();
  const major = majorOf(own);
  const skip =
    own === '' || own === process.version || major < 20
      ? `SKIPPED: this machine has no other Node from 20 on (${own})`
      : false;
  return [pinned, { name: `the machine's own Node ${own}`, command: 'node', major, skip }];
}

const majorOf = (version: string): number => Number(/^v(\d+)/.exec(version)?.[1] ?? 0);

/** Runs a script in the stranger's folder against the server; it must end by itself. */
async function play(
  runtime: Runtime,
  script: string,
  more: { readonly [name: string]: string } = {},
): Promise<unknown> {
  const env = { URL: server.url, KEY: server.apiKey, SECRET: server.secret, ...more };
  return JSON.parse(await run(runtime.command, [join('node', script)], stranger.folder, env));
}

/** Builds a page with Vite: what came out, and which installed modules went in. */
async function bundle(root: string): Promise<{ readonly modules: readonly string[]; readonly code: string }> {
  const built = await build({ root, configFile: false, logLevel: 'silent', build: { target: 'es2022' } });
  assert.ok(!Array.isArray(built) && 'output' in built);
  const chunks = built.output.filter((file) => file.type === 'chunk');
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes('node_modules'));
  return { modules, code: chunks.map((chunk) => chunk.code).join('\n') };
}

const DOCUMENTED = {
  before: { role: 'user', favorite_color: 'green' },
  after: { role: 'admin', book: 'dune' },
  statuses: ['connecting', 'connected', 'disconnected'],
};

describe('a stranger who installs the tarballs', () => {
  it('gets our three packages and no others, without tests and sources', async () => {
    const modules = join(stranger.folder, 'node_modules');
    const here = (await readdir(modules)).filter((name) => !name.startsWith('.'));
    assert.deepEqual(here, ['@rollcall']);
    const packages = (await readdir(join(modules, '@rollcall'))).sort();
    assert.deepEqual(packages, ['client', 'domain', 'protocol']);
    for (const name of packages) {
      const files = (await readdir(join(modules, '@rollcall', name), { recursive: true })).map(String);
      const odd = files.filter(
        (file) => !/^(package\.json|README\.md|LICENSE|dist|dist\/[\w-]+\.(js|d\.ts))$/.test(file),
      );
      assert.deepEqual(odd, [], `${name} holds what runs and nothing else`);
      assert.ok(!files.some((file) => file.includes('.test.')));
    }
  });

  describe('runs it on Node', async () => {
    for (const runtime of await runtimes()) {
      it(`${runtime.name}: a backend syncs, asks and reads errors`, { skip: runtime.skip }, async () => {
        assert.deepEqual(await play(runtime, 'backend.mjs'), {
          role: 'admin',
          book: 'dune',
          synced: 250,
          failed: [['not valid', 4]],
          refusal: [true, 6, 400, ['users[other].name']],
          wrong: 43,
          found: ['person-0', 'person-1'],
          more: true,
          token: 3,
        });
      });

      it(`${runtime.name}: a user connects and sees the documented example`, { skip: runtime.skip }, async () => {
        const USER = `tommaso-${suffix()}`;
        // Node has a WebSocket of its own from 22 on; before, the class of the ws package is passed in.
        assert.deepEqual(await play(runtime, 'live.mjs', runtime.major < 22 ? { USER, WS } : { USER }), DOCUMENTED);
      });

      it(`${runtime.name}: without a WebSocket it says what to do`, { skip: runtime.skip }, async () => {
        const NODE_OPTIONS = runtime.major < 22 ? '' : '--no-experimental-websocket';
        const answer = await play(runtime, 'live.mjs', { USER: 'nobody', NODE_OPTIONS });
        assert.match(JSON.stringify(answer), /^\{"ours":true,"code":0,"message":".*no WebSocket.*ws package/);
      });
    }
  });

  it('builds a page with Vite that holds the client only: no TypeBox, no node:crypto, no secret', async (test) => {
    const { modules, code } = await bundle(join(stranger.folder, 'page'));
    const foreign = modules.filter((id) => !/node_modules\/@rollcall\/(client|protocol|domain)\/dist\//.test(id));
    assert.deepEqual(foreign, [], 'nothing but ours');
    assert.ok(modules.some((id) => id.endsWith('client/dist/index.js')));
    assert.ok(!modules.some((id) => /client\/dist\/(server|sign|sync)\.js$/.test(id)), 'and nothing of the backend');
    assert.ok(!modules.some((id) => /client\/dist\/(react|shared|crowd)\.js$/.test(id)), 'nor of React');
    assert.doesNotMatch(code, /typebox|node:|createHmac|browser-external|RollcallServer|createToken/i);
    const size = gzipSync(code).length;
    test.diagnostic(`${code.length} bytes, ${size} gzipped, page included`);
    assert.ok(size < PAGE_GZIP_BYTES, `${size} bytes gzipped`);
  });

  it('builds a page with React, which brings one React and nothing of the backend', async () => {
    const { modules } = await bundle(join(reactUser.folder, 'react-page'));
    const packages = new Set(modules.map((id) => /node_modules\/((?:@rollcall\/)?[^/]+)/.exec(id)?.[1]));
    const ours = ['@rollcall/client', '@rollcall/domain', '@rollcall/protocol'];
    assert.deepEqual([...packages].sort(), [...ours, 'react', 'react-dom', 'scheduler']);
    assert.ok(!modules.some((id) => /client\/dist\/(server|sign|sync)\.js$/.test(id)));
  });

  describe('compiles against its types, strictly, libraries checked too', { concurrency: true }, () => {
    const projects = [
      {
        file: 'app.ts',
        how: 'in a browser app',
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: [],
      },
      {
        file: 'app.ts',
        how: 'in an app on Node',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        lib: ['es2022'],
        types: ['node'],
      },
      {
        file: 'react.tsx',
        how: 'in a page with React',
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2022', 'dom', 'dom.iterable'],
        jsx: 'react-jsx',
        types: [],
      },
      {
        file: 'backend.ts',
        how: 'in a backend',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        lib: ['es2022'],
        types: ['node'],
      },
    ];
    for (const [index, { file, how, ...options }] of projects.entries()) {
      it(`${how}, where custom data has the types it was declared with`, async () => {
        const typeRoots = [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))];
        const strict = {
          strict: true,
          skipLibCheck: false,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
        };
        const compilerOptions = { target: 'es2022', noEmit: true, typeRoots, ...strict, ...options };
        const { folder } = file === 'react.tsx' ? reactUser : stranger;
        const config = join(folder, 'types', `tsconfig.${index}.json`);
        await writeFile(config, JSON.stringify({ compilerOptions, files: [file] }));
        await run(process.execPath, [TSC, '-p', config], folder);
      });
    }
  });

  it('finds a declaration beside everything it can import', async () => {
    for (const name of ['client', 'domain', 'protocol']) {
      const dist = join(stranger.folder, 'node_modules/@rollcall', name, 'dist');
      const files = await readdir(dist);
      for (const file of files.filter((one) => one.endsWith('.js'))) {
        assert.ok(files.includes(file.replace(/\.js$/, '.d.ts')), `${name}/${file}`);
        assert.doesNotMatch(await readFile(join(dist, file), 'utf8'), /from '\.[^']*\.ts'/, 'imports what is there');
      }
    }
  });
});
