import { createServer } from 'node:http';
import { parse } from 'node:querystring';
import { gatherer } from '@rollcall/server/store/sqlite/gather';
import { createVerifier } from 'fast-jwt';
import { type WebSocket, WebSocketServer } from 'ws';
import { API_SECRET } from '../process/rollcall.ts';
import { restingMemory, serve } from '../process/serve.ts';
import { groupedUpserts } from './upserts.ts';

/*
 * The limit of rows 6, 7 and 8: bare `ws`, which accepts and sends one frame: BENCH_ANSWER. Each plain request, whatever it
 * says, makes it send BENCH_NEWS to all sockets. With a file as its argument it does before that frame what no connect of a new
 * user can do without: it verifies the token, and writes the user durably, as the limit of row 3 does.
 */

const [file] = process.argv.slice(2);
const enter = file === undefined ? undefined : entrance(file);
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
sockets.on('connection', async (socket, { url = '' }) => {
  socket.on('error', () => {});
  if (enter) await enter(url);
  socket.send(frame);
  if (news.length === 0) return;
  open.add(socket);
  socket.on('close', () => open.delete(socket));
});

function entrance(path: string): (url: string) => Promise<void> {
  // Node accepts one connection a turn: one turn would bring one row. As Rollcall gathers them.
  const write = groupedUpserts(path, (flush, count) =>
    gatherer({ count, flush, full: 100, ms: 8, patienceMs: () => 1 }),
  );
  const verify = createVerifier({ key: API_SECRET, algorithms: ['HS256'], cache: false });
  return async (url) => {
    const { authorization = '', json = '' } = parse(url.slice(url.indexOf('?') + 1));
    verify(String(authorization));
    await write(JSON.parse(String(json)).user_details, true);
  };
}

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
