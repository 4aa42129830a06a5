import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Burst, Stopwatch } from './burst.ts';

/*
 * A load of HTTP that costs its own core little: requests are made beforehand as bytes, written to plain sockets that are
 * kept alive, and of the answers only the status and the length are read. Both sides of a row get the same one.
 */

const READ_BYTES = 65_536;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** Where the status stands in the first line of an answer, and the last one that is no refusal. */
const STATUS_AT = 'HTTP/1.1 '.length;
const OK = 299;

/** Sends all the requests, `inFlight` at a time, each on a connection that waits for its answer. Throws at a refusal. */
export async function sendAll(port: number, requests: readonly Buffer[], inFlight: number): Promise<Burst> {
  await using lines = await Lines.open(port, inFlight);
  const stopwatch = new Stopwatch(requests.length);
  let next = 0;
  async function drive(line: Line): Promise<void> {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sentAt = performance.now();
      await line.send(request);
      stopwatch.note(sentAt);
      refuseRefusal(line);
    }
  }
  await Promise.all(lines.all.map(drive));
  return stopwatch.end();
}

/** Sends one request and gives back the body of the answer. Throws at a refusal. */
export async function sendOne(port: number, request: Buffer): Promise<string> {
  const line = new Line(port, true);
  try {
    await line.open();
    await line.send(request);
    refuseRefusal(line);
    return line.body;
  } finally {
    line.close();
  }
}

function refuseRefusal({ status, body }: Line): void {
  if (status > OK) throw new Error(`refused: ${status} ${body}`);
}

/** Connections that take a request each as they come free. */
export class Lines implements AsyncDisposable {
  readonly all: readonly Line[];
  readonly #free: Line[];
  readonly #waiting: ((line: Line) => void)[] = [];

  private constructor(all: readonly Line[]) {
    this.all = all;
    this.#free = [...all];
  }

  static async open(port: number, count: number): Promise<Lines> {
    const lines = Array.from({ length: count }, () => new Line(port));
    await Promise.all(lines.map((line) => line.open()));
    return new Lines(lines);
  }

  /** Sends a request on the next free connection. Throws at a refusal. */
  async send(request: Buffer): Promise<void> {
    const line = this.#free.pop() ?? (await new Promise<Line>((resolve) => this.#waiting.push(resolve)));
    await line.send(request);
    refuseRefusal(line);
    const next = this.#waiting.shift();
    if (next) next(line);
    else this.#free.push(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const line of this.all) line.close();
  }
}

/** One connection, with at most one request on its way. */
export class Line {
  /** The status of the last answer. */
  status = 0;
  readonly #port: number;
  readonly #keeps: boolean;
  #socket: Socket | undefined;
  #head: Buffer = Buffer.alloc(0);
  #kept: Buffer[] = [];
  #bodyLeft = 0;
  #answered: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  /** With `keeps` the bodies of answers are kept; otherwise only those of refusals. */
  constructor(port: number, keeps = false) {
    this.#port = port;
    this.#keeps = keeps;
  }

  async open(): Promise<void> {
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (count: number, buffer: Uint8Array) => this.#read(buffer, count),
    };
    this.#socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error('the server hung up')));
    await once(this.#socket, 'connect');
  }

  /** The body of the last answer, when it is kept. */
  get body(): string {
    return Buffer.concat(this.#kept).toString();
  }

  /** Sends a request, and resolves when it is answered, also by a refusal. A line that was idle for too long was closed by the server. */
  async send(request: Buffer): Promise<void> {
    if (this.#socket?.destroyed) await this.open();
    await new Promise<void>((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket?.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
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
    this.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    this.#kept = [];
    this.#bodyLeft = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    this.#readBody(bytes.subarray(end + END_OF_HEAD.length));
  }

  #readBody(bytes: Buffer): void {
    if (this.#keeps || this.status > OK) this.#kept.push(Buffer.from(bytes));
    this.#bodyLeft -= bytes.length;
    if (this.#bodyLeft === 0) this.#answered();
  }
}
