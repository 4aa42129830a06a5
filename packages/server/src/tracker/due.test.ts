import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueQueue } from './due.ts';

test('what is due comes out in the order of its time, and nothing too early', () => {
  const commands = fc.array(fc.oneof(fc.record({ push: fc.nat(50) }), fc.record({ pop: fc.nat(60) })));
  fc.assert(
    fc.property(commands, (list) => {
      const queue = new DueQueue<number>();
      let kept: number[] = [];
      for (const command of list) {
        if ('push' in command) {
          queue.push(command.push, command.push);
          kept.push(command.push);
        } else {
          kept.sort((a, b) => a - b);
          const [first] = kept;
          const expected = first !== undefined && first <= command.pop ? first : undefined;
          assert.equal(queue.isDue(command.pop), expected !== undefined);
          assert.deepEqual(
            queue.pop(command.pop),
            expected === undefined ? undefined : { at: expected, item: expected },
          );
          if (expected !== undefined) kept = kept.slice(1);
        }
        assert.equal(queue.size, kept.length);
      }
    }),
    { numRuns: 500 },
  );
});
