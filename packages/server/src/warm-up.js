import './compile-cache.js';
import { flushCompileCache } from 'node:module';

// Loads the server without starting it, so that the cache holds all of it.
await import('./start.ts');
flushCompileCache();
