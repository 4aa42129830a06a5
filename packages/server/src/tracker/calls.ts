import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LeftLease, resume, type TakenConnection } from '@rollcall/domain/left';
import { ABSENT, type Held, type Hiding } from '@rollcall/domain/presence';
import type { Instant } from '@rollcall/domain/user';
import type { Way } from '../redis/link.ts';
import { isRefused } from '../redis/session.ts';
import { type Names, SHARDS, shardOf } from '../redis/shard.ts';
import type { LeaseTimes, Renewal, UserFlip, UserRef } from './tracker.ts';

/** One call of the script: about users of one shard, done as a whole. */
export interface Call {
  /** No two calls have the same: by it Redis knows one that is asked again. */
  readonly name: string;
  readonly verb: string;
  readonly now: Instant;
  readonly users: readonly UserRef[];
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** A Lua script and the name by which Redis knows it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** Users of one call at most: a script holds up everybody else. */
const TOGETHER = 50;

function readScript(file: string): Script {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** The rules of presence, and who is due. */
export const PRESENCE = readScript('./presence.lua');
export const DUE = readScript('./due.lua');

const flag = (value: boolean): string => (value ? '1' : '0');
const heldArgs = ({ connectedAt, heardAt, node, device }: Held): string[] => [
  `${connectedAt}`,
  `${heardAt}`,
  node,
  device,
];
const hidingArgs = ({ invisible, asOf }: Hiding): string[] => [flag(invisible), `${asOf}`];

/** Puts what is to be done into calls of the script. */
export class Calls {
  readonly #names: Names;
  readonly #node: string;
  readonly #times: LeaseTimes;
  #count = 0;

  constructor(names: Names, node: string, times: LeaseTimes) {
    this.#names = names;
    this.#node = node;
    this.#times = times;
  }

  /** How long a flip is remembered when nothing else is known of a user: the times of flips strictly increase. */
  get #remember(): string {
    return `${this.#times.leaseMs}`;
  }

  #call(verb: string, now: Instant, users: readonly UserRef[], args: readonly string[]): Call {
    const [first] = users;
    const shard = first === undefined ? 0 : shardOf(first);
    this.#count += 1;
    const name = `${this.#node}.${this.#count.toString(36)}`;
    return {
      name,
      verb,
      now,
      users,
      keys: [this.#names.due(shard), ...users.map((user) => this.#names.user(user))],
      args,
    };
  }

  /** One call for each shard, or more. */
  #calls<Item>(
    items: readonly Item[],
    userOf: (item: Item) => UserRef,
    build: (items: readonly Item[], users: readonly UserRef[]) => Call,
  ): Call[] {
    const shards: Item[][] = [];
    for (const item of items) {
      const shard = shardOf(userOf(item));
      const together = shards[shard];
      if (together) together.push(item);
      else shards[shard] = [item];
    }
    const calls: Call[] = [];
    for (let shard = 0; shard < SHARDS; shard++) {
      const all = shards[shard] ?? [];
      for (let start = 0; start < all.length; start += TOGETHER) {
        const some = all.slice(start, start + TOGETHER);
        calls.push(build(some, some.map(userOf)));
      }
    }
    return calls;
  }

  begin(user: UserRef, connectionId: string, held: Held, now: Instant, limit: number): Call {
    return this.#call(
      'begin',
      now,
      [user],
      [`${this.#times.leaseMs}`, this.#remember, `${limit}`, connectionId, ...heldArgs(held)],
    );
  }

  /** With `silently`, users of whom Redis knows nothing are online without being told of. */
  renew(renewals: readonly Renewal[], now: Instant, silently = false): Call[] {
    return this.#calls(
      renewals,
      ({ user }) => user,
      (some, users) =>
        this.#call('renew', now, users, [
          `${this.#times.leaseMs}`,
          this.#remember,
          flag(silently),
          ...some.flatMap(({ connectionId, held, hiding }) => [connectionId, ...heldArgs(held), ...hidingArgs(hiding)]),
        ]),
    );
  }

  close(user: UserRef, connectionId: string, now: Instant): Call {
    return this.#call('close', now, [user], [`${this.#times.graceMs}`, this.#remember, connectionId]);
  }

  hide(user: UserRef, hiding: Hiding, now: Instant): Call {
    return this.#call('hide', now, [user], [this.#remember, ...hidingArgs(hiding)]);
  }

  /** Open leases count as running out only up to `believed`. */
  expire(users: readonly UserRef[], now: Instant, believed: Instant): Call[] {
    return this.#calls(
      users,
      (user) => user,
      (_, some) => this.#call('expire', now, some, [this.#remember, `${believed}`]),
    );
  }

  resume(connections: readonly TakenConnection[], now: Instant): Call[] {
    const taken = connections.flatMap((connection) => {
      const { app, userId, connectionId, left, hiding } = connection;
      const lease = resume(ABSENT, connectionId, left, hiding, now, this.#times.leaseMs).leases.get(connectionId);
      return lease === undefined ? [] : [{ user: { app, userId }, connectionId, hiding, lease }];
    });
    const argsOf = ({ connectionId, hiding, lease }: { connectionId: string; hiding: Hiding; lease: LeftLease }) => [
      `${lease.until}`,
      connectionId,
      ...heldArgs(lease),
      ...hidingArgs(hiding),
    ];
    return this.#calls(
      taken,
      ({ user }) => user,
      (some, users) => this.#call('resume', now, users, [this.#remember, ...some.flatMap(argsOf)]),
    );
  }
}

/** A call as Redis takes it. */
function commandOf({ name, verb, now, keys, args }: Call, again: boolean): string[] {
  return [`${keys.length}`, ...keys, verb, `${now}`, name, flag(again), ...args];
}

/** The flips that a call told. */
export function flipsOf({ users }: Call, reply: unknown): UserFlip[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((told: unknown) => {
    if (!Array.isArray(told)) return [];
    const [place, online, at, lastActive] = told.map(Number);
    // The first key is not that of a user, and the script counts from one.
    const user = users[(place ?? 0) - 2];
    if (user === undefined || at === undefined || lastActive === undefined) return [];
    return [{ user, online: online === 1, at, lastActive }];
  });
}

/** Runs a script; Redis is told its text when it does not know it. */
export async function runScript(
  way: Pick<Way, 'run'>,
  script: Script,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  try {
    return await way.run(key, ['EVALSHA', script.sha, ...args]);
  } catch (error) {
    if (!isRefused(error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return way.run(key, ['EVAL', script.text, ...args]);
  }
}

/** Does what a call asks for. With `again`, what was done before is told and not done twice. */
export async function runCall(way: Pick<Way, 'run'>, call: Call, again = false): Promise<unknown> {
  return runScript(way, PRESENCE, call.keys[0] ?? '', commandOf(call, again));
}
