import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReader } from './frames.ts';

const frame = (text: string): Buffer => {
  const { length } = Buffer.from(text);
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.from(text)]);
};

test('frames are found wherever the bytes are cut', () => {
  const short = ['', 'short', 'ü'.repeat(100), 'x'.repeat(125), 'last'];
  const long = [...short, 'long '.repeat(20_000), 'after it'];
  for (const size of [1, 2, 3, 7, 1000, 4096, 200_000]) {
    const texts = size < 1000 ? short : long;
    const bytes = Buffer.concat(texts.map(frame));
    const heard: string[] = [];
    const reader = new FrameReader((chunk, start, end) => heard.push(chunk.toString('utf8', start, end)));
    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size), undefined);
    assert.deepEqual(heard, texts, `in pieces of ${size}`);
  }
});
