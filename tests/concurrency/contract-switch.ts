import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { suffix, within } from '../support/wait.ts';
import { change, codeOf, read, type Target, upsert } from './backend.ts';
import type { Mode } from './race.ts';
import type { OpenServers, Servers } from './servers.ts';

const ROUNDS = 5;
const WRITERS = 16;
/** How many writes there are before the switch, and how many after it. */
const WRITES = 150;
/** Names to choose from: few, so that nearly every write is a duplicate of some other. */
const NAMES = 40;

interface Attempt {
  readonly id: string;
  readonly name: string;
  /** Whether it was sent after the switch had answered. */
  readonly late: boolean;
  readonly code: unknown;
}

interface Writing {
  readonly attempts: readonly Attempt[];
  /** Resolves when so many more attempts are over. */
  more(count: number): Promise<void>;
  /** From now on attempts count as late. */
  answered(): void;
  stop(): Promise<void>;
}

/** Starts writers who make new users all the time, each with a name that another may take at the same moment. */
function keepWriting(server: Target, mark: string): Writing {
  const attempts: Attempt[] = [];
  const goals: { readonly count: number; readonly reach: () => void }[] = [];
  let late = false;
  let stopped = false;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !stopped; n += 1) {
      const id = `${mark}-${writer}-${n}`;
      // Fresh names after the switch too, so that there is something left to win.
      const name = `${late ? 'After' : 'Before'} ${Math.floor(Math.random() * NAMES)} ${mark}`;
      const attempt = { id, name: n % 2 === 0 ? name : name.toUpperCase(), late };
      const { body } = await upsert(server, [{ id, name: attempt.name, teams: ['red'] }]);
      attempts.push({ ...attempt, code: codeOf(body) });
      for (const { count, reach } of goals) if (attempts.length >= count) reach();
    }
  };
  const all = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return {
    attempts,
    more(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      goals.push({ count: attempts.length + count, reach: resolve });
      return within(`${count} more writes`, promise, 15_000);
    },
    answered() {
      late = true;
    },
    async stop() {
      stopped = true;
      await within('the writers stop', all, 15_000);
    },
  };
}

/** The names that are held now, each with who holds it. */
async function holders(server: Target, attempts: readonly Attempt[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const byName = new Map<string, string[]>();
  const users = await read(
    server,
    attempts.map(({ id }) => id),
  );
  for (const { id, name } of users.values()) {
    const key = String(name).toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), String(id)]);
  }
  return byName;
}

async function switchOn(server: Target, mode: Mode): Promise<void> {
  await change(server, { enforce_unique_usernames: 'no' });
  const writing = keepWriting(server, suffix());
  await writing.more(WRITES);
  await change(server, { enforce_unique_usernames: mode });
  writing.answered();
  await writing.more(WRITES);
  await writing.stop();
  const { attempts } = writing;
  const held = await holders(server, attempts);
  for (const { id, name, late, code } of attempts) {
    const now = held.get(name.toLowerCase()) ?? [];
    if (code !== undefined) assert.equal(code, 6, `${id} was refused for its name only`);
    assert.equal(now.includes(id), code === undefined, `${id} is there if and only if it was accepted`);
    if (late && code === undefined) assert.deepEqual(now, [id], `"${name}" was taken after the answer, by one only`);
  }
  const outcomes = new Set(attempts.map(({ late, code }) => `${late ? 'late' : 'early'} ${code ?? 'accepted'}`));
  for (const outcome of ['early accepted', 'late accepted', 'late 6']) assert.ok(outcomes.has(outcome), outcome);
  assert.ok(
    [...held.values()].some((ids) => ids.length > 1),
    'there were duplicates before, and they stay',
  );
}

/** What holds of the switch, whichever servers take it. */
export function describeSwitch(where: string, open: OpenServers): void {
  describe(`a name is unique from the moment the switch has answered, ${where}`, () => {
    let servers: Servers;
    let server: Target;
    before(async () => {
      servers = await open();
      server = servers.target;
    });
    after(() => servers?.[Symbol.asyncDispose]());

    for (const mode of ['app', 'team'] as const) {
      it(`in ${mode} mode, while writers never pause`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) await switchOn(server, mode);
      });
    }
  });
}
