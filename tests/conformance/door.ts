import { at, type Fields } from '../support/json.ts';
import { openSocket, type Socket } from '../support/socket.ts';
import { suffix } from '../support/wait.ts';
import type { Actor, Step } from './case.ts';
import { playStep, tokenOf } from './run.ts';
import { read } from './steps.ts';
import type { Target } from './target.ts';

export interface ConnectAs {
  readonly userId: string;
  /** The connect document; by default `{user_id}` with the details beside. */
  readonly document?: unknown;
  readonly details?: Fields;
  readonly actor?: Actor;
  readonly app?: 'own' | 'other';
}

/** Opens a connection for a user, with whatever about it is to be special. */
export async function connectAs(target: Target, { userId, document, details, actor, app }: ConnectAs): Promise<Socket> {
  await target.settle?.();
  const addressed = app === 'other' && target.other !== undefined ? target.other : target.own;
  const token = tokenOf(target, actor ?? { user: userId }, addressed);
  const json = document ?? { user_id: userId, ...(details ? { user_details: { id: userId, ...details } } : {}) };
  return openSocket({
    url: target.url,
    apiKey: addressed.apiKey,
    ...(token === undefined ? {} : { token }),
    ...(actor === 'anonymous' ? { authType: 'anonymous' } : {}),
    json: typeof json === 'string' ? json : JSON.stringify(json),
  });
}

/** A connection that was greeted. */
export interface Entered {
  readonly socket: Socket;
  /** The user as it sees itself. */
  readonly me: Fields;
  readonly connectionId: string;
}

/** Opens a connection and waits for its hello. */
export async function enter(target: Target, how: ConnectAs): Promise<Entered> {
  const socket = await connectAs(target, how);
  const hello = await socket.frame(() => true);
  const me = at(hello, 'me');
  if (hello.type !== 'health.check') throw new Error(`no hello: ${JSON.stringify(hello)}`);
  // The hello of section 5 carries a user.
  return { socket, me: me as Fields, connectionId: String(hello.connection_id) };
}

/** Reads one user as the server sees it; undefined when there is none. */
export async function readUser(target: Target, id: string, more: Partial<Step> = {}): Promise<Fields | undefined> {
  const reply = await playStep(target, { ...read([id]), ...more });
  // The shape was checked by playStep.
  return at(reply.body, 'users', 0) as Fields | undefined;
}

/** An id that no other test uses. */
export const freshId = (name: string): string => `${name}-${suffix()}`;
