import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepted, read, upsert } from '../concurrency/backend.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { until } from '../support/wait.ts';
import { type Program, START, startProgram } from './process.ts';

const again = ({ database, apiKey, secret }: RunningServer) => ({ database, apiKey, secret });

describe('a database file has one server at a time', () => {
  it('a second one is refused with a clear error, and the first goes on', async () => {
    await using first = await startServer();
    const settings = { ROLLCALL_DATABASE: first.database, ROLLCALL_PORT: '0' };
    await using second = startProgram(process.execPath, START, settings);
    assert.equal(await second.ended(), 1);
    assert.equal(second.stdout(), '');
    const file = first.database.slice('sqlite:'.length);
    assert.match(second.stderr(), /^Rollcall cannot start: .* is in use by another Rollcall server/);
    assert.ok(second.stderr().includes(file), 'the error names the file');
    assert.ok(!second.stderr().includes('    at '), 'and is no stack trace');
    accepted(await upsert(first, [{ id: 'still-here' }]));
  });

  it('after SIGKILL the next one starts at once, and so does the one after a graceful stop', async () => {
    await using first = await startServer();
    accepted(await upsert(first, [{ id: 'survivor' }]));
    await first.kill();
    await using third = await startServer(again(first));
    assert.equal((await read(third, ['survivor'])).size, 1);
    assert.equal(await third.stop(), 0);
    await using fourth = await startServer(again(first));
    assert.equal((await read(fourth, ['survivor'])).size, 1);
  });

  it('of five that start at the same moment one gets it', async () => {
    await using first = await startServer();
    await first.stop();
    const settings = { ROLLCALL_DATABASE: first.database, ROLLCALL_PORT: '0' };
    const starts = Array.from({ length: 5 }, () => startProgram(process.execPath, START, settings));
    await using all = new AsyncDisposableStack();
    for (const start of starts) all.use(start);
    const alive = (): readonly Program[] => starts.filter(({ child }) => child.exitCode === null);
    const said = () => ({ alive: alive().length, ready: starts.filter((start) => start.stdout() !== '').length });
    await until('four have given up, and one is ready', said, (seen) => seen.alive === 1 && seen.ready === 1, 15_000);
    const [winner] = alive();
    for (const start of starts) if (start !== winner) assert.match(start.stderr(), /in use by another Rollcall server/);
  });
});
