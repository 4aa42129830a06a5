import { Connection } from './connection.ts';
import { inputError, isRecord, RollcallError } from './error.ts';
import { Freshness } from './freshness.ts';
import { type RollcallOptions, socketClassOf } from './options.ts';
import { type Call, type Endpoint, queryOf, request, toJson } from './request.ts';
import type { Frame } from './socket.ts';
import { type TokenOrProvider, TokenSource } from './token.ts';
import type { ConnectionState, Me, MeFields, User, UserInput } from './types.ts';
import { hasId } from './users.ts';

/** What a session needs. */
export interface SessionParts<Custom extends object> {
  readonly endpoint: Endpoint;
  readonly options: RollcallOptions;
  readonly user: UserInput<Custom>;
  readonly token: TokenOrProvider;
  readonly onFrame: (frame: Frame) => void;
  readonly onState: (state: ConnectionState) => void;
}

/** The code of a token that ran out or was revoked: a new one may do. */
const TOKEN_EXPIRED = 40;

/** What says nothing without a user. */
const USER_NEWS: ReadonlySet<string> = new Set(['user.updated', 'user.presence.changed']);

/** One user from `connectUser` to `disconnectUser`: its token, its connection, and what it is known to be. */
export class Session<Custom extends object> {
  readonly userId: string;
  readonly #parts: SessionParts<Custom>;
  readonly #tokens: TokenSource;
  readonly #connection: Connection;
  readonly #freshness = new Freshness();
  #opened: Promise<Me<Custom>> | undefined;
  #me: Me<Custom> | undefined;
  #connectionId: string | undefined;

  /** Opens nothing yet. Throws when the user has no id or there is no WebSocket. */
  constructor(parts: SessionParts<Custom>) {
    if (!hasId(parts.user)) throw inputError('the user needs an id, a string');
    this.userId = parts.user.id;
    this.#parts = parts;
    this.#tokens = new TokenSource(parts.token, parts.endpoint.timeoutMs);
    this.#connection = new Connection({
      tokens: this.#tokens,
      urlFor: (token, first) => this.#connectUrl(token, first ? parts.user : { id: parts.user.id }),
      socket: {
        WebSocket: socketClassOf(parts.options),
        helloMs: parts.endpoint.timeoutMs,
        heartbeatMs: parts.options.heartbeatMs ?? 25_000,
        silenceMs: parts.options.silenceMs ?? 35_000,
        onFrame: (frame) => this.#hear(frame),
      },
      connectTimeoutMs: parts.options.connectTimeoutMs ?? 15_000,
      chance: parts.options.chance ?? Math.random,
      onHello: (hello) => this.#greet(hello),
      onState: (state) => this.#move(state),
    });
  }

  /** The user, as newly as it is known; undefined before the first hello. */
  get me(): Me<Custom> | undefined {
    return this.#me;
  }

  /** Connects, once: a second call returns the same promise. */
  open(): Promise<Me<Custom>> {
    // The first hello carries `me`: the contract says so.
    this.#opened ??= this.#connection.open().then((hello) => hello.me as Me<Custom>);
    return this.#opened;
  }

  /** Ends the session, whatever it is doing. Resolves when the socket is gone. */
  close(): Promise<void> {
    this.#opened?.catch(() => {}); // who cancels need not hear of it
    return this.#connection.close();
  }

  /** Makes a call as this user. When the token has run out, once more with a new one. */
  async call<Answer>(call: Call): Promise<Answer> {
    const query = { user_id: this.userId, connection_id: this.#connectionId, ...call.query };
    const token = await this.#tokens.read();
    try {
      return await request<Answer>(this.#parts.endpoint, { ...call, query }, token);
    } catch (error) {
      const renewable = error instanceof RollcallError && error.code === TOKEN_EXPIRED && this.#tokens.renewable;
      if (!renewable) throw error;
      return request<Answer>(this.#parts.endpoint, { ...call, query }, await this.#tokens.renew(token));
    }
  }

  /** Puts a frame on the connection; while there is none it is lost. */
  send(frame: Frame): void {
    this.#connection.send(frame);
  }

  /** Takes note of the user as an answer or an event told it, if that is newer; hands it back. */
  learn(user: User<Custom>): User<Custom> {
    const me = this.#me;
    if (me && user.id === me.id && user.updated_at > me.updated_at) this.#me = { ...user, ...countsOf(me) };
    return user;
  }

  #connectUrl(token: string, details: { readonly id: string }): string {
    const { key, url } = this.#parts.endpoint;
    const json = toJson({ user_id: details.id, user_details: details });
    const query = queryOf({ api_key: key, authorization: token, 'stream-auth-type': 'jwt', json });
    return `${url.replace(/^http/, 'ws')}/connect?${query}`;
  }

  #greet(hello: Frame): void {
    const me = hello.me as Me<Custom>; // the contract says so
    this.#me = me;
    this.#freshness.note(me);
  }

  #hear(frame: Frame): void {
    if (USER_NEWS.has(frame.type) && !isRecord(frame.user)) return;
    if (!this.#freshness.isNews(frame)) return;
    if (frame.type === 'user.updated') this.learn(frame.user as User<Custom>); // the contract says so
    this.#parts.onFrame(frame);
  }

  #move(state: ConnectionState): void {
    this.#connectionId = state.connectionId;
    this.#parts.onState(state);
  }
}

/** What is told only in a hello, and outlives news of the user. */
function countsOf(me: MeFields): MeFields {
  const { roles, devices, mutes, channel_mutes, unread_count, total_unread_count, unread_channels, unread_threads } =
    me;
  return { roles, devices, mutes, channel_mutes, unread_count, total_unread_count, unread_channels, unread_threads };
}
