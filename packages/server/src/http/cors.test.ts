import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTestApp } from '../testing.ts';

const NAMES = ['access-control-allow-origin', 'access-control-expose-headers'];

describe('the headers that let pages of other origins read', () => {
  it('are for pages, and for what anybody may read; a backend is spared them', async () => {
    await using app = await openTestApp();
    const headersOf = async (url: string, headers: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
      const { headers: answered } = await app.http.inject({ url, headers });
      return NAMES.map((name) => answered[name] !== undefined);
    };
    const authorization = app.tokenOf();
    const users = `/users?api_key=${app.tenant.key}`;
    assert.deepEqual(await headersOf(users, { authorization, origin: 'https://chat.example' }), [true, true]);
    assert.deepEqual(await headersOf(users, { authorization }), [false, false]);
    assert.deepEqual(await headersOf('/openapi.json', {}), [true, true]);
    assert.deepEqual(await headersOf('/nowhere', { origin: 'https://chat.example' }), [true, true]);
  });

  it('answer a preflight for any path, before any check', async () => {
    await using app = await openTestApp();
    const { statusCode, headers, body } = await app.http.inject({ method: 'OPTIONS', url: '/nowhere' });
    assert.deepEqual([statusCode, body, headers['access-control-allow-origin']], [204, '', '*']);
  });
});
