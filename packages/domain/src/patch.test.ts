import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changes as allChanges, custom, path, value } from './arbitrary.test.ts';
import { READ_ONLY, RESERVED, WRITABLE } from './custom.ts';
import { equalJson, isObject, type JsonObject, type JsonValue } from './json.ts';
import { applyChanges, type CustomChange, faultOfPath, faultOfSet, overlaps } from './patch.ts';

const levels = (count: number): string[] => Array.from({ length: count }, () => 'a');

const bad: readonly (readonly [path: readonly string[], fault: RegExp])[] = [
  [['id'], /^is the id of the user/],
  [['id', 'x'], /^is the id of the user/],
  [['custom', 'a'], /^is a reserved field$/],
  [['online'], /^is a read-only field$/],
  [['devices', 'a'], /^is a read-only field$/],
  [['privacy_settings', 'read_receipts'], /^goes into a built-in field/],
  [['name', 'first'], /^goes into a built-in field/],
  [[''], /^has an empty segment$/],
  [['a', '', 'b'], /^has an empty segment$/],
  [['a', ''], /^has an empty segment$/],
  [levels(21), /^is more than 20 levels deep$/],
  [['a b'], /^has a segment that no path can reach$/],
  [['a', '\t'], /^has a segment that no path can reach$/],
  [['a', '$b'], /^has a segment that no path can reach$/],
  [['\u00a0'], /^has a segment that no path can reach$/],
  [['Role'], /^differs from a built-in field only by case$/],
  [['Role', 'x'], /^differs from a built-in field only by case$/],
  [['__proto__'], /^is a forbidden key$/],
  [['a', '__proto__', 'b'], /^is a forbidden key$/],
  [['a', 'constructor'], /^is a forbidden key$/],
  [['a', 'k'.repeat(256)], /^is not a valid key/],
  [['a', '\ud800'], /lone surrogate or a NUL/],
];

test('a path that leads nowhere says why', () => {
  for (const [segments, fault] of bad) assert.match(faultOfPath(segments) ?? 'no fault', fault, segments.join('.'));
  for (const field of [...RESERVED, ...READ_ONLY]) assert.match(faultOfPath([field]) ?? '', /reserved|read-only/);
});

test('a path into custom data is good, and so is a built-in field as a whole', () => {
  const good = [
    ['color'],
    ['a', 'id'],
    ['a', 'name'],
    ['a', 'Role'],
    ['a', 'b$'],
    levels(20),
    ['k'.repeat(255)],
    ['toString', '0'],
  ];
  for (const segments of [...good, ...[...WRITABLE].map((field) => [field])]) {
    assert.equal(faultOfPath(segments), undefined, segments.join('.'));
  }
});

test('what is set lies at most 20 deep, the path counted', () => {
  assert.equal(faultOfSet(levels(20), 1), undefined);
  assert.equal(faultOfSet(levels(20), [1]), undefined);
  assert.match(faultOfSet(levels(20), [[1]]) ?? '', /nested more than 20/);
  assert.equal(faultOfSet(['a'], JSON.parse('['.repeat(20) + ']'.repeat(20))), undefined);
  assert.match(faultOfSet(['a'], JSON.parse('['.repeat(21) + ']'.repeat(21))) ?? '', /nested more than 20/);
});

/** Overlap as section 4 says it: equal, or one inside the other. */
const isInside = (inner: string, outer: string): boolean => inner.startsWith(`${outer}.`);

function naiveOverlaps(set: readonly string[], unset: readonly string[]): boolean {
  const inSet = set.some((one) => set.some((other) => isInside(one, other)));
  return (
    inSet || set.some((one) => unset.some((other) => one === other || isInside(one, other) || isInside(other, one)))
  );
}

test('overlaps are found whenever comparing every path with every other finds one', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 6 }), fc.array(path, { maxLength: 6 }), (set, unset) => {
      const found = overlaps(set, unset);
      assert.equal(found.set.length + found.unset.length > 0, naiveOverlaps(set, unset));
      const inner = set.filter((one) => set.some((other) => isInside(one, other)));
      for (const one of inner) assert.ok(found.set.includes(one), one);
    }),
    { numRuns: 500 },
  );
});

test('a path overlaps with its own beginning, not with a name that begins alike', () => {
  assert.deepEqual(overlaps(['a', 'a.b'], []), { set: ['a.b'], unset: [] });
  assert.deepEqual(overlaps(['a.b'], ['a']), { set: ['a.b'], unset: [] });
  assert.deepEqual(overlaps(['a'], ['a.b.c']), { set: [], unset: ['a.b.c'] });
  assert.deepEqual(overlaps(['a'], ['a']), { set: ['a'], unset: ['a'] });
  assert.deepEqual(overlaps(['a', 'ab', 'b.a'], ['abc', 'b.ab', 'c', 'c.d', 'c']), { set: [], unset: [] });
});

/** A copy in which no part is shared. */
const copy = (json: JsonValue): JsonValue => JSON.parse(JSON.stringify(json));

