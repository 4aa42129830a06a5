import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { character, text } from './arbitrary.test.ts';
import { compareText, compareValues } from './scalar.ts';

const anyText = fc.oneof(
  text,
  fc.string({ unit: character }),
  fc.string({ unit: fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}') }),
);

/** Code points, compared one after another. */
function compareCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)].map((points) => points.map((point) => point.codePointAt(0) ?? 0));
  const at = (x ?? []).findIndex((point, place) => point !== y?.[place]);
  if (at < 0) return (x?.length ?? 0) - (y?.length ?? 0);
  return (x?.[at] ?? 0) - (y?.[at] ?? -1);
}

test('texts are ordered by code point, and so by their bytes', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (start, a, b) => {
      for (const [x, y] of [
        [a, b],
        [start + a, start + b],
        [start, start + a],
      ] as const) {
        const order = Math.sign(compareText(x, y));
        assert.equal(order, Math.sign(compareCodePoints(x, y)));
        assert.equal(order, Buffer.compare(Buffer.from(x), Buffer.from(y)));
        assert.equal(order + Math.sign(compareText(y, x)), 0);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(compareText('\uffff', '\u{10000}') < 0);
  assert.equal(compareText('', ''), 0);
});

test('numbers are ordered as numbers, however big, and texts of digits as texts', () => {
  assert.ok(compareText('10', '9') < 0);
  assert.ok(compareValues(10, 9) > 0);
  assert.ok(compareValues(-1.7e308, 1.7e308) < 0);
  assert.ok(compareValues(5e-324, 0) > 0);
  assert.equal(compareValues(-0, 0), 0);
});
