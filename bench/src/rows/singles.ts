import { scattered } from '../data/order.ts';
import { personAt } from '../data/people.ts';
import { sendAll, sendOne } from '../load/http.ts';
import { patches, reads, upserts } from '../load/requests.ts';
import { alternate, type Rounds, type Side } from '../report/compare.ts';
import { type Goal, type Line, rateLine } from '../report/line.ts';
import { range } from './batches.ts';
import { BASE_USERS, type Bench, type Row } from './bench.ts';

const IN_FLIGHT = 64;
const WRITES = 10_000;
const READS = 16_000;

/** Sends the same requests to Rollcall and to bare Fastify, each on a database of its own that begins the same. */
async function besideFastify(
  bench: Bench,
  goal: Goal,
  requestsOf: (round: number) => Buffer[],
  { answered, ...rounds }: Rounds & { readonly answered?: Buffer | undefined } = {},
): Promise<Line[]> {
  await using rollcall = await bench.rollcall(await bench.seededFile());
  const answer = answered && (await sendOne(rollcall.port, answered));
  await using bare = bench.bareHttp(await bench.seededFile(), answer);
  const port = await bare.ask('listen');
  const side =
    (to: number): Side =>
    (round) =>
      sendAll(to, requestsOf(round), IN_FLIGHT);
  return [rateLine(goal, 'requests', await alternate(side(rollcall.port), side(port), rounds))];
}

/** Row 3: one new user a request. */
export const singleUpserts: Row = (bench) => {
  const goal = { row: '3', work: '`POST /users` with one user, 64 in flight, durable', must: 0.6, strive: 0.8 };
  const first = (round: number): number => BASE_USERS + round * WRITES;
  return besideFastify(bench, goal, (round) =>
    upserts(
      range(first(round), WRITES).map((index) => personAt(index)),
      1,
    ),
  );
};

/** Row 4: one field of one user a request. */
export const singlePatches: Row = (bench) => {
  const goal = { row: '4', work: '`PATCH /users` with one user, 64 in flight', must: 0.55, strive: 0.8 };
  return besideFastify(bench, goal, (round) => patches(scattered(BASE_USERS, round * WRITES, WRITES), 100 + round));
};

/** Row 5: one user by id a request; bare Fastify answers the same bytes from memory. */
export const singleReads: Row = (bench) => {
  const goal = { row: '5', work: '`GET /users` by id, 64 in flight', must: 0.5, strive: 0.7 };
  const requestsOf = (round: number): Buffer[] => reads(scattered(BASE_USERS, round * READS, READS));
  return besideFastify(bench, goal, requestsOf, { answered: requestsOf(0)[0], warmUps: 3 });
};
