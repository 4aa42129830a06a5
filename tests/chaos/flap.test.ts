import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { upsert } from '../concurrency/backend.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { suffix, until } from '../support/wait.ts';
import { type Device, type Flip, flap, flipsOf, makeDevice } from './flap.ts';
import { type Listener, makeListener } from './storm.ts';

/** Everything takes a tenth of its usual time, or as long as it does in earnest. */
const IN_EARNEST = process.env.FULL_LENGTH === '1';
const GRACE_MS = IN_EARNEST ? 3000 : 300;
const FLAPPING_MS = IN_EARNEST ? 10_000 : 2000;
const PER_SECOND = 20;
const HANDOVERS = IN_EARNEST ? 200 : 40;
/** Who left is seen to have gone after the grace, and at most a look later. */
const GONE_MS = GRACE_MS + 5000;

interface Scene extends AsyncDisposable {
  readonly server: RunningServer;
  readonly watcher: Listener;
  readonly id: string;
}

/** A server, a user who is away, and somebody who watches. */
async function openScene(test: TestContext, graceMs: number): Promise<Scene> {
  const env = { ROLLCALL_CONNECTS_PER_MINUTE: '0', ROLLCALL_GRACE_MS: String(graceMs) };
  const server = await startServer({ env });
  const id = `flapping-${suffix()}`;
  await upsert(server, [{ id }, { id: `watching-${id}` }]);
  const watcher = makeListener(server, `watching-${id}`, [id]);
  test.after(() => watcher.drop());
  await watcher.come();
  return { server, watcher, id, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const seenGone = ({ watcher, id }: Scene): Promise<readonly Flip[]> =>
  until(
    'the watcher sees the user go',
    () => flipsOf(watcher, id),
    (flips) => flips.at(-1)?.online === false,
    GONE_MS,
  );

/** What holds however slow the machine is: flips alternate, and nobody is told that a user left who was there. */
function truthful(flips: readonly Flip[], devices: readonly Device[]): void {
  assert.deepEqual(
    flips.map(({ online }) => online),
    flips.map((_, index) => index % 2 === 0),
    'coming and going alternate',
  );
  for (const { online, at } of flips) {
    const there = devices.some((device) => device.wasThere(at));
    assert.ok(online || !there, `told at ${at} that the user is away, while a device was there`);
  }
}

describe('a device on a bad line', { concurrency: true }, () => {
  it('makes at most one visible change per grace, however often it drops and returns', async (test) => {
    await using scene = await openScene(test, GRACE_MS);
    const device = makeDevice(scene.server, scene.id);
    await flap(device, PER_SECOND, FLAPPING_MS);
    const flips = await seenGone(scene);
    truthful(flips, [device]);
    test.diagnostic(`${flips.length} visible changes; the device was away for ${device.longestAwayMs()} ms at most`);
    // It came, and in the end it went. Only where this machine kept it away for longer than the grace, more may be seen.
    if (device.longestAwayMs() < GRACE_MS) assert.equal(flips.length, 2);
    else assert.ok(flips.length <= 2 + Math.ceil(FLAPPING_MS / GRACE_MS));
  });

  it('never makes a user offline while another device is there', async (test) => {
    await using scene = await openScene(test, 0);
    const [steady, flapping] = [makeDevice(scene.server, scene.id), makeDevice(scene.server, scene.id)];
    await steady.come();
    await flap(flapping, PER_SECOND, FLAPPING_MS);
    // Longer than it takes to look who left.
    await pause(1500);
    assert.deepEqual(
      flipsOf(scene.watcher, scene.id).map(({ online }) => online),
      [true],
    );
    steady.drop();
    const flips = await seenGone(scene);
    truthful(flips, [steady, flapping]);
    assert.equal(flips.length, 2);
  });

  it('hands over to another one unseen, even where there is no grace', async (test) => {
    await using scene = await openScene(test, 0);
    const devices = [makeDevice(scene.server, scene.id), makeDevice(scene.server, scene.id)] as const;
    await devices[0].come();
    for (let turn = 0; turn < HANDOVERS; turn += 1) {
      const [leaving, coming] = turn % 2 === 0 ? devices : devices.toReversed();
      await coming?.come();
      leaving?.drop();
      await pause(1000 / PER_SECOND);
    }
    assert.deepEqual(
      flipsOf(scene.watcher, scene.id).map(({ online }) => online),
      [true],
    );
    for (const device of devices) device.drop();
    const flips = await seenGone(scene);
    truthful(flips, devices);
    assert.equal(flips.length, 2);
  });
});
