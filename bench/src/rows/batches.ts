import { scattered } from '../data/order.ts';
import { distinctPeople, personAt } from '../data/people.ts';
import type { Burst } from '../load/burst.ts';
import { sendAll, sendOne } from '../load/http.ts';
import { settings, upserts } from '../load/requests.ts';
import type { Rollcall } from '../process/rollcall.ts';
import { alternate } from '../report/compare.ts';
import { rateLine } from '../report/line.ts';
import { BASE_USERS, type Row } from './bench.ts';

const BATCH = 100;
const IN_FLIGHT = 8;
const USERS = 20_000;

/** Upserts the users of these numbers, 100 a request; counts users, not requests. */
export async function upsertAll({ port }: Rollcall, indexes: readonly number[], age?: number): Promise<Burst> {
  const people = indexes.map((index) => personAt(index, age));
  const burst = await sendAll(port, upserts(people, BATCH), IN_FLIGHT);
  return { ...burst, perSecond: burst.perSecond * BATCH };
}

/** So many numbers from one on. */
export const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

/** Row 1: new users, into a database that begins empty and grows on both sides alike. */
export const newUsers: Row = async (bench) => {
  await using rollcall = await bench.rollcall(bench.file());
  await using loop = bench.loop(bench.file());
  const compared = await alternate(
    (round) => upsertAll(rollcall, range(round * USERS, USERS)),
    async (round) => ({ perSecond: await loop.ask('insert', round * USERS, USERS) }),
  );
  const goal = { row: '1', work: '`POST /users`, 100 new users each, 8 in flight', must: 0.6, strive: 0.85 };
  return [rateLine(goal, 'users', compared)];
};

/** Row 2: users that exist, in random order, one custom field changed. */
export const changedUsers: Row = async (bench) => {
  await using rollcall = await bench.rollcall(await bench.seededFile());
  await using loop = bench.loop(await bench.seededFile());
  const compared = await alternate(
    (round) => upsertAll(rollcall, scattered(BASE_USERS, round * USERS, USERS), 100 + round),
    async (round) => ({ perSecond: await loop.ask('update', BASE_USERS, round * USERS, USERS, 100 + round) }),
    { warmUps: 3 },
  );
  const goal = { row: '2', work: 'the same over users that exist, in random order', must: 0.6, strive: 0.9 };
  return [rateLine(goal, 'users', compared)];
};

/** Row 10: row 1 with unique usernames beside row 1 without. */
export const uniqueNames: Row = async (bench) => {
  await using unique = await bench.rollcall(bench.file());
  await using plain = await bench.rollcall(bench.file());
  await enforceUniqueUsernames(unique);
  const measured = 5;
  const people = distinctPeople(0, (measured + 1) * USERS);
  const slice = (round: number): number[] => people.slice(round * USERS, (round + 1) * USERS);
  const compared = await alternate(
    (round) => upsertAll(unique, slice(round)),
    (round) => upsertAll(plain, slice(round)),
    { measured },
  );
  const work = 'row 1 with `enforce_unique_usernames: app` (limit: row 1 without)';
  return [rateLine({ row: '10', work, must: 0.9, strive: 0.97 }, 'users', compared)];
};

/** Switches uniqueness on. */
export async function enforceUniqueUsernames({ port }: Rollcall): Promise<void> {
  const answer = await sendOne(port, settings({ enforce_unique_usernames: 'app' }));
  if (!answer.includes('"enforce_unique_usernames":"app"')) throw new Error(`names are not unique: ${answer}`);
}
