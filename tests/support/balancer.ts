import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Spreads connections over servers in turn; one that takes none is passed over. */
export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** From now on connections go to these. Those that are open stay. */
  use(urls: readonly string[]): void;
}

/** Opens a load balancer as plain as can be. */
export async function openBalancer(urls: readonly string[]): Promise<Balancer> {
  let targets = urls;
  let turn = 0;
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    keep(sockets, socket);
    for (let tries = targets.length; tries > 0; tries -= 1) {
      turn += 1;
      const target = await reach(targets[turn % targets.length]);
      if (!target) continue;
      keep(sockets, target);
      join(socket, target);
      return;
    }
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: urlOf(server),
    use(next) {
      targets = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the balancer has no port');
  return `http://127.0.0.1:${address.port}`;
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
}

async function reach(url: string | undefined): Promise<Socket | undefined> {
  if (url === undefined) return undefined;
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    return undefined;
  }
}

function join(client: Socket, server: Socket): void {
  for (const [from, to] of [[client, server] as const, [server, client] as const]) {
    from.pipe(to);
    from.on('close', () => to.destroy());
  }
}
