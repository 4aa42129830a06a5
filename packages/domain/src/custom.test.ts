import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { custom, customKey, text, value } from './arbitrary.test.ts';
import {
  CUSTOM_BYTES,
  customBytes,
  faultOfCustomKey,
  faultOfValue,
  isTooBig,
  NESTING,
  READ_ONLY,
  RESERVED,
  shownKey,
  WRITABLE,
} from './custom.ts';
import type { JsonObject, JsonValue } from './json.ts';

const BUILT_IN = ['id', ...RESERVED, ...READ_ONLY, ...WRITABLE];

/** The names that wire.md, section 2, gives a meaning. */
const TABLE = `id role name image teams teams_role language invisible privacy_settings revoke_tokens_issued_before
online last_active banned ban_expires shadow_banned mutes channel_mutes blocked_user_ids devices created_at updated_at
deactivated_at deleted_at total_unread_count unread_channels unread_count unread_threads unread_thread_messages
channel_unread_count channel_last_read_at total_unread_count_by_team latest_hidden_channels roles avg_response_time
bypass_moderation push_notifications push_preferences app_pk pk user_pk extra_data custom`;

/** Lists and objects around a value, in turns. */
function nest(levels: number): JsonValue {
  let nested: JsonValue = 'x';
  for (let level = 0; level < levels; level++) nested = level % 2 === 0 ? { inner: nested } : [nested];
  return nested;
}

test('the names with a meaning are those of the contract', () => {
  assert.deepEqual(BUILT_IN.toSorted(), TABLE.split(/\s+/).toSorted());
});

test('no field of an app can be taken for a built-in by a reader that ignores case', () => {
  for (const name of BUILT_IN) {
    const variants = [
      name.toUpperCase(),
      name.charAt(0).toUpperCase() + name.slice(1),
      name.slice(0, -1) + name.slice(-1).toUpperCase(),
      name.replaceAll('k', '\u212a'),
      name.replaceAll('s', '\u017f'),
    ].filter((variant) => variant !== name);
    assert.ok(variants.length >= 3, name);
    for (const variant of variants) {
      assert.equal(faultOfCustomKey(variant), 'differs from a built-in field only by case', variant);
    }
  }
});

test('a name that only looks like a built-in is free', () => {
  const free = ['names', 'Nam', 'my_name', 'ID2', 'ıd', 'İd', 'nаme', 'créated_at', 'Favorite', 'PKs', 'name ', 'ＩＤ'];
  for (const name of free) assert.equal(faultOfCustomKey(name), undefined, name);
});

test('a key has 1 to 255 characters', () => {
  for (const key of ['k', 'k'.repeat(255), '🦜'.repeat(255), ' ', '$where', 'a.b', 'toString', 'hasOwnProperty']) {
    assert.equal(faultOfCustomKey(key), undefined, key);
    assert.equal(faultOfValue({ [key]: 1 }, ''), undefined, key);
  }
  for (const key of ['', 'k'.repeat(256), '🦜'.repeat(256), 'k'.repeat(100_000)]) {
    assert.match(faultOfCustomKey(key) ?? '', /is not a valid key/);
    assert.match(faultOfValue([{ [key]: 1 }], '')?.message ?? '', /is not a valid key/);
  }
});

test('keys that mean something to JavaScript are refused at any depth', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    assert.equal(faultOfCustomKey(key), 'is a forbidden key');
    const inner = JSON.parse(`{"list":[{"${key}":1}]}`);
    assert.deepEqual(faultOfValue(inner, 'a'), { path: `a.list.0.${key}`, message: 'is a forbidden key' });
  }
});

test('text and keys that no database can hold are refused at any depth, the exact place named', () => {
  for (const bad of ['\0', 'a\ud800', '\udfffb']) {
    assert.match(faultOfCustomKey(bad) ?? '', /lone surrogate or a NUL/);
    assert.equal(faultOfValue({ a: [0, { b: bad }] }, 'x')?.path, 'x.a.1.b');
    assert.match(faultOfValue({ a: { [bad]: 1 } }, 'x')?.message ?? '', /lone surrogate or a NUL/);
    assert.ok(shownKey(bad).isWellFormed() && !shownKey(bad).includes('\0'));
  }
  assert.equal(faultOfValue('\u{1f600}', ''), undefined);
});