/** Changes one after another, each on a copy of everything: section 4 read literally. */
function naiveApply(fields: JsonObject, changes: readonly CustomChange[]): JsonValue | undefined {
  const root = copy(fields) as Record<string, JsonValue>; // it was an object
  for (const { path: segments, value: given } of changes) {
    let inner = root;
    const names = [...segments];
    const last = names.pop() ?? '';
    for (const name of names) {
      if (!Object.hasOwn(inner, name)) {
        if (given === undefined) break;
        inner[name] = {};
      }
      const next = inner[name];
      if (!isObject(next)) return undefined;
      inner = next as Record<string, JsonValue>;
    }
    if (given !== undefined) inner[last] = copy(given);
    else if (names.every((_, at) => has(root, names.slice(0, at + 1)))) delete inner[last];
  }
  return root;
}

function has(object: JsonObject, names: readonly string[]): boolean {
  let inner: JsonValue | undefined = object;
  for (const name of names) {
    if (!isObject(inner) || !Object.hasOwn(inner, name)) return false;
    inner = inner[name];
  }
  return true;
}

/** Custom data with objects where the drawn paths go. */
const reached = fc
  .tuple(custom, fc.dictionary(fc.constantFrom('city', 'a', 'b'), value))
  .chain(([fields, address]) =>
    fc.constantFrom<JsonObject>(fields, { ...fields, address }, { ...fields, address, a: { b: address, a: 5 } }),
  );

test('changes are made in order, on the way making what objects are missing', () => {
  fc.assert(
    fc.property(reached, allChanges, (fields, changes) => {
      const complaints: string[] = [];
      const after = applyChanges(fields, changes, (change) => complaints.push(change.path.join('.')));
      const expected = naiveApply(fields, changes);
      assert.equal(complaints.length === 0, expected !== undefined);
      if (expected !== undefined) assert.ok(equalJson(after, expected), JSON.stringify({ after, expected }));
    }),
    { numRuns: 500 },
  );
});

test('what was there before is not touched, nor are the values that are set', () => {
  fc.assert(
    fc.property(reached, fc.array(fc.record({ path: path.map((one) => one.split('.')), value })), (fields, changes) => {
      const before = JSON.stringify([fields, changes]);
      applyChanges(fields, changes, () => undefined);
      applyChanges(
        fields,
        [...changes, ...changes.map((change) => ({ ...change, value: undefined }))],
        () => undefined,
      );
      assert.equal(JSON.stringify([fields, changes]), before);
    }),
    { numRuns: 500 },
  );
});

const applied = (fields: JsonObject, ...changes: readonly (readonly [string, JsonValue | undefined])[]): JsonValue =>
  JSON.parse(
    JSON.stringify(
      applyChanges(
        fields,
        changes.map(([place, given]) => ({ path: place.split('.'), value: given })),
        (change, message) => assert.fail(`${change.path.join('.')} ${message}`),
      ),
    ),
  );

test('unset leaves the parent, and is no error where nothing is', () => {
  assert.deepEqual(applied({ test: { passed: true } }, ['test.passed', undefined]), { test: {} });
  assert.deepEqual(applied({ a: 1 }, ['b', undefined], ['c.d.e', undefined], ['toString', undefined]), { a: 1 });
  assert.deepEqual(applied({ a: { b: 1 } }, ['a.x.y', undefined], ['a.toString.y', undefined]), { a: { b: 1 } });
});

test('set makes the objects on the way, replaces an object, and stores null', () => {
  assert.deepEqual(applied({}, ['a.b.c', 1]), { a: { b: { c: 1 } } });
  assert.deepEqual(applied({ a: { x: 1 } }, ['a', { y: 2 }]), { a: { y: 2 } });
  assert.deepEqual(applied({ a: { x: 1 } }, ['a.y', null]), { a: { x: 1, y: null } });
  assert.deepEqual(applied({}, ['toString.valueOf', 1]), { toString: { valueOf: 1 } });
});

test('no path goes through null, text, a number or a list', () => {
  for (const wall of [null, 'text', '', 0, 5, true, false, [], [{ b: 1 }]]) {
    for (const given of [1, undefined]) {
      for (const place of [
        ['a', 'b'],
        ['a', '0'],
        ['o', 'a', 'b', 'c'],
      ]) {
        const complaints: string[] = [];
        const fields = { a: wall, o: { a: wall } };
        const after = applyChanges(fields, [{ path: place, value: given }], (_, message) => complaints.push(message));
        assert.deepEqual(complaints, ['goes through "a", which is not an object']);
        assert.ok(equalJson(after, fields));
      }
    }
  }
});

test('thousands of paths are compared in no time', () => {
  const set = Array.from({ length: 20_000 }, (_, at) => `a.b.c.d.e.k${at}`);
  const unset = Array.from({ length: 20_000 }, (_, at) => `a.b.c.d.e.k${at}.x`);
  const began = performance.now();
  assert.equal(overlaps(set, unset).unset.length, 20_000);
  assert.ok(performance.now() - began < 1000);
});
