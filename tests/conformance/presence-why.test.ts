import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { at, type Fields } from '../support/json.ts';
import { until } from '../support/wait.ts';
import { title } from './behaviours.ts';
import { subset } from './check.ts';
import { enter, freshId } from './door.ts';
import { playStep } from './run.ts';
import { as, ok, patch, refused, upsert } from './steps.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
before(async () => {
  target = await openTarget({ ROLLCALL_GRACE_MS: '300' });
});
after(() => target?.[Symbol.asyncDispose]());

const why = async (id: string): Promise<Fields> => {
  const { body } = await playStep(target, { method: 'GET', path: `/users/${id}/presence`, expect: ok() });
  // The line below looks at what is inside.
  return at(body, 'presence') as Fields;
};
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe(title('presence.why'), () => {
  it('names the connections of a user, and when each was last heard', async () => {
    const id = freshId('ann');
    const first = await enter(target, { userId: id });
    await using _ = first.socket;
    const second = await enter(target, { userId: id });
    const shown = await why(id);
    subset(shown, { online: true, invisible: false, last_active: TIME }, 'presence');
    const connections = [at(shown, 'connections')].flat();
    assert.deepEqual(
      new Set(connections.map((connection) => at(connection, 'id'))),
      new Set([first.connectionId, second.connectionId]),
    );
    for (const connection of connections) {
      subset(connection, { node: /^.+$/, connected_at: TIME, last_heartbeat: TIME, lease_until: TIME }, 'connection');
    }
    await second.socket.close();
    const alone = async (): Promise<unknown> => [at(await why(id), 'connections')].flat().filter(isOpen).length;
    await until('one connection', alone, (count) => count === 1);
  });

  it('tells a grace, and that a user hides', async () => {
    const id = freshId('ann');
    const { socket } = await enter(target, { userId: id });
    await playStep(target, patch([{ id, set: { invisible: true } }]));
    subset(await why(id), { online: false, invisible: true }, 'hidden');
    await playStep(target, patch([{ id, set: { invisible: false } }]));
    await socket.close();
    const look = () => why(id);
    await until('the grace', look, (shown) => shown.online === false || typeof shown.grace_until === 'string');
    const gone = await until('gone', look, (shown) => shown.online === false, 15_000);
    subset(gone, { online: false, grace_until: undefined }, 'gone');
  });

  it('knows a user who was never there', async () => {
    const id = freshId('ann');
    await playStep(target, upsert([{ id }]));
    subset(await why(id), { online: false, invisible: false, last_active: undefined, connections: [] }, 'presence');
  });

  it('is for the backend only, and about users there are', async () => {
    const id = freshId('ann');
    await playStep(target, upsert([{ id }]));
    const path = `/users/${id}/presence`;
    await playStep(target, { method: 'GET', path, actor: as(id), expect: refused(17) });
    await playStep(target, { method: 'GET', path, actor: 'none', expect: refused(5) });
    await playStep(target, { method: 'GET', path: `/users/${freshId('nobody')}/presence`, expect: refused(16) });
  });
});

const isOpen = (connection: unknown): boolean => at(connection, 'closed') !== true;
