// Plain JavaScript, so that from the second start on nothing needs its types stripped: the compile cache has it all.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { start } = await import('./start.ts');
await start();
