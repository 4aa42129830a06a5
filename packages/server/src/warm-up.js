import './compile-cache.js';
import { flushCompileCache } from 'node:module';

// Loads the server without starting it, so that the cache holds all of it.
await import('./start.ts');
// And what only some starts load.
await import('./store/postgres/postgres.ts');
await import('./redis/open.ts');
await import('@fastify/swagger');
flushCompileCache();
