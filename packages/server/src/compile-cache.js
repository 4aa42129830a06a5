import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Plain JavaScript, so that with a warm cache nothing needs its types stripped. `npm ci` warms it (warm-up.js): a first start is
// as quick as any other. Where the folder cannot be written, Node goes without a cache.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/rollcall', import.meta.url)));
