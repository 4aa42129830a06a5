import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RollcallServer } from './server.ts';
import { type Answer, startWire } from './testing/wire.ts';

async function open(t: TestContext, answer: Answer) {
  const wire = await startWire(t, { rest: () => answer });
  return { wire, server: new RollcallServer('key', 'secret', { url: wire.url }) };
}

const body = (rest: object): Answer => ({ body: { ...rest, duration: '1ms' } });
const ada = { id: 'ada', role: 'admin' };

test('a backend signs in with a server token and tells its version', async (t) => {
  const { wire, server } = await open(t, body({ app: { name: 'chat' } }));
  assert.deepEqual(await server.getAppSettings(), { name: 'chat' });
  const [request] = wire.requests;
  const claims = JSON.parse(
    Buffer.from(String(request?.headers.authorization).split('.')[1] ?? '', 'base64url').toString(),
  );
  assert.deepEqual(claims, { server: true });
  assert.deepEqual(Object.fromEntries(request?.query ?? []), { api_key: 'key' });
  assert.match(String(request?.headers['x-stream-client']), /^rollcall-client-/);
});

test('one user is answered as that user, several by their ids; the older names do the same', async (t) => {
  const { wire, server } = await open(t, body({ users: { ada } }));
  assert.deepEqual(await server.upsertUser(ada), ada);
  assert.deepEqual(await server.updateUser(ada), ada);
  assert.deepEqual(await server.upsertUsers([ada]), { users: { ada } });
  assert.deepEqual(await server.updateUsers([ada]), { users: { ada } });
  assert.deepEqual(await server.partialUpdateUser({ id: 'ada', set: { book: 'dune' } }), ada);
  assert.deepEqual(await server.partialUpdateUsers([{ id: 'ada', unset: ['book'] }]), { users: { ada } });
  assert.deepEqual(
    wire.requests.map((request) => `${request.method} ${request.path} ${JSON.stringify(request.body)}`),
    [
      ...Array<string>(4).fill('POST /users {"users":{"ada":{"id":"ada","role":"admin"}}}'),
      'PATCH /users {"users":[{"id":"ada","set":{"book":"dune"}}]}',
      'PATCH /users {"users":[{"id":"ada","unset":["book"]}]}',
    ],
  );
});

test('a batch in which a user comes twice or has no id is refused before it is sent', async (t) => {
  const { wire, server } = await open(t, body({ users: {} }));
  await assert.rejects(server.upsertUsers([ada, ada]), { name: 'RollcallError', code: 4, message: /ada/ });
  await assert.rejects(server.upsertUsers([{ id: '' }]), { code: 4 });
  assert.equal(wire.requests.length, 0);
});

test('a revocation is rounded up to the next second, and null undoes it', async (t) => {
  const { wire, server } = await open(t, body({ users: { ada }, app: {}, warnings: [] }));
  await server.revokeUserToken('ada', '2030-01-01T00:00:00.001Z');
  await server.revokeUserToken('ada', null);
  await server.revokeTokens(new Date('2030-01-01T00:00:01.000Z'));
  await server.revokeTokens(null);
  const set = (time: string | null) => ({ users: [{ id: 'ada', set: { revoke_tokens_issued_before: time } }] });
  assert.deepEqual(
    wire.requests.map((request) => request.body),
    [
      set('2030-01-01T00:00:01.000Z'),
      set(null),
      { revoke_tokens_issued_before: '2030-01-01T00:00:01.000Z' },
      { revoke_tokens_issued_before: null },
    ],
  );
  await assert.rejects(server.revokeTokens('yesterday'), { name: 'RollcallError', code: 4 });
});

test('a token made right after a revocation is newer than it', async (t) => {
  const { wire, server } = await open(t, body({ app: {} }));
  await server.revokeTokens();
  const instant = Date.parse(wire.requests[0]?.body.revoke_tokens_issued_before);
  const { iat } = JSON.parse(Buffer.from(server.createToken('ada').split('.')[1] ?? '', 'base64url').toString());
  assert.ok(iat * 1000 >= instant);
  assert.ok(iat * 1000 <= Date.now() + 1000);
});

test('settings and roles go where they belong', async (t) => {
  const role = { name: 'vip', custom: true };
  const { wire, server } = await open(t, body({ warnings: ['event_hooks is stored'], role, roles: [role] }));
  assert.deepEqual(await server.updateAppSettings({ enforce_unique_usernames: 'app' }), {
    warnings: ['event_hooks is stored'],
  });
  assert.deepEqual(await server.createRole('vip'), role);
  assert.deepEqual(await server.listRoles(), [role]);
  assert.equal(await server.deleteRole('v/ip'), undefined);
  assert.deepEqual(
    wire.requests.map((request) => `${request.method} ${request.path} ${JSON.stringify(request.body)}`),
    [
      'PATCH /app {"enforce_unique_usernames":"app"}',
      'POST /roles {"name":"vip"}',
      'GET /roles undefined',
      'DELETE /roles/v%2Fip undefined',
    ],
  );
});