test('a number that is not finite is refused at any depth', () => {
  for (const bad of [JSON.parse('1e400'), JSON.parse('-1e400'), Number.NaN]) {
    assert.deepEqual(faultOfValue([[bad]], 'x'), { path: 'x.0.0', message: 'is not a finite number' });
  }
  for (const good of [1.7976931348623157e308, 5e-324, -0, 2 ** 60]) assert.equal(faultOfValue(good, ''), undefined);
});

test('objects and lists lie in one another 20 deep, the user not counted', () => {
  assert.equal(NESTING, 20);
  assert.equal(faultOfValue(nest(20), ''), undefined);
  assert.match(faultOfValue(nest(21), '')?.message ?? '', /nested more than 20 levels deep/);
  assert.equal(faultOfValue(nest(5), '', 15), undefined);
  assert.match(faultOfValue(nest(6), '', 15)?.message ?? '', /nested more than 20 levels deep/);
  assert.match(faultOfValue(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)), '')?.message ?? '', /nested/);
});

test('what JSON can say and the rules allow is never refused', () => {
  fc.assert(fc.property(customKey, value, (key, one) => assert.equal(faultOfValue({ [key]: one }, ''), undefined)));
});

test('custom data is as big as its compact JSON with name and image', () => {
  const optional = fc.option(text, { nil: undefined });
  fc.assert(
    fc.property(custom, optional, optional, (fields, name, image) => {
      const whole = JSON.stringify({ ...fields, name, image });
      assert.equal(customBytes(JSON.stringify(fields), name, image), Buffer.byteLength(whole), whole);
    }),
    { numRuns: 500 },
  );
});

/** Custom data of exactly so many bytes, written with characters of one kind. */
function ofBytes(bytes: number, unit: string, name: string | undefined, image: string | undefined): JsonObject {
  const rest = bytes - Buffer.byteLength(JSON.stringify({ t: '', name, image }));
  const each = Buffer.byteLength(JSON.stringify(unit)) - 2;
  return { t: unit.repeat(Math.floor(rest / each)) + 'x'.repeat(rest % each) };
}

test('5,120 bytes of custom data fit, name and image included, and not one more', () => {
  assert.equal(CUSTOM_BYTES, 5120);
  const named = [undefined, '', 'Ann', '\u{1f600}"\\', 'é'.repeat(1500)];
  for (const unit of ['x', 'é', '中', '\u{1f600}', '"', '\u0001']) {
    for (const name of named) {
      for (const image of [undefined, 'i'.repeat(99)]) {
        const fits = JSON.stringify(ofBytes(CUSTOM_BYTES, unit, name, image));
        const over = JSON.stringify(ofBytes(CUSTOM_BYTES + 1, unit, name, image));
        assert.equal(customBytes(fits, name, image), CUSTOM_BYTES);
        assert.ok(!isTooBig(fits, name, image), `${unit} ${name} ${image}`);
        assert.ok(isTooBig(over, name, image), `${unit} ${name} ${image}`);
      }
    }
  }
});

test('a name alone may be too big', () => {
  const room = CUSTOM_BYTES - '{"name":""}'.length;
  for (const [unit, bytes] of [
    ['x', 1],
    ['中', 3],
    ['\u0001', 6],
  ] as const) {
    const longest = unit.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes);
    assert.ok(!isTooBig('{}', longest, undefined));
    assert.ok(isTooBig('{}', `${longest}x`, undefined));
    assert.ok(isTooBig('{}', longest, ''));
  }
});

test('what is short for sure is judged as what is counted', () => {
  const size = fc.nat(2000);
  const unit = fc.constantFrom('x', '中', '\u0001', '\u{1f600}', '"');
  fc.assert(
    fc.property(size, unit, size, unit, size, unit, (a, x, b, y, c, z) => {
      const parts = [JSON.stringify({ t: x.repeat(a) }), y.repeat(b), z.repeat(c)] as const;
      assert.equal(isTooBig(...parts), customBytes(...parts) > CUSTOM_BYTES);
    }),
  );
});

test('a hostile key is shown short', () => {
  assert.equal(shownKey('k'.repeat(64)), 'k'.repeat(64));
  assert.equal(shownKey('k'.repeat(65)), `${'k'.repeat(64)}…`);
  assert.ok(shownKey(`${'k'.repeat(63)}\u{1f600}`).isWellFormed());
});
