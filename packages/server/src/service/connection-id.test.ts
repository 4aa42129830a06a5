import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newConnectionId, newNodeName, nodeOf } from './connection-id.ts';

it('a connection’s id is a UUID by the book, one of its own, and names its node', () => {
  const node = newNodeName();
  const ids = Array.from({ length: 100 }, () => newConnectionId(node));
  assert.equal(new Set(ids).size, 100);
  for (const id of ids) {
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.equal(nodeOf(id), node);
  }
});

it('what is no such id names no node', () => {
  for (const text of ['', 'ann', '0'.repeat(36), newConnectionId('abcdef01').toUpperCase()]) {
    assert.equal(nodeOf(text), undefined);
  }
});
