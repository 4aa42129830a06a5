import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Encoded } from './encoded.ts';

/** Reads a frame as RFC 6455 says: its first byte, and the text behind the length. */
function readFrame(frame: Buffer): { first: number | undefined; text: string } {
  const short = frame.readUInt8(1);
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
  assert.equal(frame.length, start + length);
  return { first: frame[0], text: frame.toString('utf8', start) };
}

test('a text of any length is one whole, unmasked frame', () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
    for (const character of ['x', 'é', '😀']) {
      const text = character.repeat(length);
      assert.deepEqual(readFrame(new Encoded(text).frame), { first: 0x81, text });
    }
  }
});

test('it is turned into bytes once', () => {
  const encoded = new Encoded('x');
  assert.equal(encoded.frame, encoded.frame);
});
