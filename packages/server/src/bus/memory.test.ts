import { describeBus } from './contract.ts';
import { createMemoryBus } from './memory.ts';

describeBus('memory', async () => createMemoryBus());
