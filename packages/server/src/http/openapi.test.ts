import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openTestApp } from '../testing.ts';

it('the OpenAPI page passes a public linter, and names every call', async () => {
  await using app = await openTestApp();
  const page = await app.http.inject('/openapi.json');
  assert.equal(page.statusCode, 200);
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: page.body, config });
  assert.deepEqual(
    problems.map(({ ruleId, severity, message }) => `${severity} ${ruleId}: ${message}`),
    [],
  );
  const { paths } = page.json();
  const calls = Object.entries<object>(paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb} ${path}`),
  );
  assert.deepEqual(calls.sort(), [
    'delete /roles/{name}',
    'get /app',
    'get /channeltypes',
    'get /roles',
    'get /users',
    'get /users/{id}/presence',
    'patch /app',
    'patch /users',
    'post /roles',
    'post /users',
  ]);
});
