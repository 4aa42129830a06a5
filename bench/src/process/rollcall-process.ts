import { monitorEventLoopDelay } from 'node:perf_hooks';
import { start } from '@rollcall/server/start';
import { restingMemory, serve, usedMemory } from './serve.ts';

// Rollcall as `npm start` runs it, which can be asked how it fares.
const delay = monitorEventLoopDelay({ resolution: 1 });
await start();
serve({
  memory: restingMemory,
  usedMemory,
  watchDelay: () => {
    delay.enable();
    delay.reset();
    return 0;
  },
  /** The longest delay since it was last watched, in milliseconds. */
  longestDelay: () => delay.max / 1e6,
  /** How much it has worked since it began, in milliseconds of CPU. */
  busyMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  delayPercentile: (percent) => delay.percentile(percent ?? 99) / 1e6,
});
