import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accepted, patch, read, upsert } from '../concurrency/backend.ts';
import { startEngines } from '../support/engines.ts';
import { type Node, SHORT_LEASES, startNodes } from '../support/nodes.ts';
import { inSeconds } from '../support/token.ts';
import { suffix, until } from '../support/wait.ts';
import { askToWatch, come, flipsOf, hears, readyOf, tells, watch } from './device.ts';

const { engines, skip } = await startEngines();
after(() => engines?.[Symbol.asyncDispose]());

/** How long a call may take while Redis does not answer, and how long it takes until all is well again. */
const ANSWERED_MS = 2000;
const HEALED_MS = 15_000;
/** A node that is not sure whether others are there waits for a round of renewals before it says that somebody went. */
const GONE_MS = SHORT_LEASES.leaseMs + SHORT_LEASES.renewMs + 10_000;

interface Fault {
  readonly name: string;
  begin(nodes: readonly Node[]): Promise<void> | void;
  end(nodes: readonly Node[]): Promise<void> | void;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'is cut off',
    begin: (nodes) => nodes.forEach(({ links }) => void links.redis.cut()),
    end: (nodes) => nodes.forEach(({ links }) => void links.redis.mend()),
  },
  { name: 'stands still', begin: () => engines?.redis.pause(), end: () => engines?.redis.resume() },
  { name: 'is killed, and comes back empty', begin: () => engines?.redis.stop(), end: () => engines?.redis.start() },
];

async function timed(what: string, work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  const ms = performance.now() - began;
  assert.ok(ms < ANSWERED_MS, `${what} took ${ms} ms`);
  return Math.round(ms);
}

describe('while Redis', { skip }, () => {
  for (const { name, begin, end } of FAULTS) {
    it(`${name}, every node serves by itself, and afterwards they agree again`, async (test) => {
      await using nodes = await startNodes(engines ?? assert.fail(), 2, SHORT_LEASES.env);
      const [here, there] = nodes.all;
      assert.ok(here && there);
      const [ann, ben, cem, dee, eve] = ['ann', 'ben', 'cem', 'dee', 'eve'].map((id) => `${id}-${suffix()}`) as [
        ...[string, string, string, string, string],
      ];
      const others = [ben, cem, dee, eve];
      accepted(
        await upsert(
          here,
          others.map((id) => ({ id, n: 0 })),
        ),
      );
      const device = await come(here, ann);
      const [bens, cems, eves] = [await come(there, ben), await come(there, cem), await come(there, eve)];
      await watch(here, device, others);

      await begin(nodes.all);
      const away = async (node: Node) => (await readyOf(node)).text.includes('"redis":"away"');
      for (const node of nodes.all)
        await until(
          'it is noticed',
          () => away(node),
          (seen) => seen,
          10_000,
        );
      assert.equal((await readyOf(here)).status, 200);
      const calls = [
        await timed('a write', patch(there, [{ id: ben, set: { n: 1 } }]).then(accepted)),
        await timed('a read', read(here, [ben])),
        await timed('a connect', come(here, `late-${suffix()}`)),
        await timed('a watch', watch(here, device, others)),
      ];
      assert.equal((await askToWatch(there, device, [ben])).status, 503, 'the other node cannot be asked');
      assert.equal((await read(there, [ben])).get(ben)?.online, true);
      // On this node news and presence go on; what happens on the other is not heard.
      const fay = `fay-${suffix()}`;
      accepted(await upsert(here, [{ id: fay }]));
      await watch(here, device, [fay]);
      const fays = await come(here, fay);
      await tells(device, fay, [true]);
      accepted(await patch(here, [{ id: dee, set: { n: 1 } }]));
      await hears(device, dee, 'n', 1);
      await cems.socket.close();
      const dees = await come(there, dee);
      const instant = new Date(inSeconds(10) * 1000).toISOString();
      accepted(await patch(here, [{ id: eve, set: { revoke_tokens_issued_before: instant } }]));
      accepted(await patch(there, [{ id: ben, set: { n: 2 } }]));
      // Longer than leases last without renewal.
      await pause(SHORT_LEASES.leaseMs + 1000);

      const mendedAt = performance.now();
      await end(nodes.all);
      for (const node of nodes.all)
        await until(
          'it is back',
          () => away(node),
          (seen) => !seen,
          HEALED_MS,
        );
      const back = Math.round(performance.now() - mendedAt);
      assert.equal((await eves.socket.closed(HEALED_MS)).code, 4401, 'what was revoked meanwhile is closed');
      await hears(device, ben, 'n', 2, HEALED_MS);
      await tells(device, dee, [true], HEALED_MS);
      await tells(device, cem, [false], GONE_MS);
      await tells(device, eve, [false], GONE_MS);
      accepted(await patch(there, [{ id: ben, set: { n: 3 } }]));
      test.diagnostic(
        `slowest call ${Math.max(...calls)} ms; back after ${back} ms; news after ${await hears(device, ben, 'n', 3)} ms`,
      );
      assert.deepEqual([flipsOf(device, ben), flipsOf(device, fay)], [[], [true]], 'who was there never went');
      await dees.socket.close();
      await fays.socket.close();
      await tells(device, dee, [true, false]);
      await tells(device, fay, [true, false]);
      assert.ok(bens.socket.isOpen());
      for (const node of nodes.all) assert.equal(node.errors(), '', 'nothing failed');
    });
  }
});
