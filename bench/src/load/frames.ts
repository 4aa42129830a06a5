import type { Socket } from 'node:net';

/** Told where the payload of a text frame lies. The bytes are overwritten afterwards. */
export type OnText = (bytes: Buffer, start: number, end: number) => void;

const TEXT = 0x1;
const PING = 0x9;
const NOTHING = Buffer.alloc(0);
/** An empty pong, masked as a client's frames must be. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Takes the bytes of one connection apart into a server's frames, which carry no mask, and answers its pings. */
export class FrameReader {
  readonly #onText: OnText;
  #rest: Buffer = NOTHING;

  constructor(onText: OnText) {
    this.#onText = onText;
  }

  read(chunk: Buffer, socket: Socket | undefined): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const body = bodyOf(bytes, at);
      if (body === undefined || body.end > bytes.length) break;
      const kind = bytes.readUInt8(at) & 0x0f;
      if (kind === TEXT) this.#onText(bytes, body.start, body.end);
      else if (kind === PING) socket?.write(PONG);
      at = body.end;
    }
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
  }
}

/** Where the payload of the frame lies that begins there; undefined while its head is not whole. */
function bodyOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } | undefined {
  if (bytes.length < at + 2) return undefined;
  const short = bytes.readUInt8(at + 1) & 0x7f;
  if (short < 126) return { start: at + 2, end: at + 2 + short };
  const wide = short === 127;
  const start = at + (wide ? 10 : 4);
  if (bytes.length < start) return undefined;
  return { start, end: start + (wide ? Number(bytes.readBigUInt64BE(at + 2)) : bytes.readUInt16BE(at + 2)) };
}
