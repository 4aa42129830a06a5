import { connect, type Socket } from 'node:net';
import { type Burst, Stopwatch } from './burst.ts';

/*
 * A load of WebSocket connects, as lean as that of HTTP: an upgrade as bytes, then the server's first frame is waited for.
 */

/** One for all sockets: what is read is looked at before anything else is read. */
const readBuffer = Buffer.allocUnsafe(65_536);
const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** How long a server is left to forget the connections of one burst before the next. */
const SETTLE_MS = 300;

/** Connections that are open. */
export interface Opened {
  readonly burst: Burst;
  /** Closes them all, and leaves the server some time. */
  close(): Promise<void>;
}

/** Connects as often as there are requests, `inFlight` at a time, and keeps the connections open. */
export async function openAll(port: number, requests: readonly Buffer[], inFlight: number): Promise<Opened> {
  const sockets: Socket[] = [];
  const stopwatch = new Stopwatch(requests.length);
  let next = 0;
  async function drive(): Promise<void> {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sentAt = performance.now();
      sockets.push(await open(port, request));
      stopwatch.note(sentAt);
    }
  }
  await Promise.all(Array.from({ length: inFlight }, drive));
  return {
    burst: stopwatch.end(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    },
  };
}

/** Opens one connection and gives back the text of its first frame. */
export async function firstFrame(port: number, request: Buffer): Promise<string> {
  let text = '';
  const socket = await open(port, request, (frame) => {
    text = frame;
  });
  socket.destroy();
  return text;
}

function open(port: number, request: Buffer, keep?: (frame: string) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let begun: Buffer | undefined;
    function read(count: number): boolean {
      if (greeted) return true;
      const bytes = readBuffer.subarray(0, count);
      begun = begun ? Buffer.concat([begun, bytes]) : bytes;
      const frame = frameIn(begun);
      if (frame === undefined) {
        begun = Buffer.from(begun);
        return true;
      }
      greeted = true;
      begun = undefined;
      if (frame.includes('"connection.error"')) reject(new Error(`refused: ${frame}`));
      keep?.(frame);
      resolve(socket);
      return true;
    }
    let greeted = false;
    const onread = { buffer: readBuffer, callback: read };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, autoSelectFamily: false, onread });
    socket.write(request);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server hung up')));
  });
}

/** The text of the first frame behind the head of an answer, once it is there whole. Frames here are below 64 KiB. */
function frameIn(bytes: Buffer): string | undefined {
  const start = bytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
  if (start < END_OF_HEAD.length || bytes.length < start + 4) return undefined;
  const short = bytes.readUInt8(start + 1);
  const [length, body] = short < 126 ? [short, start + 2] : [bytes.readUInt16BE(start + 2), start + 4];
  return bytes.length < body + length ? undefined : bytes.toString('utf8', body, body + length);
}
