import type { Chance } from './backoff.ts';
import { inputError } from './error.ts';
import { type Call, type Endpoint, type FetchLike, openEndpoint, request } from './request.ts';
import { Revocations } from './revocation.ts';
import { signToken } from './sign.ts';
import { Sync, type SyncOptions, type SyncResult, type UserSource } from './sync.ts';
import type {
  AnyCustom,
  AppSettings,
  AppSettingsPatch,
  Filter,
  QueryOptions,
  Role,
  ServerUserPatch,
  Sort,
  User,
  UserInput,
  UserPage,
  UsersById,
} from './types.ts';
import { onlyUser, patchCall, queryCall, upsertCall } from './users.ts';

export { RollcallError } from './error.ts';
export type { FetchLike } from './request.ts';
export { type Claims, signToken } from './sign.ts';
export type { SyncFailure, SyncOptions, SyncResult, UserSource } from './sync.ts';
export type * from './types.ts';

/** What a backend's client may be told. Only the address is needed. */
export interface RollcallServerOptions {
  /** The address of the server: `http://127.0.0.1:8800`. */
  readonly url: string;
  /** What to make calls with; the global `fetch` unless given. */
  readonly fetch?: FetchLike;
  /** How long one call may take: 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** Draws the pauses between retries, a number from 0 to 1; `Math.random` unless a test says otherwise. */
  readonly chance?: Chance;
}

/** What a token may be told. */
export interface TokenOptions {
  /** How long the token holds, in seconds; for ever when absent. */
  readonly expiresIn?: number;
  /** When it was made, in seconds since 1970; now when absent. Without one (`false`), a revocation refuses it whenever it was made. */
  readonly iat?: number | false;
}

/** A point in time: a `Date`, milliseconds since 1970, or text that `Date` reads. */
export type Time = Date | number | string;

/**
 * Rollcall as a backend sees it: it holds the secret and may do everything. Never bundle it into an app.
 * Every promise rejects with a `RollcallError`, unless a function of yours threw something else.
 */
export class RollcallServer<Custom extends object = AnyCustom> {
  readonly #endpoint: Endpoint;
  readonly #secret: string;
  readonly #token: string;
  readonly #chance: Chance;
  readonly #revocations = new Revocations();

  /** Opens nothing. Throws a `RollcallError` when key or secret is missing or the url is none. */
  constructor(key: string, secret: string, options: RollcallServerOptions) {
    if (typeof secret !== 'string' || secret === '') throw inputError('the secret is missing');
    this.#endpoint = openEndpoint(key, options);
    this.#secret = secret;
    this.#token = signToken({ server: true }, secret);
    this.#chance = options.chance ?? Math.random;
  }

