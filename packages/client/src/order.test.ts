import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sort, userOf } from '@rollcall/domain/arbitrary.test';
import { compareUsers, totalOrder, type Sort as Wanted } from '@rollcall/domain/order';
import { writeUser } from '@rollcall/protocol/write';
import fc from 'fast-check';
import { orderOf } from './order.ts';
import type { SortField, User } from './types.ts';

/** A sort as a caller writes it. */
const written = (steps: readonly Wanted[]): SortField[] =>
  steps.map(({ field, direction }) => ({ field: typeof field === 'string' ? field : field.path.join('.'), direction }));

test('a list keeps the order in which the server finds users, whatever they hold', () => {
  fc.assert(
    fc.property(userOf('ann'), userOf('bob'), sort, (a, b, steps) => {
      const read = (user: typeof a): User =>
        JSON.parse(writeUser(user, { online: false, lastActive: user.lastActive }, 'server'));
      const ours = orderOf(written(steps))(read(a), read(b));
      assert.equal(Math.sign(ours), Math.sign(compareUsers(totalOrder(steps), a, b)));
    }),
    { numRuns: 3_000 },
  );
});

test('without a sort the newest user comes first', () => {
  const at = (id: string, created_at: string) => ({ id, created_at }) as User; // as much as this order looks at
  const users = [
    at('a', '2030-01-01T00:00:00.000Z'),
    at('c', '2030-01-01T00:00:00.001Z'),
    at('b', '2030-01-01T00:00:00.001Z'),
  ];
  for (const sorted of [users.toSorted(orderOf(undefined)), users.toSorted(orderOf({}))]) {
    assert.equal(sorted.map(({ id }) => id).join(), 'c,b,a');
  }
});
