import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Encoded } from './encoded.ts';
import { Outbox, type Recipient } from './outbox.ts';

/** A recipient that notes what it is sent, write by write, and takes its time. */
function slowRecipient(busyMs = 0): Recipient & { readonly writes: string[][] } {
  let waiting: string[] = [];
  const writes: string[][] = [];
  return {
    writes,
    queue: ({ text }) => waiting.push(text) === 1,
    flush() {
      const sent = waiting;
      waiting = [];
      writes.push(sent);
      const endsAt = performance.now() + busyMs;
      while (performance.now() < endsAt);
      return sent.length;
    },
  };
}

test('all that waits for one socket leaves in one write, in order', async () => {
  const outbox = new Outbox();
  const [ann, ben] = [slowRecipient(), slowRecipient()];
  for (const text of ['1', '2', '3']) for (const recipient of [ann, ben]) outbox.put(recipient, new Encoded(text));
  assert.deepEqual(ann.writes, []);
  await turn();
  outbox.put(ann, new Encoded('4'));
  await turn();
  assert.deepEqual([ann.writes, ben.writes], [[['1', '2', '3'], ['4']], [['1', '2', '3']]]);
});

test('the loop turns while very many sockets are written to', async () => {
  const outbox = new Outbox();
  const all = Array.from({ length: 200 }, () => slowRecipient(1));
  for (const recipient of all) outbox.put(recipient, new Encoded('x'));
  let turns = 0;
  for (; all.some(({ writes }) => writes.length === 0); turns += 1) await turn();
  assert.ok(turns >= 5, `the loop turned ${turns} times in 200 ms`);
});

test('nothing more is taken while very much waits, until it is gone', async () => {
  const outbox = new Outbox();
  const ann = slowRecipient();
  const news = new Encoded('x');
  assert.equal(outbox.room(), undefined);
  for (let n = 0; n < 200_000; n++) outbox.put(ann, news);
  await outbox.room();
  assert.equal(ann.writes[0]?.length, 200_000);
  assert.equal(outbox.room(), undefined);
});
