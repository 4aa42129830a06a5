import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readAddress } from './address.ts';
import { boolArray, int8Array, textArray } from './arrays.ts';
import { Connection, call } from './connection.ts';
import { startPostgres, type TestPostgres } from './testing.ts';

let postgres: TestPostgres;
let connection: Connection;
before(async () => {
  postgres = await startPostgres({ fast: true });
  connection = await Connection.open(readAddress(await postgres.url()), 5000, {});
});
after(async () => {
  await connection.end();
  await postgres[Symbol.asyncDispose]();
});

/** What PostgreSQL makes of an array: its elements, each as text. */
async function elements(type: string, array: Buffer): Promise<readonly (string | null | undefined)[]> {
  const text = `SELECT x FROM unnest($1::${type}[]) WITH ORDINALITY AS t (x, at) ORDER BY at`;
  return (await connection.ask(call({ text }, array), performance.now() + 5000)).map(([x]) => x);
}

const text = fc.string({ unit: 'grapheme' }).filter((some) => !some.includes('\0'));

describe('arrays in binary', () => {
  it('hold any text, in any script, whatever it means to a database', async () => {
    const hostile = ['', 'NULL', '{}', '"', '\\', "'", ',', '\u0001', '😀', 'ł', '\u200e', 'a\nb'];
    assert.deepEqual(await elements('text', textArray(hostile)), hostile);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text)), async (texts) => {
        assert.deepEqual(await elements('text', textArray(texts)), texts);
      }),
    );
  });

  it('hold every integer that a number holds', async () => {
    const edges = [
      0,
      -1,
      1,
      2 ** 32,
      -(2 ** 32),
      2 ** 31,
      2 ** 32 - 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ];
    assert.deepEqual(await elements('bigint', int8Array(edges)), edges.map(String));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.maxSafeInteger())), async (numbers) => {
        const expected = numbers.map((number) => (number === null ? null : String(number)));
        assert.deepEqual(await elements('bigint', int8Array(numbers)), expected);
      }),
    );
  });

  it('hold what is true and what is not', async () => {
    assert.deepEqual(await elements('boolean', boolArray([true, false, true])), ['t', 'f', 't']);
    assert.deepEqual(await elements('boolean', boolArray([])), []);
  });
});
