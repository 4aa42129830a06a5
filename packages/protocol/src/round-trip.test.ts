import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, instant, outcome } from '@rollcall/domain/arbitrary.test';
import { connectUser, patchUsers, upsertUsers } from '@rollcall/domain/change';
import { equalJson, isObject, type JsonObject } from '@rollcall/domain/json';
import { parseCustom, sameUser, type User, type Users } from '@rollcall/domain/user';
import fc from 'fast-check';
import { builtIns, hostile, reparsed, seen, upsertBody, user, userInput, users } from './arbitrary.test.ts';
import { parseDetails, parsePatches, parseProfiles } from './parse.ts';
import { type Seen, writeMe, writeUser, writeUserMap } from './write.ts';

const now = instant;
const only = (one: User): Users => new Map([[one.id, one]]);

test('what the server was answered can be sent back unchanged, and moves nothing', () => {
  fc.assert(
    fc.property(users, seen, now, (all, how, time) => {
      const body = JSON.parse(writeUserMap([...all.values()], (one) => writeUser(one, how, 'server')));
      const decision = upsertUsers(all, parseProfiles(body), at(time));
      assert.deepEqual([decision.write, decision.tell, decision.takes], [[], [], []]);
      assert.deepEqual(decision.reply, [...all.values()]);
    }),
    { numRuns: 200 },
  );
});

test('what a user was answered about itself can be sent back by itself, and moves nothing', () => {
  fc.assert(
    fc.property(user, seen, now, (one, how, time) => {
      const actor = { kind: 'user', id: one.id, role: one.role, teams: one.teams } as const;
      const texts = [writeUser(one, how, 'self'), writeMe(one, how)];
      for (const text of texts) {
        const batch = parseProfiles({ users: { [one.id]: JSON.parse(text) } });
        assert.deepEqual(upsertUsers(only(one), batch, { ...at(time), actor }).write, []);
      }
    }),
  );
});

test('a user who reconnects with what it was answered changes nothing', () => {
  fc.assert(
    fc.property(user, seen, now, (one, how, time) => {
      const batch = parseDetails(one.id, JSON.parse(writeMe(one, how)));
      assert.deepEqual(connectUser(only(one), batch, at(time)).write, []);
    }),
  );
});

const SEEN: Seen = { online: true, lastActive: undefined };

test('what is upserted is answered', () => {
  fc.assert(
    fc.property(upsertBody, now, (body, time) => {
      const { reply } = upsertUsers(new Map(), parseProfiles(body), at(time));
      const answer = JSON.parse(writeUserMap(reply, (one) => writeUser(one, SEEN, 'server')));
      for (const [id, said] of Object.entries(body.users)) {
        assert.ok(isObject(said));
        for (const [key, value] of Object.entries(said)) {
          if (value === null) continue;
          const answered = answer.users[id][key];
          if (value === false) assert.ok(answered === undefined || answered === false, key);
          else assert.ok(equalJson(reparsed(value), answered ?? null), key);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('an upsert after any other leaves what it would leave alone, but for the built-in fields it does not name', () => {
  fc.assert(
    fc.property(userInput, userInput, now, (first, then, time) => {
      const before = upsertUsers(new Map(), parseProfiles({ users: { ann: first } }), at(time)).write;
      const decision = outcome(() =>
        upsertUsers(new Map(before.map((one) => [one.id, one])), parseProfiles({ users: { ann: then } }), at(time)),
      );
      assert.ok('done' in decision);
      const alone = upsertUsers(new Map(), parseProfiles({ users: { ann: then } }), at(time));
      const [after, fresh] = [decision.done.reply[0], alone.reply[0]];
      assert.ok(after && fresh);
      assert.ok(equalJson(parseCustom(after), parseCustom(fresh)));
      assert.deepEqual([after.name, after.nameKey, after.image], [fresh.name, fresh.nameKey, fresh.image]);
    }),
    { numRuns: 200 },
  );
});

test('a patch that sets all that a user says makes it what an upsert of that would add', () => {
  const plain = (fields: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(fields).filter(([key]) => !/[.\s]|^\$|^$/.test(key)));
  fc.assert(
    fc.property(user, userInput.map(plain), now, (one, said, time) => {
      const patched = outcome(() =>
        patchUsers(only(one), parsePatches({ users: [{ id: one.id, set: said }] }), at(time)),
      );
      const { custom, ...fields } = one;
      const whole = { ...JSON.parse(custom), name: one.name ?? null, image: one.image ?? null, ...said };
      const privacy = { ...fields.privacySettings, ...(isObject(said.privacy_settings) ? said.privacy_settings : {}) };
      const merged = said.privacy_settings ? { ...whole, privacy_settings: privacy } : whole;
      const upserted = outcome(() => upsertUsers(only(one), parseProfiles({ users: { [one.id]: merged } }), at(time)));
      if ('refused' in patched) assert.ok('refused' in upserted);
      else assert.ok('done' in upserted && sameUser(patched.done.reply[0] ?? one, upserted.done.reply[0] ?? one));
    }),
    { numRuns: 200 },
  );
});

test('connecting never removes, and never raises', () => {
  const details = fc.oneof(
    userInput,
    builtIns,
    hostile.filter((json) => isObject(json)),
  );
  fc.assert(
    fc.property(user, details, now, (one, said, time) => {
      const connected = outcome(() => connectUser(only(one), parseDetails(one.id, said as JsonObject), at(time)));
      if ('refused' in connected) return;
      const [after] = connected.done.reply;
      assert.ok(after);
      assert.deepEqual(
        [
          after.role,
          after.teams,
          after.teamsRole,
          after.revokeTokensIssuedBefore,
          after.createdAt,
          after.deactivatedAt,
        ],
        [one.role, one.teams, one.teamsRole, one.revokeTokensIssuedBefore, one.createdAt, one.deactivatedAt],
      );
      for (const field of ['name', 'image', 'privacySettings'] as const) {
        if (one[field] !== undefined) assert.notEqual(after[field], undefined, field);
      }
      const kept = new Set(Object.keys(parseCustom(after)));
      for (const key of Object.keys(parseCustom(one))) assert.ok(kept.has(key), key);
    }),
    { numRuns: 200 },
  );
});

test('whoever is made by connecting is a user without teams', () => {
  fc.assert(
    fc.property(userInput, now, (said, time) => {
      const { reply } = connectUser(new Map(), parseDetails('ann', said), at(time));
      const [made] = reply;
      assert.deepEqual([made?.role, made?.teams, made?.teamsRole], ['user', [], undefined]);
    }),
  );
});
