import './compile-cache.js';

const { start } = await import('./start.ts');
await start();
