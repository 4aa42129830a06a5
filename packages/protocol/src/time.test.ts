import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTime, writeTime } from './time.ts';

const good: readonly (readonly [text: string, time: string])[] = [
  ['2024-02-29T12:34:56Z', '2024-02-29T12:34:56.000Z'],
  ['2024-02-29t12:34:56z', '2024-02-29T12:34:56.000Z'],
  ['2024-02-29 12:34:56Z', '2024-02-29T12:34:56.000Z'],
  ['2024-01-01T00:00:00.5Z', '2024-01-01T00:00:00.500Z'],
  ['2024-01-01T00:00:00.05Z', '2024-01-01T00:00:00.050Z'],
  ['2024-01-01T00:00:00.123456789Z', '2024-01-01T00:00:00.123Z'],
  ['2024-01-01T00:00:00.999999999999999999Z', '2024-01-01T00:00:00.999Z'],
  ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999Z'],
  ['2024-01-01T01:30:00+02:00', '2023-12-31T23:30:00.000Z'],
  ['2023-12-31T20:30:00-05:30', '2024-01-01T02:00:00.000Z'],
  ['2024-01-01T00:00:00+00:00', '2024-01-01T00:00:00.000Z'],
  ['2024-01-01T00:00:00-00:00', '2024-01-01T00:00:00.000Z'],
  ['2024-01-01T00:00:00+14:00', '2023-12-31T10:00:00.000Z'],
  ['2024-01-01T00:00:00-23:59', '2024-01-01T23:59:00.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ['0099-12-31T23:59:59Z', '0099-12-31T23:59:59.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
];

test('a time is read with any offset and precision, and cut to milliseconds', () => {
  for (const [text, time] of good) {
    const instant = parseTime(text);
    assert.ok(instant !== undefined, text);
    assert.equal(writeTime(instant), time, text);
  }
});

const bad = [
  ...['', 'now', '2024-01-01', '2024-01-01T00:00Z', '2024-01-01T00:00:00', '1700000000', '2024-01-01T00:00:00.Z'],
  ...['2023-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2024-02-30T00:00:00Z', '2024-04-31T00:00:00Z'],
  ...['2024-00-01T00:00:00Z', '2024-13-01T00:00:00Z', '2024-01-00T00:00:00Z', '2024-01-32T00:00:00Z'],
  ...[
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:61Z',
    '2016-12-31T23:59:60Z',
  ],
  ...['2024-01-01T00:00:00+0200', '2024-01-01T00:00:00+02', '2024-01-01T00:00:00 Z', '24-01-01T00:00:00Z'],
  ...[
    '+002024-01-01T00:00:00Z',
    '-0001-01-01T00:00:00Z',
    '2024-1-1T00:00:00Z',
    '2024-01-01T00:00:00Z\n',
    ' 2024-01-01T00:00:00Z',
  ],
  ...['٢٠٢٤-01-01T00:00:00Z', '2024-01-01T00:00:00,5Z'],
];

test('what is no time, or no real day, is not read; nor is a leap second, which no clock here has', () => {
  for (const text of bad) assert.equal(parseTime(text), undefined, text);
});

test('an offset has at most 23 hours and 59 minutes', () => {
  for (const offset of ['+24:00', '-24:00', '+00:60', '-99:99']) {
    assert.equal(parseTime(`2024-01-01T00:00:00${offset}`), undefined, offset);
  }
});

test('a time that its offset moves out of the four-digit years is not read: it could not be written', () => {
  for (const text of ['0000-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01', '9999-12-31T23:59:59.999-23:59']) {
    assert.equal(parseTime(text), undefined, text);
  }
});

const year0 = Date.UTC(2000, 0, 1) - 2000 * 365.2425 * 86_400_000;
const anyInstant = fc.integer({ min: year0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });

test('what is written is read back, whatever its offset', () => {
  const offset = fc.tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59));
  const digits = fc.nat(999_999).map((fraction) => String(fraction).padStart(6, '0'));
  fc.assert(
    fc.property(anyInstant, offset, digits, (instant, [sign, hours, minutes], more) => {
      const written = writeTime(instant);
      assert.equal(parseTime(written), instant);
      assert.equal(parseTime(written.replace('Z', `${more}Z`)), instant);
      const clock = `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
      const moved = parseTime(written.replace('Z', `${sign}${clock}`));
      const expected = instant - (hours * 60 + minutes) * 60_000 * (sign === '-' ? -1 : 1);
      if (expected >= year0 && new Date(expected).getUTCFullYear() <= 9999) assert.equal(moved, expected);
      else assert.equal(moved, undefined);
    }),
    { numRuns: 500 },
  );
});

test('any four-digit year, month and day is read as the calendar has it', () => {
  const part = (max: number) => fc.nat(max).map((number) => String(number).padStart(2, '0'));
  fc.assert(
    fc.property(fc.nat(9999), part(13), part(32), part(24), part(60), (year, month, day, hour, minute) => {
      const text = `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:00.000Z`;
      const date = new Date(text);
      // JavaScript rolls 30 February over and knows 24:00; a time on the wire does neither.
      const real = !Number.isNaN(date.getTime()) && date.toISOString() === text;
      assert.equal(parseTime(text), real ? date.getTime() : undefined, text);
    }),
    { numRuns: 1000 },
  );
});

test('many times are written as each alone', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anyInstant, fc.constantFrom(0, 1))), (instants) => {
      for (const instant of instants) assert.equal(writeTime(instant), new Date(instant).toISOString());
    }),
  );
});
