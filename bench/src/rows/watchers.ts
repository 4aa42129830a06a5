import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { personAt } from '../data/people.ts';
import { Stopwatch } from '../load/burst.ts';
import { sendAll, sendOne } from '../load/http.ts';
import { patch, reconnects, watch } from '../load/requests.ts';
import { open } from '../load/sockets.ts';
import { Tally } from '../load/tally.ts';
import { alternate, type Side } from '../report/compare.ts';
import { type Line, rateLine } from '../report/line.ts';
import { range } from './batches.ts';
import { BASE_USERS, type Row } from './bench.ts';

const WATCHERS = 1000;
const CHANGES = 60;
const MOST_ROUNDS = 10;
/** The user that all watch is none of them. */
const WATCHED = BASE_USERS - 1;
const HOUR_MS = 3_600_000;
/** Nothing but news is sent while the bytes are counted, and nobody is let go for being silent. */
const QUIET = { ROLLCALL_HEARTBEAT_MS: String(HOUR_MS), ROLLCALL_IDLE_MS: String(HOUR_MS) };
/** Long enough for a frame too many to come. */
const SETTLE_MS = 50;

/** Many connections that count what they are told. */
interface Audience extends Disposable {
  readonly port: number;
  readonly tally: Tally;
}

/** Opens the connections; `greeted` says what is left to do before one of them hears the news. */
async function gather(port: number, greeted: (index: number, hello: string) => Promise<unknown>): Promise<Audience> {
  const tally = new Tally();
  const sockets: Socket[] = [];
  for (const [index, request] of reconnects(range(0, WATCHERS).map((each) => personAt(each))).entries()) {
    let hello = '';
    const keep = (text: string) => {
      hello = text;
    };
    sockets.push(await open(port, request, { greeted: keep, read: ({ length }) => tally.add(length) }));
    await greeted(index, hello);
  }
  await pause(SETTLE_MS);
  return {
    port,
    tally,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Changes that are each another one, and all as long. */
const changes = (first: number, count: number): Buffer[] =>
  range(first, count).map((each) => patch(personAt(WATCHED).id, { age: 100 + (each % 900) }));

/** The side of a row: so many changes, and every frame of them counted in. */
function sideOf({ port, tally }: Audience, frameBytes: number, inFlight: number, first: number): Side {
  return async (round) => {
    const goal = tally.bytes + WATCHERS * CHANGES * frameBytes;
    const requests = changes(first + round * CHANGES, CHANGES);
    const stopwatch = new Stopwatch(0);
    const begun = performance.now();
    const told = tally.reach(goal);
    await sendAll(port, requests, inFlight);
    await told;
    const elapsed = performance.now() - begun;
    const { busy } = stopwatch.end();
    await pause(SETTLE_MS);
    if (tally.bytes !== goal) throw new Error(`${tally.bytes - goal} bytes too many were told`);
    return { perSecond: (WATCHERS * CHANGES * 1000) / elapsed, busy };
  };
}

/** The frame of a change, as one more connection of the first watcher is told of it. */
async function newsOf(port: number): Promise<Buffer> {
  const heard: Buffer[] = [];
  let hello = '';
  const [request = Buffer.alloc(0)] = reconnects([personAt(0)]);
  const socket = await open(port, request, {
    greeted: (text) => {
      hello = text;
    },
    read: (bytes) => heard.push(Buffer.from(bytes)),
  });
  await sendOne(port, watch(personAt(0).id, connectionIdIn(hello), [personAt(WATCHED).id]));
  for (const change of changes(899, 1)) await sendOne(port, change);
  await pause(SETTLE_MS);
  socket.destroy();
  return Buffer.concat(heard);
}

const connectionIdIn = (hello: string): string => String(JSON.parse(hello).connection_id);

const START_OF_BODY = 4;

/** Row 8: one change told to a thousand watchers, beside bare `ws` that sends the same bytes to a thousand sockets. */
export const telling: Row = async (bench) => {
  await using rollcall = await bench.rollcall(await bench.seededFile(), QUIET);
  const frame = await newsOf(rollcall.port);
  await using bare = bench.bareSockets('{"hello":true}', frame.toString('utf8', START_OF_BODY));
  const watched = [personAt(WATCHED).id];
  using ours = await gather(rollcall.port, (index, hello) =>
    sendOne(rollcall.port, watch(personAt(index).id, connectionIdIn(hello), watched)),
  );
  using theirs = await gather(await bare.ask('listen'), async () => {});
  const lines: Line[] = [];
  let first = 0;
  for (const inFlight of [1, 8]) {
    const side = (audience: Audience): Side => sideOf(audience, frame.length, inFlight, first);
    const compared = await alternate(side(ours), side(theirs));
    first += MOST_ROUNDS * CHANGES;
    const work = `one change to ${WATCHERS.toLocaleString('en-US')} watchers, ${inFlight} in flight`;
    lines.push(rateLine({ row: '8', work, must: 0.6, strive: 0.9 }, 'events', compared));
  }
  return lines;
};
