import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as passes } from 'node:timers/promises';
import { startEngines } from '../support/engines.ts';
import { IN_EARNEST, type Node, startNodes } from '../support/nodes.ts';
import { until, within } from '../support/wait.ts';
import { type Crowd, gather } from './writers.ts';

// What was acknowledged must be on the disk.
const { engines, skip } = await startEngines({ fast: false });
after(() => engines?.[Symbol.asyncDispose]());

const KILLS = IN_EARNEST ? 20 : 4;
/** The accident comes at some moment of this time after the first writes. */
const LIFE_MS = 600;
const BACK_MS = 20_000;

/** Lets the crowd write until the accident, which comes in the middle of it. */
async function crash(node: Node, crowd: Crowd, accident: () => Promise<unknown>): Promise<void> {
  const before = crowd.acknowledged();
  const writing = crowd.write(node);
  await until('the first writes', crowd.acknowledged, (now) => now > before + 4);
  await passes(Math.random() * LIFE_MS);
  await accident();
  await within('the writers notice', writing, 20_000);
}

describe('on PostgreSQL, every acknowledged write is there', { skip }, () => {
  it('after servers were killed with SIGKILL at random moments', async (test) => {
    await using nodes = await startNodes(engines ?? assert.fail(), 1);
    const crowd = gather(2);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const node = nodes.all.at(-1);
      assert.ok(node);
      await crash(node, crowd, () => node.kill());
      assert.deepEqual(await crowd.audit(await nodes.add(), kill === KILLS), [], `after kill ${kill}`);
    }
    assert.deepEqual(crowd.odd, [], 'no write was answered with an error');
    test.diagnostic(`${crowd.acknowledged()} writes acknowledged over ${KILLS} kills`);
  });

  it('after PostgreSQL was killed with SIGKILL at random moments, without a restart of the server', async (test) => {
    await using nodes = await startNodes(engines ?? assert.fail(), 1);
    const [node] = nodes.all;
    assert.ok(node && engines);
    const crowd = gather(2);
    const back: number[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await crash(node, crowd, () => engines.postgres.kill());
      await engines.postgres.start();
      const began = performance.now();
      const look = (): Promise<readonly string[] | undefined> => crowd.audit(node, true).catch(() => undefined);
      const faults = await until('the server is back', look, (seen) => seen !== undefined, BACK_MS);
      assert.deepEqual(faults, [], `after kill ${kill}`);
      back.push(Math.round(performance.now() - began));
    }
    for (const answer of crowd.odd)
      assert.match(answer, /^503 |"StatusCode":503/, 'an answer that is not given is a 503');
    test.diagnostic(
      `${crowd.acknowledged()} writes acknowledged over ${KILLS} kills; back after ${back.join(', ')} ms`,
    );
  });
});
