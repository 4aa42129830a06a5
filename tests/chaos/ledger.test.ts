import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fields } from '../support/json.ts';
import { type Account, audit, enter, openAccount } from './ledger.ts';

const found = (first: Fields | undefined, second: Fields | undefined): ReadonlyMap<string, Fields> =>
  new Map([...(first ? [['a', first] as const] : []), ...(second ? [['b', second] as const] : [])]);

const account = (acknowledged: number, sent: number): Account => ({ ids: ['a', 'b'], acknowledged, sent });

describe('the auditor of these tests', () => {
  it('is content with what was acknowledged, and with all or nothing of what was not', () => {
    assert.deepEqual(audit(account(3, 4), found({ number: 3 }, { number: 3 }), false), []);
    assert.deepEqual(audit(account(3, 4), found({ number: 4 }, { number: 4 }), false), []);
    assert.deepEqual(audit(account(0, 1), found(undefined, undefined), false), []);
  });

  it('notices a write that is missing', () => {
    assert.match(audit(account(3, 4), found({ number: 2 }, { number: 2 }), false).join(), /lost write/);
    assert.match(audit(account(1, 1), found(undefined, undefined), false).join(), /lost write/);
  });

  it('notices half a write', () => {
    assert.match(audit(account(3, 4), found({ number: 3 }, { number: 4 }), false).join(), /half a write/);
    assert.match(audit(account(0, 1), found({ number: 1 }, undefined), false).join(), /half a write/);
  });

  it('notices a write that nobody made', () => {
    assert.match(audit(account(3, 4), found({ number: 5 }, { number: 5 }), false).join(), /nobody made/);
  });

  it('notices a field that a later partial update took away', () => {
    const whole = { number: 2, slots: { s1: 1, s2: 2 } };
    assert.deepEqual(audit(account(2, 2), found(whole, whole), true), []);
    const less = { number: 2, slots: { s2: 2 } };
    assert.match(audit(account(2, 2), found(whole, less), true).join(), /lost field: s1 of b/);
    const older = { number: 22, slots: { ...slotsOf(22), s2: 2 } };
    assert.match(audit(account(22, 22), found(older, older), true).join(), /lost field: s2 of a is 2, not 22/);
  });

  it('goes on from what it found', async () => {
    const open = openAccount(['a', 'b']);
    assert.equal(await enter(open, async () => true), true);
    assert.equal(await enter(open, async () => false), false);
    assert.deepEqual(audit(open, found({ number: 2 }, { number: 2 }), false), []);
    assert.deepEqual(open, { ids: ['a', 'b'], acknowledged: 2, sent: 2 });
  });
});

/** The slots as they are after so many numbers. */
function slotsOf(number: number): Fields {
  return Object.fromEntries(Array.from({ length: number }, (_, index) => [`s${(index + 1) % 20}`, index + 1]));
}
