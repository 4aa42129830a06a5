import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace } from './pace.ts';

/** What a window says that it took. Nothing here hangs on how long it really takes. */
const WINDOW_MS = 2;
/** Far enough away that nobody is late. */
const AHEAD_MS = 600_000;

/** A lane, and how many windows it has served. */
class Lane {
  readonly pace = new Pace();
  served = 0;
  #searches = 0;

  readonly #work = async (): Promise<number> => {
    this.served += 1;
    return WINDOW_MS;
  };

  /** A search of so many windows, later than those before it; says how many windows were served when it was done. */
  async search(windows: number): Promise<number> {
    this.#searches += 1;
    const deadline = performance.now() + AHEAD_MS + this.#searches;
    for (let at = 0; at < windows; at += 1) assert.ok(await this.pace.run(deadline, this.#work, at * WINDOW_MS));
    return this.served;
  }

  searches(count: number, windows: number): Promise<number>[] {
    return Array.from({ length: count }, () => this.search(windows));
  }

  /** One window of what has all the time in the world. */
  async chore(): Promise<void> {
    await this.pace.run(Number.POSITIVE_INFINITY, this.#work);
  }
}

describe('the lane of what takes long', () => {
  it('finishes one search after another, however many there are: were all served by turns, all would be late', async () => {
    const doneAt = await Promise.all(new Lane().searches(40, 25));
    const early = doneAt.filter((served) => served <= (40 * 25) / 2).length;
    assert.ok(early >= 8, `${early} of 40 were done in half of the time`);
  });

  it('lets a short search pass those that take long', async () => {
    const lane = new Lane();
    const long = lane.searches(20, 100);
    const short = lane.search(5);
    assert.ok((await short) <= 300, `done after ${await short} windows`);
    assert.ok((await short) < Math.min(...(await Promise.all(long))));
  });

  it('keeps a turn for what has all the time in the world', async () => {
    const lane = new Lane();
    const long = Promise.all(lane.searches(20, 50));
    let chores = 0;
    let over = false;
    const background = (async () => {
      for (; !over; chores += 1) await lane.chore();
    })();
    await long;
    over = true;
    await background;
    assert.ok(chores > 100, `${chores} beside ${20 * 50} windows`);
  });

  it('tells whoever waits in vain when its time is over', async () => {
    const pace = new Pace();
    assert.equal(await pace.run(performance.now() - 1, async () => assert.fail('it is not run')), false);
  });
});
