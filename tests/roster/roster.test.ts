import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Rollcall, type Roster, type User } from '@rollcall/client';
import { RollcallServer } from '@rollcall/client/server';
import { type RunningServer, startServer } from '../support/server.ts';
import { userToken } from '../support/token.ts';
import { until } from '../support/wait.ts';

const PEOPLE = Array.from({ length: 40 }, (_, n) => `p${String(n).padStart(2, '0')}`);
const GRACE_MS = 200;
const env = { ROLLCALL_GRACE_MS: String(GRACE_MS) };

/** A client that closes with the test, connected as this user. */
async function connect(server: RunningServer, id: string): Promise<AsyncDisposable & { readonly client: Rollcall }> {
  const client = new Rollcall(server.apiKey, { url: server.url, chance: Math.random });
  await client.connectUser({ id }, userToken(id, server.secret));
  return { client, [Symbol.asyncDispose]: () => client.disconnectUser() };
}

/**
 * What a list says of its users. Not when they were last active while they are online, which is always now; and not when
 * they were changed, since others do not hear that a user hides.
 */
const told = (users: readonly User[]): unknown =>
  users.map(({ last_active, updated_at: _, ...user }) => (user.online ? user : { ...user, last_active }));

/** Waits until a list says what reading anew says. */
async function agree(roster: Roster, read: () => Promise<readonly User[]>): Promise<void> {
  let fresh: readonly User[] = [];
  const look = async (): Promise<unknown> => {
    fresh = await read();
    return told(roster.users);
  };
  const equal = (): boolean => {
    try {
      assert.deepEqual(told(roster.users), told(fresh));
      return roster.status === 'live';
    } catch {
      return false;
    }
  };
  await until('the list agrees', look, equal, 20_000).catch(() => assert.deepEqual(told(roster.users), told(fresh)));
}

const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];

/** So many renamings, comings and goings, many at once. Whoever is there at the end stays. */
async function storm(server: RunningServer, backend: RollcallServer, steps: number): Promise<readonly Rollcall[]> {
  const here = new Map<string, Rollcall>();
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    const own = PEOPLE.filter((_, n) => n % 8 === lane);
    for (let step = 0; step < steps; step++) {
      const id = pick(own) ?? 'p00';
      const what = Math.random();
      const visitor = here.get(id);
      const name = pick(['A', 'B', 'é', '😀', '\uffee', id]) ?? id;
      if (what < 0.6) await backend.partialUpdateUser({ id, set: { name, step } });
      else if (what < 0.7) await backend.partialUpdateUser({ id, set: { invisible: Math.random() < 0.5 } });
      else if (visitor) {
        here.delete(id);
        await visitor.disconnectUser();
      } else here.set(id, (await connect(server, id)).client);
    }
  });
  await Promise.all(lanes);
  return [...here.values()];
}

describe('a list that a client keeps live', () => {
  it('says after a storm, a restart and a crash what reading anew says', async () => {
    await using first = await startServer({ env });
    const backend = new RollcallServer(first.apiKey, first.secret, { url: first.url });
    await backend.upsertUsers(PEOPLE.map((id) => ({ id, name: id })));
    await using watcher = await connect(first, 'watcher');
    await using reader = await connect(first, 'reader');
    const filter = { id: { $in: PEOPLE } };
    const sort = { name: 1, id: -1 } as const;
    const read = async () => (await reader.client.queryUsers(filter, sort, { limit: 100 })).users;
    using roster = watcher.client.watch(filter, { sort, limit: 1_000 });
    await using guests = new AsyncDisposableStack();
    const play = async (server: RunningServer, steps: number): Promise<void> => {
      for (const guest of await storm(server, backend, steps)) guests.defer(() => guest.disconnectUser());
      await agree(roster, read);
    };
    await play(first, 25);

    const { database, apiKey, secret } = first;
    const again = { database, apiKey, secret, env: { ...env, ROLLCALL_PORT: new URL(first.url).port } };
    assert.equal(await first.stop(), 0);
    await using second = await startServer(again);
    await play(second, 10);
    await second.kill();
    await using third = await startServer(again);
    await play(third, 10);
    await guests.disposeAsync();
    const online = (): number => roster.users.filter((user) => user.online).length;
    await until('everybody has left', online, (count) => count === 0);
    await agree(roster, read);
  });

  it('is no longer told of users once it is closed, unless another list shows them', async () => {
    await using server = await startServer({ env });
    const backend = new RollcallServer(server.apiKey, server.secret, { url: server.url });
    await backend.upsertUsers([{ id: 'ann' }, { id: 'bob' }, { id: 'cleo' }]);
    await using watcher = await connect(server, 'watcher');
    const heard: string[] = [];
    watcher.client.on('user.updated', ({ user }) => void heard.push(`${user.id} ${user.step}`));
    const both = watcher.client.watch({ id: { $in: ['ann', 'bob'] } });
    using other = watcher.client.watch({ id: { $in: ['bob', 'cleo'] } });
    await until(
      'both are live',
      () => [both.status, other.status],
      (seen) => seen.every((status) => status === 'live'),
    );
    both.close();
    await pause(1_500); // the list lingers a second
    for (const id of ['ann', 'bob', 'cleo']) await backend.partialUpdateUser({ id, set: { step: 1 } });
    await until(
      'bob and cleo are heard of',
      () => heard.length,
      (count) => count >= 2,
    );
    assert.deepEqual(heard.toSorted(), ['bob 1', 'cleo 1']);
  });
});
