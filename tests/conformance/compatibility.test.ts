import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { BEHAVIOURS } from './behaviours.ts';
import { asSeen, compatibilityPage } from './compatibility.ts';
import { COMPATIBILITY_PAGE, conformanceFiles } from './compatibility-page.ts';
import { GROUPS } from './groups.ts';

/** The behaviours that the suites of a file show, by the words of its source. */
const shownIn = (source: string): readonly string[] =>
  [...source.matchAll(/^describe\(title\('([^']+)'\)/gm)].map(([, key]) => String(key));

describe('the page of compatibility', () => {
  it('says of every behaviour what its suites hold', () => {
    // The suites themselves run beside this test: if one of them did not hold, the whole run would fail.
    assert.equal(readFileSync(COMPATIBILITY_PAGE, 'utf8'), compatibilityPage(Object.values(BEHAVIOURS)));
  });

  it('has a suite for every behaviour, and a behaviour for every suite', () => {
    const sources = conformanceFiles().map((file) => readFileSync(file, 'utf8'));
    const shown = new Set<string>([...sources.flatMap(shownIn), ...GROUPS.map(([key]) => key)]);
    assert.deepEqual([...shown].sort(), Object.keys(BEHAVIOURS).sort());
    for (const source of sources) {
      const suites = source.match(/^\s*describe\(/gm) ?? [];
      assert.equal(
        suites.length,
        source.match(/^\s*describe\(title\(/gm)?.length,
        'every suite is titled by a behaviour',
      );
      assert.doesNotMatch(source, /^it\(/m, 'no test stands outside a suite');
    }
    for (const [key, cases] of GROUPS) assert.ok(cases.length > 0, key);
  });

  it('never calls a behaviour kept whose tests failed, or which has none', () => {
    const kept = BEHAVIOURS['patch.paths'];
    assert.equal(asSeen(kept, { passed: 2, failed: [] }), kept);
    assert.equal(asSeen(kept, { passed: 2, failed: ['a promise'] }).status, 'partly');
    assert.match(asSeen(kept, { passed: 2, failed: ['a promise'] }).note, /a promise/);
    assert.equal(asSeen(kept, { passed: 0, failed: ['a promise'] }).status, 'no');
    assert.equal(asSeen(kept).status, 'no');
  });
});
