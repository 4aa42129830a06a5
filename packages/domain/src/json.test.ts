import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { character, custom, value } from './arbitrary.test.ts';
import { emptyObject, equalJson, isObject, isStorable, type JsonValue, utf8Length } from './json.ts';

/** What JSON makes of a value: `-0` is `0`, and no prototype is left. */
const written = (json: JsonValue): JsonValue => JSON.parse(JSON.stringify(json));

test('two values are the same exactly when their JSON says the same', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(equalJson(a, b), isDeepStrictEqual(written(a), written(b)));
      assert.equal(equalJson(a, b), equalJson(b, a));
    }),
    { numRuns: 500 },
  );
});

test('a value is the same as its copy, and no longer once anything in it is changed', () => {
  fc.assert(
    fc.property(custom, fc.array(value, { minLength: 1 }), (fields, list) => {
      assert.ok(equalJson(fields, written(fields)));
      assert.ok(equalJson(Object.fromEntries(Object.entries(fields).reverse()), fields));
      assert.ok(!equalJson(list, list.slice(1)));
      assert.ok(!equalJson({ ...fields, added: 1 }, fields));
      assert.ok(!equalJson({ ...fields, added: null }, fields));
    }),
  );
});

test('values of different kinds are never the same', () => {
  const different: readonly JsonValue[] = [null, false, true, 0, 1, '', '0', '1', [], {}, [[]], [{}], [0], { 0: 0 }];
  for (const [x, a] of different.entries()) {
    for (const [y, b] of different.entries()) assert.equal(equalJson(a, b), x === y, JSON.stringify([a, b]));
  }
  assert.ok(equalJson(-0, 0));
  assert.ok(equalJson([-0], [0]));
});

test('an inherited name is not a field', () => {
  assert.ok(!equalJson({ toString: 1 }, { other: 1 }));
  assert.ok(!equalJson(JSON.parse('{"__proto__":{}}'), { other: {} }));
  assert.ok(equalJson(JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')));
  assert.ok(!equalJson(JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}')));
  assert.equal(Object.getPrototypeOf(emptyObject()), null);
  assert.ok(equalJson(Object.assign(emptyObject(), { a: 1 }), { a: 1 }));
});

test('the length of a text is the one its bytes have on the wire', () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), (drawn) => {
      assert.equal(utf8Length(drawn), Buffer.byteLength(drawn));
      assert.equal(utf8Length(drawn), new TextEncoder().encode(drawn).length);
    }),
    { numRuns: 500 },
  );
  for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
    const one = String.fromCodePoint(point);
    assert.equal(utf8Length(one), Buffer.byteLength(one), point.toString(16));
  }
});

test('text can be stored when it is Unicode without NUL', () => {
  for (const good of ['', 'a', '\u{1f600}', '\u0001', '\uffff', '\ufffd']) assert.ok(isStorable(good));
  for (const bad of ['\0', 'a\0', '\ud800', '\udc00', '\ude00\ud83d', 'a\ud83d']) assert.ok(!isStorable(bad));
});

test('an object is neither null nor a list', () => {
  assert.deepEqual([{}, emptyObject(), null, [], '', 1, undefined].map(isObject), [
    true,
    true,
    ...Array(5).fill(false),
  ]);
});
