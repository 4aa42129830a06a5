import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeIn, isHealthCheck, setOf, stampIn } from './news.ts';

const frame = (type: string, set: object): Buffer => {
  const user = { ...set, id: 'ann' };
  const text = JSON.stringify({ type, created_at: '2026-11-23T23:59:58.075Z', user, changed: ['storm'] });
  return Buffer.from(`--${text}--`);
};

test('a frame tells which change it is of, and when that was', () => {
  const bytes = frame('user.updated', { color: 'red', ...setOf(12_345) });
  assert.equal(changeIn(bytes, 2, bytes.length - 2), 12_345);
  assert.equal(stampIn(bytes, 2), ((23 * 60 + 59) * 60 + 58) * 1000 + 75);
  assert.equal(isHealthCheck(bytes, 2), false);
});

test('what is no change is none', () => {
  const flip = frame('user.presence.changed', setOf(1));
  assert.equal(changeIn(flip, 2, flip.length - 2), undefined);
  const other = frame('user.updated', { color: 'red' });
  assert.equal(changeIn(other, 2, other.length - 2), undefined);
  assert.ok(isHealthCheck(Buffer.from('{"type":"health.check","connection_id":""}'), 0));
});
