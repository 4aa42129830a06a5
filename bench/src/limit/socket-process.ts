import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { restingMemory, serve } from '../process/serve.ts';

/*
 * The limit of rows 6, 7 and 8: bare `ws`, which accepts and sends one frame: BENCH_ANSWER. Each plain request, whatever it
 * says, makes it send BENCH_NEWS to all sockets.
 */

const frame = process.env.BENCH_ANSWER ?? '{}';
// Tuned: as bytes, so that it is not encoded anew for each socket.
const news = Buffer.from(process.env.BENCH_NEWS ?? '');
const open = new Set<WebSocket>();
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    for (const socket of open) socket.send(news, { binary: false });
    response.setHeader('Content-Length', 2).end('{}');
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
sockets.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.send(frame);
  if (news.length === 0) return;
  open.add(socket);
  socket.on('close', () => open.delete(socket));
});

serve({
  memory: restingMemory,
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    }),
});
