/** The first byte of a whole text frame, and how long a payload may be for each form of its length (RFC 6455, section 5.2). */
const TEXT = 0x81;
const SHORT = 125;
const MEDIUM = 0xffff;

/** A text for many sockets, turned into bytes once. */
export class Encoded {
  readonly text: string;
  #frame: Buffer | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The whole WebSocket frame: a server's frames carry no mask, so that they are the same for every socket. */
  get frame(): Buffer {
    this.#frame ??= frameOf(this.text);
    return this.#frame;
  }
}

function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length <= SHORT ? 2 : length <= MEDIUM ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(start + length);
  frame[0] = TEXT;
  if (length <= SHORT) frame[1] = length;
  else if (length <= MEDIUM) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}
