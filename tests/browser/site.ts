import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PAGE = fileURLToPath(new URL('../packaging/fixtures/page/', import.meta.url));
const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** A site on an origin of its own. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  /** The same site on another origin. */
  readonly elsewhere: string;
}

/** A backend behind the site, asked before its files are. */
export type Door = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What to build, and what else to serve. */
export interface SiteOptions {
  /** The folder of the page; the fixture page when absent. */
  readonly page?: string;
  /** Builds React as developers have it, whose strict mode mounts everything twice. */
  readonly development?: boolean;
  readonly door?: Door;
}

/** Builds a page with Vite, from the sources of the client, and serves what came out. */
export async function openSite({ page = PAGE, development = false, door }: SiteOptions = {}): Promise<Site> {
  const outDir = await mkdtemp(join(tmpdir(), 'rollcall-site-'));
  await build({
    root: page,
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': development ? '"development"' : '"production"' },
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 2_000 },
  });
  const serveFile = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const file = join(outDir, normalize(pathname === '/' ? '/index.html' : pathname));
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    readFile(file).then(
      (bytes) => response.writeHead(200, { 'content-type': type }).end(bytes),
      () => response.writeHead(404).end(),
    );
  };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (door) door(request, response, () => serveFile(request, response));
    else serveFile(request, response);
  };
  const servers = [createServer(serve), createServer(serve)];
  const [url = '', elsewhere = ''] = await Promise.all(servers.map(listen));
  return {
    url,
    elsewhere,
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}
