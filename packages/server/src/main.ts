import { enableCompileCache } from 'node:module';

// Before the other modules load: the second start is the quicker one.
enableCompileCache();
const { start } = await import('./start.ts');
await start();
