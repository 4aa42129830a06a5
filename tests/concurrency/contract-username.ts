import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { nameKey } from '@rollcall/domain/username';
import { at } from '../support/json.ts';
import { accepted, change, type Target, upsert } from './backend.ts';
import { line, type Mode, run, SPELLINGS } from './race.ts';
import type { OpenServers, Servers } from './servers.ts';

const ROUNDS = 20;
const WRITERS = 64;

async function race(server: Target, mode: Mode, won: Map<string, number>): Promise<void> {
  const { writers, holders, users } = await line(server, mode, WRITERS);
  const codes = await run(writers);
  const winners = writers.filter((_, index) => codes[index] === undefined);
  const told = codes.filter((code) => code !== undefined);
  assert.equal(winners.length, 1, `winners: ${winners.map(({ way, name }) => `${way} ${name}`).join(', ')}`);
  assert.deepEqual(told, Array(WRITERS - 1).fill(6), 'every loser reads code 6');
  const [winner] = winners;
  assert.deepEqual(await holders(), [winner?.id], 'the winner alone holds the name');
  const there = await users();
  for (const { way, id } of writers) {
    if (id === winner?.id) continue;
    if (way === 'upsert' || way === 'first connect') assert.equal(there.has(id), false, `${id} lost and was not made`);
    else if (way === 'join') assert.deepEqual(there.get(id)?.teams, [], `${id} lost and joined no team`);
    else assert.equal(there.get(id)?.name, undefined, `${id} lost and has no name`);
  }
  won.set(winner?.way ?? '', (won.get(winner?.way ?? '') ?? 0) + 1);
}

async function rounds(server: Target, mode: Mode, test: TestContext): Promise<void> {
  await change(server, { enforce_unique_usernames: mode });
  const won = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) await race(server, mode, won);
  test.diagnostic(`won by ${[...won].map(([way, times]) => `${way} ${times}`).join(', ')}`);
}

/** What holds of unique names, whichever servers take them. */
export function describeUsernames(where: string, open: OpenServers): void {
  describe(`of 64 writers who race for one name exactly one wins, ${where}`, () => {
    let servers: Servers;
    let server: Target;
    before(async () => {
      servers = await open();
      server = servers.target;
    });
    after(() => servers?.[Symbol.asyncDispose]());

    it('in the whole app, twenty rounds, whether they upsert, patch or connect', async (test) =>
      rounds(server, 'app', test));

    it('within a team, twenty rounds, also when they bring the name into the team', async (test) =>
      rounds(server, 'team', test));

    it('and those of another team are not in the race', async () => {
      await change(server, { enforce_unique_usernames: 'team' });
      const { writers } = await line(server, 'team', 8);
      const name = writers[0]?.name;
      const others = ['blue', 'green'].map((team) => upsert(server, [{ id: `of-${team}`, name, teams: [team] }]));
      const [first, second, codes] = await Promise.all([...others, run(writers)]);
      for (const reply of [first, second]) {
        assert.equal(at(reply, 'status'), 201);
      }
      assert.equal(Array.isArray(codes) && codes.filter((code) => code === undefined).length, 1);
    });

    it('in spellings that really are one name', () => {
      const keys = SPELLINGS.map((spell) => nameKey(spell('Jo Straße zz9')));
      assert.deepEqual([...new Set(keys)], ['jostrassezz9']);
      assert.equal(new Set(SPELLINGS.map((spell) => spell('Jo Straße zz9'))).size, SPELLINGS.length);
    });

    it('and without the setting all of them get it', async () => {
      await change(server, { enforce_unique_usernames: 'no' });
      const { writers, holders } = await line(server, 'app', 8);
      const codes = await run(writers);
      assert.deepEqual(codes, Array(8).fill(undefined));
      assert.equal((await holders()).length, 8);
      accepted(await upsert(server, [{ id: 'one-more', name: writers[0]?.name }]));
    });
  });
}
