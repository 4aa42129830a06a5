import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changedForOthers, changedForSelf, parseUnwatch, writePresenceChanged } from './frame.ts';

test('a frame of presence tells when, and who', () => {
  assert.deepEqual(JSON.parse(writePresenceChanged('{"id":"ann","online":true}', 5)), {
    type: 'user.presence.changed',
    created_at: '1970-01-01T00:00:00.005Z',
    user: { id: 'ann', online: true },
  });
});

test('others hear nothing of what is private, and nobody but the server of a revocation', () => {
  const changed = ['name', 'invisible', 'privacy_settings', 'revoke_tokens_issued_before', 'color'];
  assert.deepEqual(changedForSelf(changed), ['name', 'invisible', 'privacy_settings', 'color']);
  assert.deepEqual(changedForOthers(changed), ['name', 'color']);
});

test('a client may end watches in one frame or a list of them', () => {
  const ann = { type: 'unwatch', user_ids: ['ann'] };
  assert.deepEqual(parseUnwatch(ann), ['ann']);
  assert.deepEqual(parseUnwatch([{ type: 'health.check' }, ann, { type: 'unwatch', user_ids: ['ben', 5, null] }]), [
    'ann',
    'ben',
  ]);
});

test('whatever else a client sends asks for nothing', () => {
  for (const frame of [null, 5, 'unwatch', [], {}, { type: 'unwatch' }, { type: 'unwatch', user_ids: 'ann' }]) {
    assert.deepEqual(parseUnwatch(frame), []);
  }
  // A JSON value by what made it.
  const any = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
  fc.assert(fc.property(any, (frame) => parseUnwatch(frame).every((id) => typeof id === 'string')));
});
