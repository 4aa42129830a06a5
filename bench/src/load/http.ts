import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Burst, Stopwatch } from './burst.ts';

/*
 * A load of HTTP that costs its own core little: requests are made beforehand as bytes, written to plain sockets that are
 * kept alive, and of the answers only the status and the length are read. Both sides of a row get the same one.
 */

const READ_BYTES = 65_536;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Sends all the requests, `inFlight` at a time, each on a connection that waits for its answer. Throws at a refusal. */
export async function sendAll(port: number, requests: readonly Buffer[], inFlight: number): Promise<Burst> {
  const lines = Array.from({ length: inFlight }, () => new Line(port));
  await Promise.all(lines.map((line) => line.open()));
  const stopwatch = new Stopwatch(requests.length);
  let next = 0;
  async function drive(line: Line): Promise<void> {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sentAt = performance.now();
      await line.send(request);
      stopwatch.note(sentAt);
    }
  }
  await Promise.all(lines.map(drive));
  const burst = stopwatch.end();
  for (const line of lines) line.close();
  return burst;
}

/** Sends one request and gives back the body of the answer. */
export async function sendOne(port: number, request: Buffer): Promise<string> {
  const line = new Line(port);
  await line.open();
  let body = '';
  line.keep = (text) => {
    body += text;
  };
  await line.send(request);
  line.close();
  return body;
}

/** One connection, with at most one request on its way. */
class Line {
  /** Told the bytes of bodies, when somebody wants them. */
  keep: ((text: string) => void) | undefined;
  readonly #socket: Socket;
  #head: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;
  #answered: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  constructor(port: number) {
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (count: number, buffer: Uint8Array) => this.#read(buffer, count),
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error('the server hung up')));
  }

  async open(): Promise<void> {
    await once(this.#socket, 'connect');
  }

  send(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(buffer: Uint8Array, count: number): boolean {
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, count);
    if (this.#bodyLeft > 0) this.#readBody(bytes);
    else this.#readHead(this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]));
    return true;
  }

  #readHead(bytes: Buffer): void {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0) {
      this.#head = Buffer.from(bytes);
      return;
    }
    this.#head = Buffer.alloc(0);
    const head = bytes.toString('latin1', 0, end);
    if (head.charCodeAt(9) !== 0x32) this.#failed(new Error(`refused: ${bytes.toString()}`));
    this.#bodyLeft = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    this.#readBody(bytes.subarray(end + END_OF_HEAD.length));
  }

  #readBody(bytes: Buffer): void {
    this.keep?.(bytes.toString());
    this.#bodyLeft -= bytes.length;
    if (this.#bodyLeft === 0) this.#answered();
  }
}
