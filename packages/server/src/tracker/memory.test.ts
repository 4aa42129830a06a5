import { describeTracker } from './contract.ts';
import { createMemoryTracker } from './memory.ts';

describeTracker('memory', async (times) => createMemoryTracker(times));
