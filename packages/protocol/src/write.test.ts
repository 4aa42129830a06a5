import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someone } from '@rollcall/domain/arbitrary.test';
import { isObject, type JsonObject } from '@rollcall/domain/json';
import { parseCustom, type User } from '@rollcall/domain/user';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import { reader, seen, user, users } from './arbitrary.test.ts';
import { writeConnectionError, writeHealthCheck, writeHello, writeUserUpdated } from './frame.ts';
import { PageAnswer, UserAnswer, UsersAnswer } from './schema.ts';
import { type Reader, type Seen, writeMe, writePage, writeUser, writeUserMap } from './write.ts';

const ABSENT: Seen = { online: false, lastActive: undefined };

/** A user as a reader reads it. */
function read(one: User, how: Seen, who: Reader): JsonObject {
  const json: unknown = JSON.parse(writeUser(one, how, who));
  assert.ok(isObject(json));
  return json;
}

test('every user is written as a valid answer, to every reader', () => {
  fc.assert(
    fc.property(user, seen, reader, (one, how, who) => {
      const json = read(one, how, who);
      assert.deepEqual([json.id, json.role, json.name, json.image], [one.id, one.role, one.name, one.image]);
      for (const [key, value] of Object.entries(parseCustom(one))) assert.deepEqual(json[key], value, key);
      assert.ok(Check(UserAnswer, json), JSON.stringify(json));
    }),
    { numRuns: 200 },
  );
});

test('no field is written twice', () => {
  fc.assert(
    fc.property(user, seen, (one, how) => {
      const text = writeUser(one, how, 'server');
      // Written again from its parsed form it is as long: a repeated key would be lost.
      assert.equal(JSON.stringify(JSON.parse(text)).length, text.length);
    }),
  );
});

const ALWAYS = 'id role teams language banned online created_at updated_at blocked_user_ids'.split(' ');

test('a user that nothing was said of has its nine fields, and no other', () => {
  for (const who of ['server', 'self', 'other'] as const) {
    assert.deepEqual(Object.keys(read(someone('ann'), ABSENT, who)).toSorted(), ALWAYS.toSorted());
  }
});

test('others read neither what is private nor that there is something', () => {
  fc.assert(
    fc.property(user, seen, (one, how) => {
      const hidden: User = {
        ...one,
        privacySettings: { read_receipts: { enabled: false } },
        revokeTokensIssuedBefore: 5,
      };
      const other = read(hidden, how, 'other');
      for (const field of ['invisible', 'privacy_settings', 'revoke_tokens_issued_before']) {
        assert.ok(!Object.hasOwn(other, field), field);
      }
      assert.deepEqual(Object.hasOwn(read(hidden, how, 'self'), 'revoke_tokens_issued_before'), false);
      assert.equal(read(hidden, how, 'server').revoke_tokens_issued_before, '1970-01-01T00:00:00.005Z');
      assert.equal(read(hidden, how, 'self').invisible ?? false, one.invisible);
      assert.deepEqual(read(hidden, how, 'self').privacy_settings, hidden.privacySettings);
    }),
  );
});

test('an invisible user is offline to others, and online to itself and the server', () => {
  const here: Seen = { online: true, lastActive: 5 };
  for (const invisible of [true, false]) {
    const one = someone('ann', { invisible });
    const online = (['other', 'self', 'server'] as const).map((who) => read(one, here, who).online);
    assert.deepEqual(online, [!invisible, true, true]);
    assert.equal(read(one, ABSENT, 'server').online, false);
  }
});

test('others read the same, whatever the private fields say', () => {
  fc.assert(
    fc.property(user, (one) => {
      const open: User = { ...one, invisible: false, privacySettings: undefined, revokeTokensIssuedBefore: undefined };
      const closed: User = { ...open, privacySettings: { typing_indicators: { enabled: true } }, invisible: true };
      assert.equal(writeUser(closed, ABSENT, 'other'), writeUser(open, ABSENT, 'other'));
    }),
  );
});

test('custom data comes first, built-in fields after', () => {
  const one = someone('ann', { custom: '{"color":"red","z":1}', name: 'Ann' });
  assert.deepEqual(Object.keys(read(one, ABSENT, 'other')).slice(0, 4), ['color', 'z', 'name', 'id']);
});

test('times are told when there are any', () => {
  const one = someone('ann', { deactivatedAt: 2000 });
  const json = read(one, { online: false, lastActive: 1500 }, 'other');
  assert.equal(json.last_active, '1970-01-01T00:00:01.500Z');
  assert.equal(json.deactivated_at, '1970-01-01T00:00:02.000Z');
});

test('a user who connects reads itself, with lists and counts of what is not served', () => {
  fc.assert(
    fc.property(user, seen, (one, how) => {
      const { roles, devices, mutes, channel_mutes, ...rest } = JSON.parse(writeMe(one, how));
      assert.deepEqual([roles, devices, mutes, channel_mutes], [[], [], [], []]);
      const counts = { unread_count: 0, total_unread_count: 0, unread_channels: 0, unread_threads: 0 };
      assert.deepEqual(rest, { ...read(one, how, 'self'), ...counts });
    }),
  );
});

test('users are written by id in their order, and as a page with what comes next', () => {
  fc.assert(
    fc.property(users, fc.option(fc.base64String(), { nil: undefined }), (all, next) => {
      const write = (one: User): string => writeUser(one, ABSENT, 'server');
      const list = [...all.values()];
      const map = JSON.parse(writeUserMap(list, write));
      assert.deepEqual(Object.keys(map.users), [...all.keys()]);
      assert.ok(Check(UsersAnswer, { ...map, duration: '1.00ms' }));
      const page = JSON.parse(writePage(list, next, write));
      assert.ok(Check(PageAnswer, { ...page, duration: '1.00ms' }));
      assert.deepEqual(page.users, Object.values(map.users));
      assert.equal(page.next, next);
      assert.equal(Object.hasOwn(page, 'next'), next !== undefined);
    }),
  );
  assert.deepEqual(JSON.parse(writePage([], undefined, () => '')), { users: [] });
});

test('every frame is JSON with a type and a time', () => {
  fc.assert(
    fc.property(user, fc.uuid(), fc.array(fc.string()), (one, id, changed) => {
      const created_at = '1970-01-01T00:00:00.007Z';
      const json = writeUser(one, ABSENT, 'self');
      const health = { type: 'health.check', connection_id: id, cid: '*', created_at };
      assert.deepEqual(JSON.parse(writeHealthCheck(id, 7)), health);
      assert.deepEqual(JSON.parse(writeHello(id, json, 7)), { ...health, me: JSON.parse(json) });
      const updated = { type: 'user.updated', created_at, user: JSON.parse(json), changed };
      assert.deepEqual(JSON.parse(writeUserUpdated(json, changed, 7)), updated);
      const failed = { type: 'connection.error', connection_id: '', created_at, error: { code: 4 } };
      assert.deepEqual(JSON.parse(writeConnectionError('{"code":4}', 7)), failed);
      assert.deepEqual(JSON.parse(writeConnectionError('{"code":4}', 7, id)), { ...failed, connection_id: id });
    }),
  );
});
