import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { suffix } from '../support/wait.ts';
import { title } from './behaviours.ts';
import type { Step } from './case.ts';
import { enter, freshId } from './door.ts';
import { playStep, send } from './run.ts';
import { query, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget();
});
after(() => target?.[Symbol.asyncDispose]());

const FIELDS = [
  'id',
  'role',
  'name',
  'teams',
  'teams_role',
  'privacy_settings',
  'invisible',
  'pk',
  '__proto__',
  'a.b',
  '',
];
const WORDS = [
  'users',
  'set',
  'unset',
  'filter_conditions',
  'sort',
  'next',
  'limit',
  '$and',
  '$in',
  '$contains',
  ...FIELDS,
];

/** JSON that looks a little like ours: its keys and texts are often words of the wire. */
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.integer(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...WORDS),
    ),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...WORDS), fc.string()), tie('json'), { maxKeys: 5 }),
  ),
}));

const ENDPOINTS: readonly (readonly [what: string, step: (value: unknown) => Step])[] = [
  ['POST /users', (body) => ({ method: 'POST', path: '/users', body })],
  ['a user of POST /users', (user) => ({ method: 'POST', path: '/users', body: { users: { u1: user } } })],
  ['PATCH /users', (body) => ({ method: 'PATCH', path: '/users', body })],
  ['a set of PATCH /users', (set) => ({ method: 'PATCH', path: '/users', body: { users: [{ id: 'u1', set }] } })],
  [
    'an unset of PATCH /users',
    (unset) => ({ method: 'PATCH', path: '/users', body: { users: [{ id: 'u1', unset }] } }),
  ],
  ['GET /users', (payload) => query(payload)],
  ['a filter of GET /users', (filter) => query({ filter_conditions: filter })],
  ['a sort of GET /users', (sort) => query({ sort: [sort] })],
  ['POST /roles', (name) => ({ method: 'POST', path: '/roles', body: { name } })],
  ['claims of a token', (claims) => ({ ...query({}), actor: { claims } })],
];

/** Settings that would change how the other cases end. */
const HARMLESS = (key: string): boolean => !/disable|revoke|enforce|multi|connect|search|guest/.test(key);

describe(title('envelope.hostile'), () => {
  for (const [what, step] of ENDPOINTS) {
    it(what, async () => {
      await playStep(target, upsert([{ id: 'u1' }]));
      await fc.assert(
        fc.asyncProperty(json, async (value) => {
          const { status, text } = await send(target, step(value));
          assert.ok(status < 500, `${status} ${text}`);
        }),
        { numRuns: 150, seed: seed() },
      );
    });
  }

  it('PATCH /app', async () => {
    const settings = fc.dictionary(fc.string().filter(HARMLESS), json, { maxKeys: 2 });
    await fc.assert(
      fc.asyncProperty(settings, async (body) => {
        const { status, text } = await send(target, {
          method: 'PATCH',
          path: '/app',
          app: target.other ? 'other' : 'own',
          body,
        });
        assert.ok(status < 500, `${status} ${text}`);
      }),
      { numRuns: 100, seed: seed() },
    );
  });

  it('frames', async () => {
    await using socket = (await enter(target, { userId: freshId('ann') })).socket;
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        socket.send(JSON.stringify(value));
        assert.ok(socket.isOpen());
      }),
      { numRuns: 300, seed: seed() },
    );
    await playStep(target, query({}));
    assert.ok(socket.isOpen());
  });

  it('its memory stays flat while it refuses', async (test) => {
    if (target.server === undefined) return test.skip('needs a server of our own');
    const refuse = async (): Promise<void> => {
      for (let n = 0; n < 200; n += 1) {
        await playStep(
          target,
          upsert([{ id: suffix(), pk: 'x'.repeat(20_000) }], { expect: { status: 400, code: 4 } }),
        );
      }
    };
    await refuse();
    const before = await residentMiB(target.server.pid);
    for (let round = 0; round < 4; round += 1) await refuse();
    const grown = (await residentMiB(target.server.pid)) - before;
    assert.ok(grown < 80, `grew by ${grown} MiB`);
  });
});

/** Another run every day, the same one all day: a failure can be played again. ROLLCALL_SEED names another. */
function seed(): number {
  return Number(process.env.ROLLCALL_SEED ?? Math.floor(Date.now() / 86_400_000));
}

async function residentMiB(pid: number): Promise<number> {
  const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]);
  return (pages * 4096) / 2 ** 20;
}
