import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Progress, type Screen } from './progress.ts';

/** Shows a stretch of work of 10 seconds, and answers what was written. */
function shownOn(kind: Partial<Screen>): string {
  let text = '';
  let now = 0;
  const screen = { ...kind, write: (some: string) => (text += some) };
  using progress = new Progress(screen, () => now);
  progress.begin('Moving', 10_000, 2000);
  for (let second = 0; second < 10; second += 1) {
    now += 1000;
    progress.did(800);
  }
  return text;
}

describe('the progress of a long command', () => {
  it('is a bar on a terminal, which fits into one line', () => {
    const text = shownOn({ isTTY: true, columns: 60 });
    const lines = text.split('\r\u001b[K').slice(1);
    assert.equal(lines.length, 10);
    assert.match(lines[4] ?? '', /^Moving \[#{9}\.{7}\] {2}60 % {2}6,000 of 10,000/);
    for (const line of lines) assert.ok(line.trimEnd().length < 60);
  });

  it('tells the pace of this run and the time that is left', () => {
    assert.match(shownOn({ isTTY: true, columns: 0 }), /6,000 of 10,000 {2}800\/s {2}5 s left/);
  });

  it('is a line now and then where there is no terminal, and the last one says all', () => {
    const lines = shownOn({}).trimEnd().split('\n');
    assert.deepEqual(lines, [
      'Moving:  60 %, 6,000 of 10,000 users, 800 users/s, 5 s left',
      'Moving: 100 %, 10,000 of 10,000 users, 800 users/s',
    ]);
  });
});
