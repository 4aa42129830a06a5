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
  const greeted = (hello: string) => {
    text = hello;
  };
  const socket = await open(port, request, { greeted });
  socket.destroy();
  return text;
}

/** What somebody wants to know of a connection. */
export interface Listener {
  /** The text of the first frame. */
  greeted?(hello: string): void;
  /** The bytes that follow it. They are overwritten afterwards. */
  read?(bytes: Buffer): void;
  /** The connection is gone, whoever ended it. */
  closed?(): void;
}

/** Opens one connection, and resolves when its first frame is there. */
export function open(port: number, request: Buffer, listener: Listener = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let begun: Buffer | undefined;
    let greeted = false;
    function read(count: number): boolean {
      const bytes = readBuffer.subarray(0, count);
      if (greeted) {
        listener.read?.(bytes);
        return true;
      }
      begun = begun ? Buffer.concat([begun, bytes]) : bytes;
      const frame = firstFrameIn(begun);
      if (frame === undefined) {
        begun = Buffer.from(begun);
        return true;
      }
      const { body, end } = frame;
      greeted = true;
      const hello = begun.toString('utf8', body, end);
      if (hello.includes('"connection.error"')) {
        reject(new Error(`refused: ${hello}`));
        socket.destroy();
        return true;
      }
      listener.greeted?.(hello);
      resolve(socket);
      if (begun.length > end) listener.read?.(begun.subarray(end));
      begun = undefined;
      return true;
    }
    const onread = { buffer: readBuffer, callback: read };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, autoSelectFamily: false, onread });
    socket.write(request);
    socket.on('error', reject);
    socket.on('close', () => {
      listener.closed?.();
      reject(new Error('the server hung up'));
    });
  });
}

/** Where the first frame behind the head of an answer lies, once it is there whole. Frames here are below 64 KiB. */
function firstFrameIn(bytes: Buffer): { readonly body: number; readonly end: number } | undefined {
  const start = bytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
  if (start < END_OF_HEAD.length || bytes.length < start + 4) return undefined;
  const short = bytes.readUInt8(start + 1);
  const [length, body] = short < 126 ? [short, start + 2] : [bytes.readUInt16BE(start + 2), start + 4];
  return bytes.length < body + length ? undefined : { body, end: body + length };
}
