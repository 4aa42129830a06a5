import { scattered } from '../data/order.ts';
import { personAt } from '../data/people.ts';
import { sendAll } from '../load/http.ts';
import { connects, reads, reconnects } from '../load/requests.ts';
import { firstFrame, openAll } from '../load/sockets.ts';
import type { Child } from '../process/child.ts';
import { alternate, type Sample } from '../report/compare.ts';
import { costLine, rateLine } from '../report/line.ts';
import { median } from '../report/statistics.ts';
import { range } from './batches.ts';
import { BASE_USERS, type Bench, type Row } from './bench.ts';

const IN_FLIGHT = 64;
const CONNECTS = 4000;
const WARM_UPS = 3;
const MEASURED = 5;
const IDLE = 5000;
const KIB = 1024;

async function connectAll(port: number, requests: readonly Buffer[]): Promise<Sample> {
  const { burst, close } = await openAll(port, requests, IN_FLIGHT);
  await close();
  return burst;
}

/** Row 6: connects a second, closing not counted: of users who are new, and of users who come back with nothing to say. */
export const connecting: Row = async (bench) => {
  await using rollcall = await bench.rollcall(await bench.seededFile());
  const hello = await firstFrame(rollcall.port, connects([personAt(BASE_USERS - 1)])[0] ?? Buffer.alloc(0));
  await using bare = bench.bareSockets(hello);
  const port = await bare.ask('listen');
  const fresh = (round: number): Buffer[] =>
    connects(range(BASE_USERS + round * CONNECTS, CONNECTS).map((index) => personAt(index)));
  const created = await alternate(
    (round) => connectAll(rollcall.port, fresh(round)),
    (round) => connectAll(port, fresh(round)),
    { warmUps: WARM_UPS, measured: MEASURED },
  );
  await using entrance = bench.bareEntrance(await bench.seededFile(), hello);
  const entrancePort = await entrance.ask('listen');
  const alike = await alternate(
    (round) => connectAll(rollcall.port, fresh(WARM_UPS + MEASURED + round)),
    (round) => connectAll(entrancePort, fresh(WARM_UPS + MEASURED + round)),
    { warmUps: 1, measured: 3 },
  );
  const known = reconnects(scattered(BASE_USERS, 0, CONNECTS).map((index) => personAt(index)));
  const back = await alternate(
    () => connectAll(rollcall.port, known),
    () => connectAll(port, known),
    { warmUps: WARM_UPS, measured: MEASURED },
  );
  return [
    rateLine({ row: '6', work: 'connect: token, upsert, hello', must: 0.5, strive: 0.8 }, 'connects', created),
    rateLine(
      { row: '6w', work: 'connect (limit: `ws` and its token, row 3’s upsert)', must: 0.6, strive: 0.8 },
      'connects',
      alike,
    ),
    rateLine({ row: '6', work: 'reconnect, unchanged', must: 0.6, strive: 0.8 }, 'connects', back),
  ];
};

/** The memory that one idle connection takes: what many grew the process by, divided by how many. */
async function memoryEach(child: Child, port: number, requests: readonly Buffer[]): Promise<number> {
  const warm = await openAll(port, requests.slice(IDLE), IN_FLIGHT);
  await warm.close();
  const before = await child.ask('memory');
  const idle = await openAll(port, requests.slice(0, IDLE), IN_FLIGHT);
  const after = await child.ask('memory');
  await idle.close();
  return (after - before) / IDLE;
}

async function memoryOfRollcall(bench: Bench, indexes: readonly number[]): Promise<number> {
  await using rollcall = await bench.rollcall(await bench.seededFile());
  // The pages of the database that hold these users are read before, so that they do not count.
  await sendAll(rollcall.port, reads(indexes), IN_FLIGHT);
  return await memoryEach(rollcall.child, rollcall.port, reconnects(indexes.map((index) => personAt(index))));
}

async function memoryOfBare(bench: Bench, indexes: readonly number[]): Promise<number> {
  await using bare = bench.bareSockets(JSON.stringify({ hello: 'x'.repeat(700) }));
  const port = await bare.ask('listen');
  return await memoryEach(bare, port, reconnects(indexes.map((index) => personAt(index))));
}

/** Row 7: memory of an idle connection, on a fresh process each time. */
export const idleMemory: Row = async (bench) => {
  const indexes = scattered(BASE_USERS, 0, IDLE + 1000);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    ours.push(await memoryOfRollcall(bench, indexes));
    theirs.push(await memoryOfBare(bench, indexes));
  }
  const ratio = median(ours.map((bytes, at) => bytes / (theirs[at] ?? Number.NaN)));
  const kib = (bytes: readonly number[]): string => `${(median(bytes) / KIB).toFixed(1)} KiB`;
  const goal = { row: '7', work: `memory of one idle connection, of ${IDLE}`, must: 2.5, strive: 1.5 };
  return [costLine(goal, { rollcall: kib(ours), limit: kib(theirs), unit: ' ×' }, ratio)];
};
