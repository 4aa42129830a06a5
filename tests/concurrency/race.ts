import { setImmediate as turn } from 'node:timers/promises';
import { nameKey } from '@rollcall/domain/username';
import type { Fields } from '../support/json.ts';
import { suffix } from '../support/wait.ts';
import { accepted, codeOf, connect, patch, read, type Target, upsert } from './backend.ts';

export type Mode = 'app' | 'team';

/** How somebody tries to take the name. */
export type Way = 'upsert' | 'patch' | 'connect' | 'first connect' | 'join';

export interface Writer {
  readonly way: Way;
  readonly id: string;
  readonly name: string;
  /** Tries to take the name: undefined when it was given, else the code of the refusal. */
  take(): Promise<unknown>;
}

export interface Race {
  readonly writers: readonly Writer[];
  /** Who has the name now, of all who may have it only once. */
  holders(): Promise<readonly string[]>;
  /** Every racer that exists now. */
  users(): Promise<ReadonlyMap<string, Fields>>;
}

/** One name, spelled in ways that are all the same to a reader. */
export const SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.toLowerCase(),
  (name) => name.replaceAll(' ', '.'),
  (name) => name.replaceAll(' ', '_-'),
  (name) => name.replace('ß', 'ss'),
  (name) => name.split('').join('\u200b'),
  (name) => name.replace(/[a-z0-9]/gi, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
];

const WAYS: { readonly [M in Mode]: readonly Way[] } = {
  app: ['upsert', 'patch', 'connect', 'first connect'],
  team: ['upsert', 'patch', 'connect', 'join'],
};
const TEAM = 'red';
const HEAD_START_TURNS = 16;

/** Makes everybody ready for one race, in an order that chance decides; nobody has the name yet. */
export async function line(target: Target, mode: Mode, count: number): Promise<Race> {
  const mark = suffix();
  const name = `Jo Straße ${mark}`;
  const ways = Array.from({ length: count }, (_, index) => WAYS[mode][index % WAYS[mode].length] ?? 'upsert');
  const writers = ways.map((way, index) => {
    const spell = SPELLINGS[(index >> 2) % SPELLINGS.length] ?? String;
    return writer(target, mode, way, `${mark}-${index}`, spell(name));
  });
  const ready = writers.flatMap(({ way, id, name }) => before(mode, way, id, name));
  accepted(await upsert(target, ready));
  const users = (): Promise<ReadonlyMap<string, Fields>> =>
    read(
      target,
      writers.map(({ id }) => id),
    );
  return {
    writers: shuffled(writers),
    users,
    holders: async () =>
      [...(await users()).values()]
        .filter((user) => typeof user.name === 'string' && nameKey(user.name) === nameKey(name))
        .filter(({ teams }) => mode === 'app' || (Array.isArray(teams) && teams.includes(TEAM)))
        .map(({ id }) => String(id)),
  };
}

/**
 * Lets everybody go, and answers what each was told. An upgrade takes longer than a call on a warm connection: connects get
 * a head start of a few turns of the loop, as chance decides, so that they too win now and then.
 */
export async function run(writers: readonly Writer[]): Promise<readonly unknown[]> {
  const taken = new Map<string, Promise<unknown>>();
  const go = ({ id, take }: Writer): unknown => taken.set(id, take());
  writers.filter(connects).forEach(go);
  for (let turns = Math.floor(Math.random() * HEAD_START_TURNS); turns > 0; turns -= 1) await turn();
  writers.filter((one) => !connects(one)).forEach(go);
  return Promise.all(writers.map(({ id }) => taken.get(id)));
}

const connects = ({ way }: Writer): boolean => way === 'connect' || way === 'first connect';

/** What is there of a writer before the race: who joins has the name already, outside of the team. */
function before(mode: Mode, way: Way, id: string, name: string): readonly Fields[] {
  if (way === 'upsert' || way === 'first connect') return [];
  if (way === 'join') return [{ id, name }];
  return [{ id, ...(mode === 'team' ? { teams: [TEAM] } : {}) }];
}

function writer(target: Target, mode: Mode, way: Way, id: string, name: string): Writer {
  const teams = mode === 'team' ? { teams: [TEAM] } : {};
  const take = async (): Promise<unknown> => {
    switch (way) {
      case 'upsert':
        return codeOf((await upsert(target, [{ id, name, ...teams }])).body);
      case 'patch':
        return codeOf((await patch(target, [{ id, set: { name } }])).body);
      case 'join':
        return codeOf((await patch(target, [{ id, set: teams }])).body);
      default: {
        const { socket, first } = await connect(target, id, { name });
        await using _ = socket;
        return first === undefined ? 'no frame' : codeOf(first);
      }
    }
  };
  return { way, id, name, take };
}

function shuffled<T>(all: readonly T[]): readonly T[] {
  return all
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
