import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABSENT, end, type Hiding, knock, renew } from '@rollcall/domain/presence';
import { BLANK, type User } from '@rollcall/domain/user';
import { writePresence } from './write-presence.ts';

const ann: User = { id: 'ann', ...BLANK, createdAt: 0, updatedAt: 0 };
const held = { node: 'n', device: 'phone "1"', connectedAt: 1000, heardAt: 2000 };
const SHOWN: Hiding = { invisible: false, asOf: 0 };
const open = renew(ABSENT, 'a', held, SHOWN, 2000).presence;
const written = (presence: typeof open, now: number, user = ann, lastActive?: number) =>
  JSON.parse(writePresence({ user, presence, lastActive }, now)).presence;

test('the presence of a user names each connection, and not those that only knock', () => {
  assert.deepEqual(written(knock(open, 'b', held, 2000), 3000, ann, 3000), {
    online: true,
    invisible: false,
    last_active: '1970-01-01T00:00:03.000Z',
    connections: [
      {
        id: 'a',
        node: 'n',
        device: 'phone "1"',
        connected_at: '1970-01-01T00:00:01.000Z',
        last_heartbeat: '1970-01-01T00:00:02.000Z',
        lease_until: '1970-01-01T00:01:02.000Z',
        closed: false,
      },
    ],
  });
});

test('it tells of the grace, until that is over', () => {
  const closed = end(open, 'a', 3000).presence;
  const grace = written(closed, 4000);
  assert.deepEqual([grace.online, grace.grace_until], [true, '1970-01-01T00:00:06.000Z']);
  assert.deepEqual(
    [grace.connections[0].closed, grace.connections[0].last_heartbeat],
    [true, '1970-01-01T00:00:03.000Z'],
  );
  assert.deepEqual(written(closed, 6000), { online: false, invisible: false, connections: [] });
});

test('who hides is shown as offline, and its connections all the same', () => {
  const presence = written(open, 3000, { ...ann, invisible: true });
  assert.deepEqual([presence.online, presence.invisible, presence.connections.length], [false, true, 1]);
});
