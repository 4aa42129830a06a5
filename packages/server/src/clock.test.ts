import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createClock } from './clock.ts';

it('the clock starts at the newest stored time and never goes backwards', () => {
  const machine = [500, 1500, 1200, 1600];
  const clock = createClock(1000, () => machine.shift() ?? 0);
  assert.deepEqual([clock(), clock(), clock(), clock()], [1000, 1500, 1500, 1600]);
});
