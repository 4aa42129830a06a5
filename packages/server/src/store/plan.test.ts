import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Filter } from '@rollcall/domain/filter';
import { affordable, sourcesOf } from './plan.ts';

const INDEXED = { words: true, fields: new Map<string, number>() };
const openedFor = (filter: Filter) => affordable(sourcesOf(filter, INDEXED));

describe('which indexes a query opens', () => {
  it('asks for a value once, however often it is named', () => {
    const values = Array.from({ length: 1000 }, () => 'admin');
    assert.deepEqual(openedFor({ op: '$in', field: 'role', values }), [{ by: 'role', role: 'admin' }]);
  });

  it('opens no more than can be opened without holding up others, and leaves the rest to the look at each user', () => {
    const ids = Array.from({ length: 900 }, (_, at) => `role-${at}`);
    const list: Filter = { op: '$in', field: 'role', values: ids };
    assert.equal(openedFor({ op: 'and', filters: [list, list, list, list] }).length, 2);
    const words = ['abcdefg', 'bcdefgh', 'cdefghi', 'defghij', 'efghijk', 'fghijkl'];
    const named: Filter = { op: '$autocomplete', field: 'name', words };
    const [one] = openedFor(named);
    assert.ok(one?.by === 'words' && one.words.length === 4, 'the longest few words find the rest');
    const either: Filter = { op: 'or', filters: Array.from({ length: 100 }, () => named) };
    assert.deepEqual(openedFor(either), [], 'a hundred lists of words are not opened');
  });
});
