import { after, before, describe, it } from 'node:test';
import { title } from './behaviours.ts';
import { GROUPS } from './groups.ts';
import { runCase } from './run.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

for (const [behaviour, cases] of GROUPS) {
  describe(title(behaviour), () => {
    for (const one of cases) {
      it(one.name, async (test) => {
        if (one.needsOther === true && target.other === undefined) return test.skip('no second app is known');
        await runCase(target, one);
      });
    }
  });
}
