import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { it } from 'node:test';
import { readAddress } from './address.ts';
import { Connection } from './connection.ts';

/** A message of the server: its type, how long it is, and what it says. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

const WELCOME = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const CRASHED = message('E', Buffer.from('SFATAL\0VFATAL\0C57P02\0Mterminating connection because of crash\0\0'));

// A PostgreSQL that crashes does this to whoever it just let in; only a peer made for it does so each time.
it('a session that is opened and ended in one breath could not be opened, and the process lives on', async (test) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.concat([WELCOME, READY, CRASHED])));
  }).listen(0, '127.0.0.1');
  test.after(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = readAddress(`postgresql://rollcall:secret@127.0.0.1:${port}/rollcall`);
  await assert.rejects(Connection.open(address, 5000, {}), /terminating connection because of crash/);
});
