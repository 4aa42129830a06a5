import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome } from '@rollcall/domain/arbitrary.test';
import { ANYBODY, DEFAULT_SORT } from '@rollcall/domain/filter';
import { parseSearch } from './query.ts';
import type { QueryPayload } from './schema.ts';

function refusalOf(payload: QueryPayload): string | undefined {
  const said = outcome(() => parseSearch(payload));
  return 'refused' in said ? `${said.refused.refusal}: ${said.refused.message}` : undefined;
}

test('a query that says nothing asks for the newest thirty', () => {
  const nothing = {
    filter: ANYBODY,
    sort: DEFAULT_SORT,
    limit: 30,
    offset: 0,
    next: undefined,
    includeDeactivated: false,
    presence: false,
    connectionId: undefined,
  };
  assert.deepEqual(parseSearch({}), nothing);
  const bounds = { id_gt: null, id_gte: null, id_lt: null, id_lte: null };
  const nulls = { filter_conditions: null, sort: null, limit: null, offset: null, next: null, ...bounds };
  assert.deepEqual(parseSearch({ ...nulls, presence: null, include_deactivated_users: null }), nothing);
  assert.deepEqual(parseSearch({ filter_conditions: {}, sort: [], presence: false }), nothing);
});

test('what a query says is read as it was said', () => {
  const sort = [{ field: 'name' }, { field: 'created_at', direction: -1 as const }];
  const search = parseSearch({
    filter_conditions: { created_at: { $gt: '1970-01-01T01:00:01+01:00' } },
    sort,
    limit: 5,
    offset: 7,
    include_deactivated_users: true,
  });
  assert.deepEqual(search, {
    filter: { op: '$gt', field: 'created_at', value: 1000 },
    sort: [
      { field: 'name', direction: 1 },
      { field: 'created_at', direction: -1 },
      { field: 'id', direction: -1 },
    ],
    limit: 5,
    offset: 7,
    next: undefined,
    includeDeactivated: true,
    presence: false,
    connectionId: undefined,
  });
  assert.equal(parseSearch({ next: 'here' }).next, 'here');
});

test('a bound of ids sorts by id in its direction, and beside another order is a plain filter', () => {
  for (const [key, op, direction] of [
    ['id_gt', '$gt', 1],
    ['id_gte', '$gte', 1],
    ['id_lt', '$lt', -1],
    ['id_lte', '$lte', -1],
  ] as const) {
    const bound = { op, field: 'id', value: 'm' };
    const search = parseSearch({ [key]: 'm' });
    assert.deepEqual(search.sort, [{ field: 'id', direction }]);
    assert.deepEqual(search.filter, { op: 'and', filters: [ANYBODY, bound] });
    const sorted = parseSearch({
      [key]: 'm',
      sort: [{ field: 'name', direction: 1 }],
      filter_conditions: { role: 'user' },
    });
    assert.deepEqual(sorted.sort, [
      { field: 'name', direction: 1 },
      { field: 'id', direction: 1 },
    ]);
    assert.deepEqual(sorted.filter, { op: 'and', filters: [{ op: '$eq', field: 'role', value: 'user' }, bound] });
  }
});

test('a page goes on from one place only', () => {
  const message = 'input_error: "next" cannot be used with "offset" or "id_*"';
  assert.equal(refusalOf({ next: 'x', offset: 1 }), message);
  assert.equal(refusalOf({ next: 'x', id_gt: 'a' }), message);
  assert.equal(refusalOf({ next: 'x', offset: 0 }), undefined);
});

test('a query may watch whom it finds, by a connection that it names or not', () => {
  const watching = parseSearch({ presence: true, connection_id: 'c1' });
  assert.equal(watching.presence, true);
  assert.equal(watching.connectionId, 'c1');
  for (const connection_id of ['', null]) {
    assert.equal(parseSearch({ presence: true, connection_id }).connectionId, undefined);
  }
});

test('a page is sorted by built-in and custom fields', () => {
  const { sort } = parseSearch({ sort: [{ field: 'last_active', direction: -1 }, { field: 'address.city' }] });
  assert.deepEqual(sort, [
    { field: 'last_active', direction: -1 },
    { field: { path: ['address', 'city'] }, direction: 1 },
    { field: 'id', direction: 1 },
  ]);
});

test('what cannot be filtered or sorted by is refused, never passed over', () => {
  assert.equal(refusalOf({ sort: [{ field: 'teams' }] }), 'input_error: field "teams" cannot be sorted by');
  assert.equal(refusalOf({ sort: [{ field: '__proto__' }] }), 'input_error: field "__proto__" is a forbidden key');
  assert.match(refusalOf({ filter_conditions: { online: true } }) ?? '', /"online" cannot be filtered/);
  assert.equal(refusalOf({ filter_conditions: { id: 5 } }), 'input_error: field "id" expects type string');
});

test('a bound that no database can hold is refused', () => {
  for (const bound of ['a\0', '\ud800']) {
    assert.match(refusalOf({ id_gt: bound }) ?? '', /^input_error: .*lone surrogate or a NUL/);
  }
});
