import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { call, rawExchange } from '../support/http.ts';
import type { Fields } from '../support/json.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';
import { inSeconds, serverToken, userToken } from '../support/token.ts';
import { suffix, until } from '../support/wait.ts';

/** Says everything that must not be read in a log, in every place where a caller can say it. */
interface Talk {
  /** Calls that succeed, calls that fail and broken ones; connects likewise. Answers what was answered. */
  all(): Promise<readonly string[]>;
  readonly secrets: readonly string[];
}

function talk(server: RunningServer): Talk {
  const { url, apiKey, secret } = server;
  const mark = `mark${suffix()}`;
  const backend = serverToken(secret);
  const user = userToken('ann', secret);
  const expired = userToken('ann', secret, { exp: inSeconds(-100) });
  const forged = userToken('ann', `other-${mark}`);
  const tokens = [backend, user, expired, forged];
  const say = async (method: string, path: string, authorization: string, query: Fields, body?: string) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const asked = Object.fromEntries(
      Object.entries({ api_key: apiKey, ...query }).map(([key, value]) => [key, String(value)]),
    );
    return (await call({ url, method, path, query: asked, headers, ...(body === undefined ? {} : { body }) })).text;
  };
  const knock = async (token: string, json: string): Promise<string> => {
    await using socket = await openSocket({ url, apiKey, token, json });
    return JSON.stringify(await socket.frame(() => true));
  };
  const details = JSON.stringify({ user_id: 'ann', user_details: { id: 'ann', name: `Ann ${mark}` } });
  return {
    secrets: [
      secret,
      mark,
      'api_key=',
      'authorization=',
      'payload=',
      ...tokens,
      ...tokens.map((token) => token.split('.')[2] ?? ''),
    ],
    all: () =>
      Promise.all([
        say('POST', '/users', backend, { mark }, JSON.stringify({ users: { ann: { id: 'ann', name: mark } } })),
        say(
          'PATCH',
          '/users',
          user,
          { user_id: 'ann', mark },
          JSON.stringify({ users: [{ id: 'ann', set: { a: mark } }] }),
        ),
        say('GET', '/users', backend, { payload: JSON.stringify({ filter_conditions: { name: mark } }) }),
        say('GET', '/users', backend, { payload: `{"broken ${mark}` }),
        say('POST', '/users', backend, { mark }, `{"broken ${mark}`),
        say('GET', '/nowhere', backend, { mark }),
        say('GET', '/app', backend, { authorization: backend, mark }),
        ...[expired, forged, `Bearer ${user}`, `${mark}.${mark}.${mark}`].map((token) =>
          say('GET', '/users', token, { mark }),
        ),
        say('GET', '/users', backend, { mark: mark.repeat(20_000) }),
        rawExchange(
          url,
          `GET /users?api_key=${apiKey}&authorization=${user}&mark=${mark} HTTP/1.1\r\nBad Header\r\n\r\n`,
        ),
        ...[user, expired, forged, backend].map((token) => knock(token, details)),
        knock(user, `{"broken ${mark}`),
        knock(user, JSON.stringify({ user_id: 'bob', user_details: { id: 'bob', name: mark } })),
      ]),
  };
}

/** Fails when a text holds any of the secrets; says which place, not which secret. */
function holdsNone(text: string, secrets: readonly string[]): void {
  for (const [index, secret] of secrets.entries()) assert.ok(!text.includes(secret), `secret ${index} is in: ${text}`);
}

describe('no log line holds a secret, a token or a query string', () => {
  for (const level of ['trace', 'debug'] as const) {
    it(`at level ${level}, whatever is called, however it fails`, async () => {
      await using server = await startServer({ env: { ROLLCALL_LOG_LEVEL: level } });
      const { all, secrets } = talk(server);
      const answers = await all();
      assert.ok(answers.some((text) => text.includes('"code":43')) && answers.some((text) => text.includes('"me":')));
      assert.equal(await server.stop(), 0);
      holdsNone(server.errors(), secrets);
    });
  }

  it('when the fault is ours: the caller reads an id, and the log under that id the rest', async () => {
    await using server = await startServer({ env: { ROLLCALL_LOG_LEVEL: 'trace' } });
    const { all, secrets } = talk(server);
    await all();
    breakSchema(server.database);
    const answers = await all();
    const ids = answers.flatMap((text) => /internal error, id ([\w-]{36})/.exec(text)?.[1] ?? []);
    assert.ok(ids.length >= 4, `calls and connects failed with an id: ${answers.join('\n')}`);
    for (const id of ids) await until('the log', server.errors, (text) => text.includes(id));
    assert.match(server.errors(), /no such table/, 'the log reads what happened');
    for (const text of answers) assert.ok(!text.includes('no such table'), 'the caller does not');
    holdsNone(server.errors(), secrets);
    await server.kill();
  });
});

/** Takes the users' table away behind the server's back: what follows is an error that nobody foresaw. */
function breakSchema(database: string): void {
  const file = new DatabaseSync(database.slice('sqlite:'.length), { timeout: 5_000 });
  file.exec('DROP TABLE user');
  file.close();
}
