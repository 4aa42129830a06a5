import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { outcome } from './arbitrary.test.ts';
import { DomainError, type Fault, placeOf, refusal, refuseFaults } from './error.ts';

/** The phases of wire.md, section 1. */
const PHASES = { input_error: 0, payload_too_big: 0, not_allowed: 1, not_found: 2, duplicate_username: 3 } as const;

const fault = fc.record({
  refusal: fc.constantFrom<keyof typeof PHASES>(
    'input_error',
    'payload_too_big',
    'not_allowed',
    'not_found',
    'duplicate_username',
  ),
  at: fc.constantFrom('users[a]', 'users[b].x'),
  message: fc.string(),
  index: fc.nat(5),
});

test('nothing wrong is no refusal', () => {
  refuseFaults([]);
});

test('the first phase with a fault answers: all of its faults, in the order of the batch', () => {
  fc.assert(
    fc.property(fc.array(fault, { minLength: 1 }), (faults) => {
      const refused = outcome(() => refuseFaults(faults));
      assert.ok('refused' in refused);
      const phase = Math.min(...faults.map((one) => PHASES[one.refusal]));
      const told = faults.filter((one) => PHASES[one.refusal] === phase);
      assert.deepEqual(
        refused.refused.faults,
        [0, 1, 2, 3, 4, 5].flatMap((index) => told.filter((one) => one.index === index)),
      );
      const [first] = refused.refused.faults;
      assert.deepEqual([refused.refused.refusal, refused.refused.message], [first?.refusal, first?.message]);
    }),
    { numRuns: 300 },
  );
});

test('so many faults that no call could take them as arguments are still one refusal', () => {
  const faults: Fault[] = Array.from({ length: 400_000 }, (_, index) => ({
    refusal: 'input_error',
    at: 'users[a]',
    message: 'is wrong',
    index,
  }));
  assert.ok('refused' in outcome(() => refuseFaults(faults)));
});

test('a place is named as the caller wrote it', () => {
  assert.equal(placeOf('bob'), 'users[bob]');
  assert.equal(placeOf('bob', 'set.address.city'), 'users[bob].set.address.city');
});

test('a whole call is refused for one reason', () => {
  const error = refusal('rate_limited', 'too many');
  assert.ok(error instanceof DomainError && error instanceof Error);
  assert.deepEqual([error.name, error.refusal, error.message], ['DomainError', 'rate_limited', 'too many']);
  assert.deepEqual(error.faults, [{ refusal: 'rate_limited', at: '', message: 'too many', index: 0 }]);
});
