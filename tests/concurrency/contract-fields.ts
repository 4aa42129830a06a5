import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Reply } from '../support/http.ts';
import { at, type Fields } from '../support/json.ts';
import { suffix } from '../support/wait.ts';
import { accepted, codeOf, connect, hangUp, patch, read, type Target, upsert } from './backend.ts';
import type { OpenServers, Servers } from './servers.ts';

const ROUNDS = 20;
const WRITERS = 64;
const DEADLINE_MS = 10_000;
const NUMBERS = Array.from({ length: WRITERS }, (_, index) => index);

/** One writer of many: brings a field of its own, at the top or deep inside, or removes one. */
function change(index: number): Fields {
  if (index % 4 === 0) return { set: { [`top${index}`]: index } };
  if (index % 4 === 1) return { set: { [`deep.er.n${index}`]: index } };
  if (index % 4 === 2) return { unset: [`old.n${index}`] };
  return { set: { [`both${index}`]: [index] }, unset: [`old.n${index}`] };
}

/** All that 64 such writers leave behind, when nothing is lost. */
function everything(): Fields {
  const all: Record<string, unknown> = { old: Object.fromEntries(NUMBERS.filter(stays).map((n) => [`n${n}`, n])) };
  for (const index of NUMBERS.filter((n) => n % 4 === 0)) all[`top${index}`] = index;
  for (const index of NUMBERS.filter((n) => n % 4 === 3)) all[`both${index}`] = [index];
  return { ...all, deep: { er: Object.fromEntries(NUMBERS.filter((n) => n % 4 === 1).map((n) => [`n${n}`, n])) } };
}

const stays = (index: number): boolean => index % 4 < 2;
const old = { old: Object.fromEntries(NUMBERS.map((n) => [`n${n}`, n])) };

/** The custom data of a user as it is read now. */
async function custom(server: Target, id: string): Promise<Fields> {
  const user = (await read(server, [id])).get(id) ?? {};
  const builtIn = new Set(['id', 'role', 'teams', 'language', 'banned', 'online', 'created_at', 'updated_at']);
  const more = new Set(['blocked_user_ids', 'invisible', 'last_active']);
  return Object.fromEntries(Object.entries(user).filter(([key]) => !builtIn.has(key) && !more.has(key)));
}

/** Patches a user who may not be there yet, until it is. */
async function patchOnceThere(server: Target, id: string, item: Fields): Promise<Reply> {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const reply = await patch(server, [{ id, ...item }]);
    if (codeOf(reply.body) !== 16 || Date.now() > end) return accepted(reply);
  }
}

/** What holds of partial updates, whichever servers take them. */
export function describeFields(where: string, open: OpenServers): void {
  describe(`64 concurrent partial updates of different fields of one user lose nothing, ${where}`, () => {
    let servers: Servers;
    let server: Target;
    before(async () => {
      const free = { ROLLCALL_WRITES_PER_MINUTE: '0', ROLLCALL_CONNECTS_PER_MINUTE: '0' };
      servers = await open({ ROLLCALL_CONNECTIONS_PER_USER: '1000', ...free });
      server = servers.target;
    });
    after(() => servers?.[Symbol.asyncDispose]());

    it('twenty rounds on a user who exists, by the backend and by the user', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = `known-${suffix()}`;
        accepted(await upsert(server, [{ id, ...old }]));
        const calls = NUMBERS.map((n) => patch(server, [{ id, ...change(n) }], n % 3 === 0 ? id : undefined));
        const replies = (await Promise.all(calls)).map(accepted);
        assert.deepEqual(await custom(server, id), everything());
        const times = replies.map(({ body }) => at(body, 'users', id, 'updated_at'));
        assert.equal(new Set(times).size, WRITERS, 'every change has a time of its own');
      }
    });

    it('twenty rounds on a user whose first write is fired together with them', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = `new-${suffix()}`;
        const patches = NUMBERS.map((n) => patchOnceThere(server, id, change(n)));
        accepted(await upsert(server, [{ id, ...old }]));
        await Promise.all(patches);
        assert.deepEqual(await custom(server, id), everything());
      }
    });

    it('when 64 first connects of one new user each bring a field', async () => {
      for (let round = 0; round < 5; round += 1) {
        const id = `connects-${suffix()}`;
        const answers = await Promise.all(NUMBERS.map((n) => connect(server, id, { [`c${n}`]: n })));
        await hangUp(answers);
        for (const { first } of answers) assert.equal(first?.type, 'health.check', JSON.stringify(first));
        assert.deepEqual(await custom(server, id), Object.fromEntries(NUMBERS.map((n) => [`c${n}`, n])));
      }
    });

    it('when patches and connects come all at once', async () => {
      const id = `mixed-${suffix()}`;
      accepted(await upsert(server, [{ id, ...old }]));
      const patches = NUMBERS.map((n) => patch(server, [{ id, ...change(n) }]));
      const connects = NUMBERS.map((n) => connect(server, id, { [`c${n}`]: n }));
      for (const reply of await Promise.all(patches)) accepted(reply);
      await hangUp(await Promise.all(connects));
      const brought = Object.fromEntries(NUMBERS.map((n) => [`c${n}`, n]));
      assert.deepEqual(await custom(server, id), { ...everything(), ...brought });
    });

    it('when each change is a batch that names many users, in orders of its own', async () => {
      const ids = NUMBERS.slice(0, 8).map((n) => `batch-${n}-${suffix()}`);
      accepted(
        await upsert(
          server,
          ids.map((id) => ({ id, ...old })),
        ),
      );
      const turned = (n: number): readonly string[] => [...ids.slice(n % 8), ...ids.slice(0, n % 8)];
      const batches = NUMBERS.map((n) =>
        patch(
          server,
          turned(n).map((id) => ({ id, ...change(n) })),
        ),
      );
      for (const reply of await Promise.all(batches)) accepted(reply);
      for (const id of ids) assert.deepEqual(await custom(server, id), everything());
    });
  });
}
