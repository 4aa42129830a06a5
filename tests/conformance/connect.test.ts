import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at, type Fields } from '../support/json.ts';
import { openSocket } from '../support/socket.ts';
import { inSeconds } from '../support/token.ts';
import { suffix } from '../support/wait.ts';
import { title } from './behaviours.ts';
import type { Actor } from './case.ts';
import { checkErrorObject, checkUser, subset } from './check.ts';
import { type ConnectAs, connectAs, enter, freshId, readUser } from './door.ts';
import { playStep, resetSettings, setSettings, tokenOf } from './run.ts';
import { ofBytes, patch, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const EMPTY = {
  roles: [],
  devices: [],
  mutes: [],
  channel_mutes: [],
  unread_count: 0,
  total_unread_count: 0,
  unread_channels: 0,
  unread_threads: 0,
};

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

describe(title('connect.hello'), () => {
  it('greets a user with its connection and itself', async () => {
    const userId = freshId('ann');
    await using socket = await connectAs(target, { userId });
    const hello = await socket.frame(() => true);
    subset(
      hello,
      { type: 'health.check', connection_id: UUID, cid: '*', me: { id: userId, role: 'user', ...EMPTY } },
      'hello',
    );
    assert.match(String(hello.created_at), /^\d{4}-.*Z$/);
    checkUser(hello.me);
  });

  it('takes a connect document without details', async () => {
    const userId = freshId('ann');
    await using socket = await connectAs(target, { userId, document: { user_id: userId, user_details: null } });
    subset(await socket.frame(() => true), { type: 'health.check', me: { id: userId } }, 'hello');
  });
});

describe(title('connect.me'), () => {
  it('has empty lists and zeros for what is not served', async () => {
    const { socket, me } = await enter(target, { userId: freshId('ann') });
    await using _ = socket;
    subset(me, EMPTY, 'me');
  });
});

describe(title('connect.creates'), () => {
  it('makes the user, with role user whatever it claims', async () => {
    const userId = freshId('ann');
    const details = { role: 'admin', teams: ['red'], name: `Ann ${userId}`, color: 'green', pk: 1, online: false };
    const { socket, me } = await enter(target, { userId, details });
    await using _ = socket;
    subset(me, { role: 'user', teams: [], name: `Ann ${userId}`, color: 'green', pk: undefined }, 'me');
    subset(await readUser(target, userId), { role: 'user', teams: [], color: 'green', pk: undefined }, 'stored');
  });

  it('keeps the documented example of section 3', async () => {
    const userId = freshId('ann');
    const { socket, me } = await enter(target, { userId, details: { role: 'admin', favorite_color: 'green' } });
    await using _ = socket;
    subset(me, { role: 'user', favorite_color: 'green' }, 'after connect');
    await playStep(target, upsert([{ id: userId, role: 'admin', book: 'dune' }]));
    const stored = await readUser(target, userId);
    subset(stored, { role: 'admin', book: 'dune', favorite_color: undefined }, 'after the upsert');
  });
});

describe(title('connect.merges'), () => {
  it('updates a user partially: given keys are written, absent keys kept', async () => {
    const userId = freshId('ann');
    const privacy = { typing_indicators: { enabled: false } };
    await playStep(
      target,
      upsert([{ id: userId, role: 'admin', color: 'green', book: 'dune', privacy_settings: privacy }]),
    );
    const details = {
      color: 'red',
      language: 'fr',
      invisible: true,
      privacy_settings: { read_receipts: { enabled: true } },
    };
    const { socket, me } = await enter(target, { userId, details });
    await using _ = socket;
    const merged = { ...privacy, read_receipts: { enabled: true } };
    subset(
      me,
      { role: 'admin', color: 'red', book: 'dune', language: 'fr', invisible: true, privacy_settings: merged },
      'me',
    );
  });

  it('writes nothing when nothing changes', async () => {
    const userId = freshId('ann');
    await playStep(target, upsert([{ id: userId, color: 'green' }]));
    const stored = await readUser(target, userId);
    const { socket, me } = await enter(target, { userId, details: { color: 'green' } });
    await using _ = socket;
    assert.equal(me.updated_at, stored?.updated_at);
  });

  it('ignores role and teams also without permission checks', async () => {
    const userId = freshId('ann');
    try {
      await setSettings(target, { disable_permissions_checks: true });
      const { socket, me } = await enter(target, { userId, details: { role: 'admin', teams: ['red'] } });
      await using _ = socket;
      subset(me, { role: 'user', teams: [] }, 'me');
    } finally {
      await resetSettings(target);
    }
  });
});

describe(title('connect.lenient'), () => {
  it('takes a token with Bearer before it', async () => {
    const userId = freshId('ann');
    const raw = `Bearer ${tokenOf(target, { user: userId }, target.own)}`;
    await using socket = await connectAs(target, { userId, actor: { raw } });
    subset(await socket.frame(() => true), { type: 'health.check', me: { id: userId } }, 'hello');
  });

  it('reads the raw query leniently: `+` and `;` in a name survive', async () => {
    const userId = freshId('ann');
    const name = `a+b;c ${suffix()}`;
    const json = encodeURIComponent(JSON.stringify({ user_id: userId, user_details: { id: userId, name } }));
    const token = tokenOf(target, { user: userId }, target.own);
    const raw = json.replaceAll('%2B', '+').replaceAll('%3B', ';');
    const rawQuery = `api_key=${target.own.apiKey}&authorization=${token}&stream-auth-type=jwt&json=${raw}`;
    await using socket = await openSocket({ url: target.url, rawQuery });
    subset(await socket.frame(() => true), { type: 'health.check', me: { name } }, 'hello');
  });

  it('takes an address of 100 KiB', async () => {
    const userId = freshId('ann');
    await using socket = await connectAs(target, {
      userId,
      document: { user_id: userId, more: 'x'.repeat(100 * 1024) },
    });
    subset(await socket.frame(() => true), { type: 'health.check', me: { id: userId } }, 'hello');
  });
});

describe(title('connect.policy'), () => {
  it('takes details of an existing user only when it is made, if the app says create_only', async () => {
    const userId = freshId('ann');
    try {
      await setSettings(target, { connect_policy: 'create_only' });
      const first = await enter(target, { userId, details: { color: 'green' } });
      await using _ = first.socket;
      assert.equal(first.me.color, 'green');
      const second = await enter(target, { userId, details: { color: 'stale', book: 'old' } });
      await using __ = second.socket;
      subset(second.me, { color: 'green', book: undefined }, 'me');
    } finally {
      await resetSettings(target);
    }
  });
});

const ANN = freshId('ann');
const forged = (more: object): Actor => ({ user: ANN, ...more });

interface Refusal extends Omit<ConnectAs, 'userId'> {
  readonly what: string;
  readonly code: number | readonly number[];
  readonly status: number;
  readonly close: number;
}

const REFUSALS: readonly Refusal[] = [
  { what: 'no token', actor: 'none', code: 5, status: 401, close: 4401 },
  { what: 'a server token', actor: 'server', code: 5, status: 401, close: 4401 },
  { what: 'anonymous', actor: 'anonymous', code: 17, status: 403, close: 4403 },
  { what: 'a broken token', actor: { raw: 'broken' }, code: 5, status: 401, close: 4401 },
  { what: 'a token with a wrong signature', actor: forged({ signedBy: 'nobody' }), code: 43, status: 401, close: 4401 },
  { what: 'an unsigned token', actor: forged({ alg: 'none' }), code: [5, 43], status: 401, close: 4401 },
  { what: 'a token of RS256', actor: forged({ alg: 'RS256' }), code: [5, 43], status: 401, close: 4401 },
  { what: 'an expired token', actor: forged({ claims: { exp: inSeconds(-60) } }), code: 40, status: 401, close: 4401 },
  {
    what: 'a token not valid yet',
    actor: forged({ claims: { nbf: inSeconds(600) } }),
    code: 41,
    status: 401,
    close: 4401,
  },
  {
    what: 'a token of the future',
    actor: forged({ claims: { iat: inSeconds(600) } }),
    code: 42,
    status: 401,
    close: 4401,
  },
  { what: "another user's token", actor: { user: freshId('bob') }, code: 5, status: 401, close: 4401 },
  { what: 'another user_id', document: { user_id: freshId('bob') }, code: 5, status: 401, close: 4401 },
  {
    what: 'another id in the details',
    document: { user_id: ANN, user_details: { id: freshId('bob') } },
    code: 5,
    status: 401,
    close: 4401,
  },
  { what: 'a broken document', document: '{"user_id":', code: 4, status: 400, close: 4400 },
  { what: 'a document that is a list', document: '[]', code: 4, status: 400, close: 4400 },
  { what: 'a document that is null', document: 'null', code: 4, status: 400, close: 4400 },
  { what: 'an empty document', document: '', code: 4, status: 400, close: 4400 },
  {
    what: 'details that are a text',
    document: { user_id: ANN, user_details: 'ann' },
    code: 4,
    status: 400,
    close: 4400,
  },
  { what: 'a name that is a number', details: { name: 5 }, code: 4, status: 400, close: 4400 },
  { what: 'a language that is none', details: { language: 'english' }, code: 4, status: 400, close: 4400 },
  { what: 'invisible as a text', details: { invisible: 'true' }, code: 4, status: 400, close: 4400 },
  { what: 'a key __proto__', details: { address: { ['__proto__']: 1 } }, code: 4, status: 400, close: 4400 },
  { what: 'a key that looks like role', details: { Role: 'admin' }, code: 4, status: 400, close: 4400 },
  { what: 'a lone surrogate', details: { bio: '\ud800' }, code: 4, status: 400, close: 4400 },
  { what: '5,121 bytes of custom data', details: ofBytes(5121), code: 22, status: 413, close: 4400 },
];

describe(title('connect.refused'), () => {
  for (const { what, code, status, close, ...how } of REFUSALS) {
    it(`refuses ${what} with one frame and close code ${close}`, async () => {
      await using socket = await connectAs(target, { userId: ANN, ...how });
      const frame = await socket.frame(() => true);
      subset(frame, { type: 'connection.error', connection_id: '', error: { StatusCode: status } }, 'frame');
      const error = at(frame, 'error') as Fields; // the line above has seen that it is an object
      assert.ok([code].flat().includes(Number(error.code)), `code ${code} expected: ${JSON.stringify(frame)}`);
      checkErrorObject(error, status);
      assert.equal((await socket.closed()).code, close);
      assert.equal(socket.frames.length, 1);
      assert.equal(await readUser(target, ANN), undefined, 'nothing is written');
    });
  }

  for (const [what, rawQuery, message] of [
    ['no api_key', 'stream-auth-type=jwt', 'api_key not provided'],
    ['an unknown api_key', 'api_key=nobody&stream-auth-type=jwt', 'api_key is invalid'],
  ] as const) {
    it(`refuses ${what} with a frame that a browser can read`, async () => {
      await using socket = await openSocket({ url: target.url, rawQuery });
      const expected = { type: 'connection.error', error: { code: 2, StatusCode: 401, message } };
      subset(await socket.frame(() => true), expected, 'frame');
      assert.ok([4401, 4403].includes((await socket.closed()).code));
    });
  }

  it('refuses a name that another user has', async () => {
    const userId = freshId('ann');
    const name = `Ann ${suffix()}`;
    await playStep(target, upsert([{ id: freshId('bob'), name }]));
    try {
      await setSettings(target, { enforce_unique_usernames: 'app' });
      await using socket = await connectAs(target, { userId, details: { name: name.toUpperCase() } });
      subset(
        await socket.frame(() => true),
        { type: 'connection.error', error: { code: 6, StatusCode: 400 } },
        'frame',
      );
      assert.equal((await socket.closed()).code, 4400);
      assert.equal(await readUser(target, userId), undefined);
    } finally {
      await resetSettings(target);
    }
  });

  it('refuses a token that was revoked before it looks at the details, so that its owner comes back with another', async () => {
    const userId = freshId('ann');
    const revoked = { revoke_tokens_issued_before: new Date(inSeconds(600) * 1000).toISOString() };
    await playStep(target, upsert([{ id: userId }]));
    await playStep(target, patch([{ id: userId, set: revoked }]));
    for (const how of [{ details: { name: 5 } }, { document: 'no JSON' }]) {
      await using socket = await connectAs(target, { userId, ...how });
      subset(await socket.frame(() => true), { type: 'connection.error', error: { code: 40 } }, 'frame');
      assert.equal((await socket.closed()).code, 4401);
    }
  });

  it("refuses another app's user token", async (test) => {
    if (target.other === undefined) return test.skip('no second app is known');
    await using socket = await connectAs(target, { userId: ANN, actor: { user: ANN, signedBy: 'other' } });
    subset(await socket.frame(() => true), { type: 'connection.error', error: { code: 43 } }, 'frame');
  });
});
