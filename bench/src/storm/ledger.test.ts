import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from './ledger.ts';
import { Plan, WATCHED } from './plan.ts';

const CLIENTS = 30;
const CHANGES = 100;

/** Tells everybody of everything, but for what a test does otherwise. */
function storm(tell: (ledger: Ledger, client: number, change: number) => void): Ledger {
  const plan = new Plan(CLIENTS);
  const ledger = new Ledger(plan);
  for (let change = 0; change < CHANGES; change += 1) {
    for (let client = 0; client < CLIENTS; client += 1) {
      if (plan.slotOf(client, plan.userOf(change)) !== undefined) tell(ledger, client, change);
    }
  }
  return ledger;
}

const everything = CHANGES * (WATCHED + 1);

test('a storm in which everybody hears everything once has nothing to complain of', () => {
  const ledger = storm((to, client, change) => to.note(client, change));
  assert.deepEqual(ledger.balance(CHANGES), { told: everything, missing: 0, repeated: 0, strange: 0 });
});

test('everybody changes, and everybody is watched by as many as it watches', () => {
  const plan = new Plan(CLIENTS);
  assert.equal(new Set(Array.from({ length: CLIENTS }, (_, change) => plan.userOf(change))).size, CLIENTS);
  const watched = Array.from({ length: CLIENTS }, (_, client) => plan.watchedBy(client));
  for (const [client, users] of watched.entries()) {
    assert.equal(new Set(users).size, WATCHED);
    assert.ok(!users.includes(client));
    assert.equal(watched.filter((others) => others.includes(client)).length, WATCHED);
  }
});

test('what did not come is missing, in the middle and at the end', () => {
  const middle = storm((to, client, change) => change === 40 || to.note(client, change));
  assert.equal(middle.balance(CHANGES).missing, WATCHED + 1);
  const end = storm((to, client, change) => change > 97 || to.note(client, change));
  assert.equal(end.balance(CHANGES).missing, 2 * (WATCHED + 1));
});

test('what comes twice, too late, or to a stranger is seen', () => {
  const twice = storm((to, client, change) => {
    to.note(client, change);
    if (change === 50) to.note(client, change);
  });
  assert.deepEqual(twice.balance(CHANGES), { told: everything, missing: 0, repeated: WATCHED + 1, strange: 0 });
  const plan = new Plan(CLIENTS);
  const stranger = Array.from({ length: CLIENTS }, (_, client) => client).find(
    (client) => plan.slotOf(client, plan.userOf(0)) === undefined,
  );
  const ledger = new Ledger(plan);
  assert.equal(ledger.note(stranger ?? -1, 0), false);
  assert.equal(ledger.balance(0).strange, 1);
});
