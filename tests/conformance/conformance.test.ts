import { after, before, describe, it } from 'node:test';
import { appCases } from './app.cases.ts';
import type { Case } from './case.ts';
import { customCases } from './custom.cases.ts';
import { envelopeCases } from './envelope.cases.ts';
import { fieldCases } from './field.cases.ts';
import { nameKeyCases } from './name-key.cases.ts';
import { patchCases } from './patch.cases.ts';
import { patchRefusedCases } from './patch-refused.cases.ts';
import { queryCases } from './query.cases.ts';
import { replaceCases } from './replace.cases.ts';
import { roleCases } from './role.cases.ts';
import { runCase } from './run.ts';
import { openTarget, type Target } from './target.ts';
import { tenancyCases } from './tenancy.cases.ts';
import { tokenCases } from './token.cases.ts';
import { upsertCases } from './upsert.cases.ts';
import { usernameCases } from './username.cases.ts';

const GROUPS: readonly (readonly [title: string, cases: readonly Case[]])[] = [
  ['1 the envelope', envelopeCases],
  ['2 the fields of a user', fieldCases],
  ['2 custom data', customCases],
  ['3 upsert', upsertCases],
  ['3 upsert, what stays', replaceCases],
  ['4 partial update', patchCases],
  ['4 partial update, refused', patchRefusedCases],
  ['6 keys of names', nameKeyCases],
  ['6 unique usernames', usernameCases],
  ['7 app settings', appCases],
  ['7 roles', roleCases],
  ['8 query', queryCases],
  ['8 query, who sees whom', tenancyCases],
  ['10 tokens', tokenCases],
];

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

for (const [title, cases] of GROUPS) {
  describe(title, () => {
    for (const one of cases) {
      it(one.name, async (test) => {
        if (one.needsOther === true && target.other === undefined) return test.skip('no second app is known');
        await runCase(target, one);
      });
    }
  });
}
