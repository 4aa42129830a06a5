import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError } from '@rollcall/domain/error';
import { nothingGiven } from '@rollcall/domain/field';
import type { Claims } from '@rollcall/domain/token';
import { createMemoryBus } from '../bus/memory.ts';
import { openTestApp } from '../testing.ts';
import { createUsers } from './users.ts';

const claims: Claims = { userId: 'ann', server: false, expiresAt: undefined, notBefore: undefined, issuedAt: 100 };
const actor = { kind: 'user', id: 'ann', role: 'user', teams: [] } as const;
const profile = { items: [{ index: 0, id: 'ann', custom: { n: 1 }, given: nothingGiven() }], faults: [] };
const patch = { items: [{ index: 0, id: 'ann', given: nothingGiven(), changes: [] }], faults: [] };
const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.refusal === code;

describe('a user’s own write whose token was good when it was looked at', () => {
  it('is refused when the token was revoked before it was written, for the user or for the app', async () => {
    await using app = await openTestApp();
    const users = createUsers({ store: app.store, bus: createMemoryBus(), clock: Date.now });
    const write = () => users.upsert(app.tenant, { actor, claims }, profile);
    const [ann] = await write();
    assert.ok(ann);
    await app.call('PATCH', '/users', {
      users: [{ id: 'ann', set: { revoke_tokens_issued_before: '2001-01-01T00:00:00Z' } }],
    });
    await assert.rejects(write(), refused('token_expired'));
    await assert.rejects(users.patch(app.tenant, { actor, claims }, patch), refused('token_expired'));
    await app.call('PATCH', '/users', { users: [{ id: 'ann', set: { revoke_tokens_issued_before: null } }] });
    await write();
    await app.call('PATCH', '/app', { revoke_tokens_issued_before: '2001-01-01T00:00:00Z' });
    await assert.rejects(write(), refused('token_expired'));
  });

  it('is refused when the user was deactivated or deleted before it was written', async () => {
    await using app = await openTestApp();
    const users = createUsers({ store: app.store, bus: createMemoryBus(), clock: Date.now });
    const write = () => users.upsert(app.tenant, { actor, claims }, profile);
    const [ann] = await write();
    assert.ok(ann);
    await app.force({ ...ann, deactivatedAt: 5 });
    await assert.rejects(write(), refused('not_allowed'));
    await app.force({ ...ann, deletedAt: 5 });
    await assert.rejects(write(), refused('not_found'));
  });
});
