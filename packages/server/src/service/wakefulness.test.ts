import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Wakefulness } from './wakefulness.ts';

function open(beginAnew: () => Promise<void> = async () => {}) {
  const clocks = { monotonic: 0, wall: 1_000_000 };
  let begun = 0;
  const wakefulness = new Wakefulness({
    mostMs: 100,
    beginAnew: () => {
      begun += 1;
      return beginAnew();
    },
    monotonic: () => clocks.monotonic,
    wall: () => clocks.wall,
  });
  const pass = (ms: number, wallMs = ms): void => {
    clocks.monotonic += ms;
    clocks.wall += wallMs;
  };
  return { wakefulness, pass, begun: () => begun };
}

describe('a process that stood still', () => {
  it('serves on when it was for a short time', () => {
    const { wakefulness, pass, begun } = open();
    for (let round = 0; round < 10; round += 1) {
      pass(90);
      assert.equal(wakefulness.look(), undefined);
      wakefulness.tick();
    }
    assert.equal(begun(), 0);
  });

  it('begins anew once when it was for longer, and everybody waits for that', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { wakefulness, pass, begun } = open(() => promise);
    pass(101);
    const first = wakefulness.look();
    assert.ok(first);
    wakefulness.tick();
    assert.equal(wakefulness.look(), first);
    resolve();
    await first;
    assert.equal(wakefulness.look(), undefined);
    assert.equal(begun(), 1);
  });

  it('notices that the whole machine did, though one clock stood still with it', () => {
    const { wakefulness, pass, begun } = open();
    pass(1, 90_000);
    assert.ok(wakefulness.look());
    assert.equal(begun(), 1);
  });

  it('takes a clock that was set back for no time at all', () => {
    const { wakefulness, pass } = open();
    pass(1, -90_000);
    assert.equal(wakefulness.look(), undefined);
  });

  it('tries again when it could not begin anew, and lets nobody through meanwhile', async () => {
    let fails = true;
    const { wakefulness, pass, begun } = open(async () => {
      if (fails) throw new Error('the store is away');
    });
    pass(500);
    await assert.rejects(wakefulness.look() ?? Promise.resolve(), /away/);
    wakefulness.tick();
    await assert.rejects(wakefulness.look() ?? Promise.resolve(), /away/);
    fails = false;
    await wakefulness.look();
    assert.equal(wakefulness.look(), undefined);
    assert.equal(begun(), 3);
  });

  it('knows what began before that, and what after', async () => {
    const { wakefulness, pass } = open();
    pass(10);
    wakefulness.tick();
    pass(5);
    assert.equal(wakefulness.sleptSince(15), false);
    pass(400);
    await wakefulness.look();
    assert.equal(wakefulness.sleptSince(15), true);
    assert.equal(wakefulness.sleptSince(415), false);
  });
});