  /** Makes a token with which this user signs in. Throws when the id is empty or `expiresIn` is not a positive number of seconds. */
  createToken(userId: string, options: TokenOptions = {}): string {
    if (typeof userId !== 'string' || userId === '') throw inputError('a token needs a user id');
    const { expiresIn } = options;
    if (expiresIn !== undefined && !(Number.isFinite(expiresIn) && expiresIn > 0)) {
      throw inputError('expiresIn must be a positive number of seconds');
    }
    const now = this.#revocations.iatFor(userId, Date.now() / 1000);
    const iat = options.iat ?? now;
    const exp = expiresIn === undefined ? {} : { exp: Math.ceil((iat || now) + expiresIn) };
    return signToken({ user_id: userId, ...(iat === false ? {} : { iat }), ...exp }, this.#secret);
  }

  /** Creates a user, or replaces it: custom data, name and image that are not given are removed, other built-in fields kept. */
  async upsertUser(user: UserInput<Custom>): Promise<User<Custom>> {
    return onlyUser(await this.upsertUsers([user]), user.id);
  }

  /** Creates or replaces up to 100 users, all or none. More of them: `syncUsers`. */
  async upsertUsers(users: readonly UserInput<Custom>[]): Promise<UsersById<Custom>> {
    return this.#users(upsertCall(users));
  }

  /** `upsertUser`, by its older name. */
  async updateUser(user: UserInput<Custom>): Promise<User<Custom>> {
    return this.upsertUser(user);
  }

  /** `upsertUsers`, by its older name. */
  async updateUsers(users: readonly UserInput<Custom>[]): Promise<UsersById<Custom>> {
    return this.upsertUsers(users);
  }

  /** Changes only what `set` and `unset` name in a user that exists. */
  async partialUpdateUser(patch: ServerUserPatch<Custom>): Promise<User<Custom>> {
    return onlyUser(await this.partialUpdateUsers([patch]), patch.id);
  }

  /** Makes up to 100 changes, in order, all or none. */
  async partialUpdateUsers(patches: readonly ServerUserPatch<Custom>[]): Promise<UsersById<Custom>> {
    return this.#users(patchCall(patches));
  }

  /** Finds users: the newest 30, unless sort and options say otherwise. `next` of the answer, given as an option, goes on. */
  async queryUsers(filter: Filter<Custom> = {}, sort?: Sort, options?: QueryOptions): Promise<UserPage<Custom>> {
    const { users, next } = await this.#call<UserPage<Custom>>(queryCall(filter, sort, options));
    return next === undefined ? { users } : { users, next };
  }

  /**
   * Creates or replaces any number of users, in batches of 100, a few at once, reading the source only as fast as they are written.
   * What may pass (network, rate limit, server away) is tried again. When the server refuses users, only those fail and are
   * named, the rest of their batch is sent again. Of a user that comes twice, the later one is written later.
   * Rejects when going on is of no use: secret or url are wrong, the app is suspended, the server stays away, or
   * `signal` was aborted; the last `onProgress` told what was done until then. It is safe to run again.
   */
  async syncUsers(users: UserSource<Custom>, options: SyncOptions = {}): Promise<SyncResult> {
    const send = (batch: readonly UserInput<Custom>[], signal: AbortSignal) =>
      this.#call({ ...upsertCall(batch), signal });
    return new Sync<Custom>(send, options, this.#chance).run(users);
  }

  /** Reads the app's settings. */
  async getAppSettings(): Promise<AppSettings> {
    return (await this.#call<{ app: AppSettings }>({ method: 'GET', path: '/app' })).app;
  }

  /** Changes the settings named, and no others. Resolves with warnings a person should read: what is stored but not acted on. */
  async updateAppSettings(settings: AppSettingsPatch): Promise<{ warnings: string[] }> {
    const { warnings } = await this.#call<{ warnings?: string[] }>({ method: 'PATCH', path: '/app', body: settings });
    return { warnings: warnings ?? [] };
  }

  /**
   * Refuses the user's tokens made before an instant: now, unless given; `null` undoes.
   * Tokens tell whole seconds, so the instant is rounded up to the next one. Tokens that `createToken` makes afterwards are good.
   */
  async revokeUserToken(userId: string, at: Time | null = new Date()): Promise<void> {
    const instant = this.#revocation(at, userId);
    await this.#users(patchCall<AnyCustom>([{ id: userId, set: { revoke_tokens_issued_before: instant } }]));
  }

  /** The same for the tokens of all users of the app. Server tokens are never affected. */
  async revokeTokens(at: Time | null = new Date()): Promise<void> {
    await this.updateAppSettings({ revoke_tokens_issued_before: this.#revocation(at) });
  }

  /** Creates a role: up to 64 letters, digits, `_` or `-`; at most 25 of them. */
  async createRole(name: string): Promise<Role> {
    return (await this.#call<{ role: Role }>({ method: 'POST', path: '/roles', body: { name } })).role;
  }

  /** Lists the roles users may have, built-in ones included. */
  async listRoles(): Promise<Role[]> {
    return (await this.#call<{ roles: Role[] }>({ method: 'GET', path: '/roles' })).roles;
  }

  /** Deletes a role that no user has. */
  async deleteRole(name: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/roles/${encodeURIComponent(name)}` });
  }

  #call<Answer>(call: Call): Promise<Answer> {
    return request<Answer>(this.#endpoint, call, this.#token);
  }

  async #users(call: Call): Promise<UsersById<Custom>> {
    const { users } = await this.#call<UsersById<Custom>>(call);
    return { users };
  }

  #revocation(at: Time | null, userId?: string): string | null {
    if (at === null) {
      this.#revocations.undo(userId);
      return null;
    }
    const seconds = new Date(at).getTime() / 1000;
    if (Number.isNaN(seconds)) throw inputError('the time of a revocation cannot be read');
    return new Date(this.#revocations.note(seconds, Date.now() / 1000, userId) * 1000).toISOString();
  }
}
