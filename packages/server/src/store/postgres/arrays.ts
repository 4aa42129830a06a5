/** What PostgreSQL numbers the types of elements by. */
const BOOL = 16;
const INT8 = 20;
const TEXT = 25;

const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;
const UTF8_BYTES = 3;
const WORD = 2 ** 32;

/** Begins an array of one dimension, as PostgreSQL sends and takes it in binary: no text to escape, none to parse. */
function begin(element: number, count: number, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEAD_BYTES + bytes);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(1, 4); // some may be null
  array.writeInt32BE(element, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16); // the index of the first
  return array;
}

/** A `text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += LENGTH_BYTES + (value === null ? 0 : value.length * UTF8_BYTES);
  const array = begin(TEXT, values.length, bytes);
  let at = HEAD_BYTES;
  for (const value of values) {
    const length = value === null ? -1 : array.write(value, at + LENGTH_BYTES);
    array.writeInt32BE(length, at);
    at += LENGTH_BYTES + Math.max(length, 0);
  }
  return array.subarray(0, at);
}

/** A `bigint[]`, of integers that a double holds exactly. */
export function int8Array(values: readonly (number | null)[]): Buffer {
  const array = begin(INT8, values.length, values.length * (LENGTH_BYTES + 8));
  let at = HEAD_BYTES;
  for (const value of values) {
    array.writeInt32BE(value === null ? -1 : 8, at);
    at += LENGTH_BYTES;
    if (value === null) continue;
    array.writeInt32BE(Math.floor(value / WORD), at);
    array.writeUInt32BE(value >>> 0, at + 4);
    at += 8;
  }
  return array.subarray(0, at);
}

/** A `boolean[]`. */
export function boolArray(values: readonly boolean[]): Buffer {
  const array = begin(BOOL, values.length, values.length * (LENGTH_BYTES + 1));
  let at = HEAD_BYTES;
  for (const value of values) {
    array.writeInt32BE(1, at);
    array[at + LENGTH_BYTES] = value ? 1 : 0;
    at += LENGTH_BYTES + 1;
  }
  return array;
}
