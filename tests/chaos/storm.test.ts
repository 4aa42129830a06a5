import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { upsert } from '../concurrency/backend.ts';
import { at } from '../support/json.ts';
import { startServer } from '../support/server.ts';
import { suffix } from '../support/wait.ts';
import { changeInTurn, heardChanges, type Listener, makeListeners, numbersOf } from './storm.ts';

const CLIENTS = 200;
const WATCHED = 20;
const PER_SECOND = 200;
const SECONDS = 5;
/** Whoever is back within this time was never away; a busy machine may need some of it. */
const GRACE_MS = 15_000;
const ENV = { ROLLCALL_CONNECTS_PER_MINUTE: '0', ROLLCALL_GRACE_MS: String(GRACE_MS) };

/** The numbers of a user among `count` numbers given out in turn. */
const givenTo = (index: number, count: number): number[] =>
  Array.from({ length: count }, (_, number) => number).filter((number) => number % CLIENTS === index);

/** Says what a client heard that it should not have, or did not hear that it should have. */
function faultsOf(listener: Listener, ids: readonly string[], count: number): readonly string[] {
  const faults: string[] = [];
  const concerned = [listener.id, ...listener.watched];
  for (const id of concerned) {
    const heard = numbersOf(listener, id);
    const given = givenTo(ids.indexOf(id), count);
    if (heard.join() !== given.join()) faults.push(`${listener.id} of ${id}: ${heard} instead of ${given}`);
  }
  for (const frame of listener.frames) {
    const id = String(at(frame, 'user', 'id'));
    if (!concerned.includes(id)) faults.push(`${listener.id} heard of ${id}`);
    if (at(frame, 'user', 'online') === false) faults.push(`${listener.id} heard that ${id} is away`);
  }
  return faults;
}

it('in a storm every watcher hears every change of those it watches, in order, and of nobody else; also after all dropped and returned at once', async (test) => {
  await using server = await startServer({ env: ENV });
  const ids = Array.from({ length: CLIENTS }, (_, n) => `storm-${n}-${suffix()}`);
  for (const half of [ids.slice(0, 100), ids.slice(100)]) {
    await upsert(
      server,
      half.map((id) => ({ id })),
    );
  }
  const listeners = makeListeners(server, ids, WATCHED);
  test.after(() => {
    for (const listener of listeners) listener.drop();
  });
  await Promise.all(listeners.map((listener) => listener.come()));

  let count = PER_SECOND * SECONDS;
  await changeInTurn(server, ids, { first: 0, count, perSecond: PER_SECOND });
  await heardChanges(listeners, count * (WATCHED + 1));
  const late = listeners.flatMap(({ lateMs }) => lateMs).sort((a, b) => a - b);
  test.diagnostic(`from stamp to socket: p99 ${late[Math.floor(late.length * 0.99)]} ms of ${late.length} frames`);

  for (const listener of listeners) listener.drop();
  const began = performance.now();
  await Promise.all(listeners.map((listener) => listener.come()));
  test.diagnostic(`all back after ${Math.round(performance.now() - began)} ms`);
  await changeInTurn(server, ids, { first: count, count: CLIENTS, perSecond: PER_SECOND });
  count += CLIENTS;
  await heardChanges(listeners, count * (WATCHED + 1));

  // Long enough for a frame too many to come.
  await pause(200);
  assert.deepEqual(
    listeners.flatMap((listener) => faultsOf(listener, ids, count)),
    [],
  );
  assert.equal(server.errors(), '');
});
