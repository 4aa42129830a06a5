import { type Person, personAt } from '../data/people.ts';
import { API_KEY, API_SECRET, headers } from '../process/rollcall.ts';
import { userToken } from './token.ts';

const commonHeaders = headers();

function withBody(method: string, body: string, path = '/users'): Buffer {
  const length = Buffer.byteLength(body);
  const head = `${method} ${path}?api_key=${API_KEY} HTTP/1.1\r\n${commonHeaders}`;
  return Buffer.from(`${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`);
}

const flat = ({ id, name, custom }: Person): object => ({ id, name, ...custom });

/** Upserts of whole users, `batch` in a request. */
export function upserts(people: readonly Person[], batch: number): Buffer[] {
  return Array.from({ length: Math.ceil(people.length / batch) }, (_, at) => {
    const users = people.slice(at * batch, (at + 1) * batch).map((person) => [person.id, flat(person)]);
    return withBody('POST', JSON.stringify({ users: Object.fromEntries(users) }));
  });
}

/** A partial update of one user. */
export const patch = (id: string, set: object): Buffer => withBody('PATCH', JSON.stringify({ users: [{ id, set }] }));

/** Partial updates, each of one field of one user. */
export const patches = (indexes: readonly number[], age: number): Buffer[] =>
  indexes.map((index) => patch(personAt(index).id, { age }));

function get(payload: object, parameters = '', authorized = commonHeaders): Buffer {
  const text = encodeURIComponent(JSON.stringify(payload));
  return Buffer.from(`GET /users?api_key=${API_KEY}${parameters}&payload=${text} HTTP/1.1\r\n${authorized}\r\n`);
}

/** Queries by the app's backend. */
export const queries = (payloads: readonly object[]): Buffer[] => payloads.map((payload) => get(payload));

/** Reads of one user by id. */
export const reads = (indexes: readonly number[]): Buffer[] =>
  queries(indexes.map((index) => ({ filter_conditions: { id: personAt(index).id } })));

/** A user's query for others, by their ids, whom its connection watches from then on. */
export function watch(id: string, connectionId: string, watched: readonly string[]): Buffer {
  const payload = { filter_conditions: { id: { $in: watched } }, limit: watched.length, presence: true };
  return get(payload, `&connection_id=${connectionId}`, headers(userToken(id, API_SECRET)));
}

/** A change of the app's settings. */
export const settings = (changed: object): Buffer => withBody('PATCH', JSON.stringify(changed), '/app');

/** A look at the app's settings. */
export const readSettings = (): Buffer => Buffer.from(`GET /app?api_key=${API_KEY} HTTP/1.1\r\n${commonHeaders}\r\n`);

function connect(id: string, details: object): Buffer {
  const json = encodeURIComponent(JSON.stringify({ user_id: id, user_details: details }));
  const query = `api_key=${API_KEY}&authorization=${userToken(id, API_SECRET)}&stream-auth-type=jwt&json=${json}`;
  return Buffer.from(
    `GET /connect?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
}

/** Connects of users with all their details, as an app sends them the first time. */
export const connects = (people: readonly Person[]): Buffer[] =>
  people.map((person) => connect(person.id, flat(person)));

/** Connects of users who say only their id, as a client does when it comes back. */
export const reconnects = (people: readonly Person[]): Buffer[] => people.map(({ id }) => connect(id, { id }));
