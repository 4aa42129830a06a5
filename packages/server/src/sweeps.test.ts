import assert from 'node:assert/strict';
import { it } from 'node:test';
import { refusal } from '@rollcall/domain/error';
import pino from 'pino';
import { createReport } from './report.ts';
import { until } from './socket/testing.ts';
import { startSweeps } from './sweeps.ts';

function open() {
  const lines: { readonly msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const report = createReport(log, () => 'http://127.0.0.1');
  return { report, said: (msg: string) => lines.filter((line) => line.msg === msg).length };
}

it('an error stops neither the next time nor anything else, and is logged when it is new', async () => {
  const { report, said } = open();
  let failed = 0;
  let done = 0;
  const fail = async (): Promise<void> => {
    failed += 1;
    throw new Error(failed < 10 ? 'one thing' : 'another');
  };
  const succeed = async (): Promise<void> => {
    done += 1;
  };
  await using _ = startSweeps(
    [
      { everyMs: 5, work: fail },
      { everyMs: 5, work: succeed },
    ],
    report,
  );
  await until('many times', () => failed >= 20 && done >= 20);
  assert.equal(said('internal error'), 2);
});

it('nothing is done twice at once, and an end waits for what is being done', async () => {
  const { report } = open();
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  let ended = 0;
  const sweeps = startSweeps(
    [
      {
        everyMs: 1,
        work: async () => {
          begun += 1;
          await promise;
          ended += 1;
        },
      },
    ],
    report,
  );
  await until('it begins', () => begun > 0);
  setTimeout(resolve, 20);
  await sweeps[Symbol.asyncDispose]();
  assert.deepEqual([begun, ended], [1, 1]);
});

it('a database that is away is logged when it goes and when it is back, however often it is asked meanwhile', async () => {
  const { report, said } = open();
  const away = refusal('unavailable', 'the database cannot be reached');
  for (let time = 0; time < 100; time += 1) {
    report.body(away, undefined, 1);
    report.unexpected(away);
    report.reached();
  }
  assert.deepEqual([said('unavailable'), said('available again')], [1, 0]);
  await until('it is back', () => {
    report.reached();
    return said('available again') > 0;
  });
  report.reached();
  report.unexpected(away);
  assert.deepEqual([said('unavailable'), said('available again')], [2, 1]);
});
