import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { restingMemory, serve } from '../process/serve.ts';

/*
 * The limit of rows 6 and 7: bare `ws`, which accepts and sends one frame. BENCH_ANSWER is the frame.
 */

const frame = process.env.BENCH_ANSWER ?? '{}';
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
sockets.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.send(frame);
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
