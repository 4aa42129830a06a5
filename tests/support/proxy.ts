import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A link through which programs reach a server, and which can be spoilt. */
export interface Link extends AsyncDisposable {
  readonly port: number;
  /** The same address, by way of this link. */
  through(url: string): string;
  /** Ends all connections, and refuses new ones. */
  cut(): void;
  /** Lets nothing through any more, in neither direction, and tells nobody. */
  blackHole(): void;
  /** Everything takes so much longer, in each direction. */
  delay(ms: number): void;
  /** As good as new. What was in a black hole is lost, with the connections it was on. */
  mend(): void;
}

type State = 'whole' | 'cut' | 'black hole';

/** Opens a link to a port of this machine. */
export async function openLink(targetPort: number): Promise<Link> {
  const link = new TcpLink(targetPort);
  await link.listen();
  return link;
}

class TcpLink implements Link {
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: State = 'whole';
  #delayMs = 0;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return address.port;
  }

  through(url: string): string {
    const here = new URL(url);
    here.hostname = '127.0.0.1';
    here.port = String(this.port);
    return here.href;
  }

  cut(): void {
    this.#state = 'cut';
    this.#drop();
  }

  blackHole(): void {
    this.#state = 'black hole';
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  mend(): void {
    if (this.#state === 'black hole') this.#drop();
    this.#state = 'whole';
    this.#delayMs = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#drop();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#state === 'cut') {
      socket.on('error', () => {});
      socket.resetAndDestroy();
      return;
    }
    const target = connect({ host: '127.0.0.1', port: this.#targetPort });
    this.#join(socket, target);
    this.#join(target, socket);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('end', () => to.end());
    from.on('data', (bytes) => this.#pass(Buffer.from(bytes), to));
  }

  #pass(bytes: Buffer, to: Socket): void {
    if (this.#state === 'black hole') return;
    if (this.#delayMs === 0) to.write(bytes);
    else setTimeout(() => this.#state === 'whole' && !to.destroyed && to.write(bytes), this.#delayMs);
  }
}
