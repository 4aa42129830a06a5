import type { App } from '@rollcall/domain/app';
import {
  type Batch,
  connectUser,
  type Decision,
  type Patch,
  type Profile,
  patchUsers,
  upsertUsers,
} from '@rollcall/domain/change';
import { refusal } from '@rollcall/domain/error';
import { type After, ANYBODY, asksAbout, type Filter } from '@rollcall/domain/filter';
import { type Actor, notAllowed, SERVER, visibleTo } from '@rollcall/domain/permission';
import type { Claims } from '@rollcall/domain/token';
import type { User } from '@rollcall/domain/user';
import type { Search } from '@rollcall/protocol/query';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Decide, Found, Store } from '../store/store.ts';
import { checkWriter } from './tokens.ts';

/** What can be done with users. Every write is told after its commit. */
export interface UserService {
  upsert(app: App, writer: Writer, batch: Batch<Profile>): Promise<readonly User[]>;
  patch(app: App, writer: Writer, batch: Batch<Patch>): Promise<readonly User[]>;
  /** Makes or changes the user who connects. `permit` looks at the user as stored, and throws to refuse. */
  connect(app: App, batch: Batch<Patch>, permit: (user: User | undefined) => void): Promise<User>;
  find(app: App, id: string): Promise<User | undefined>;
  /** Refuses roles that may not search at all, whatever they ask for. */
  permitQuery(app: App, actor: Actor): void;
  /** One user more than the limit when there is a next page. */
  query(app: App, actor: Actor, search: Search, after: After | undefined): Promise<Found>;
}

/** Who writes, and what its token says. */
export interface Writer {
  readonly actor: Actor;
  readonly claims: Claims;
}

/** What the service works with. */
export interface UserParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
}

const idsOf = ({ items }: Batch<{ readonly id: string }>): string[] => items.map(({ id }) => id);

export function createUsers({ store, bus, clock }: UserParts): UserService {
  async function write(app: App, ids: readonly string[], decide: Decide): Promise<Decision> {
    const decision = await store.change(app.id, ids, decide);
    bus.publish(app.id, decision.tell);
    return decision;
  }

  return {
    async upsert(app, { actor, claims }, batch) {
      const decide: Decide = (current, settings) => {
        checkWriter(claims, current, settings);
        return upsertUsers(current, batch, { actor, settings, now: clock() });
      };
      return (await write(app, idsOf(batch), decide)).reply;
    },
    async patch(app, { actor, claims }, batch) {
      const decide: Decide = (current, settings) => {
        checkWriter(claims, current, settings);
        return patchUsers(current, batch, { actor, settings, now: clock() });
      };
      return (await write(app, idsOf(batch), decide)).reply;
    },
    async connect(app, batch, permit) {
      const [id = ''] = idsOf(batch);
      const decide: Decide = (current, settings) => {
        permit(current.get(id));
        // What a user may not say of itself was passed over by the parser: nothing is left to forbid.
        return connectUser(current, batch, { actor: SERVER, settings, now: clock() });
      };
      // Whoever comes back with nothing new waits for no writer: after a restart that is nearly everybody.
      const stored = await store.find(app.id, [id]);
      const unchanged = stored.size > 0 ? decide(stored, app.settings) : undefined;
      const { reply } = unchanged?.write.length === 0 ? unchanged : await write(app, [id], decide);
      const [user] = reply;
      if (!user) throw new Error('a connect decides on one user');
      return user;
    },
    permitQuery,
    find: async (app, id) => (await store.find(app.id, [id])).get(id),
    query: (app, actor, search, after) =>
      store.query(app.id, {
        filter: visible(app, actor, search.filter),
        sort: search.sort,
        limit: search.limit + 1,
        offset: search.offset,
        after,
        includeDeactivated: search.includeDeactivated,
      }),
  };
}

function permitQuery({ settings }: App, actor: Actor): void {
  if (actor.kind === 'server' || settings.disablePermissionsChecks) return;
  if (settings.userSearchDisallowedRoles.includes(actor.role)) {
    throw refusal('not_allowed', notAllowed(actor, 'SearchUser'));
  }
}

/** Cuts a filter down to those whom an actor may see. */
function visible({ settings }: App, actor: Actor, filter: Filter): Filter {
  if (actor.kind === 'server') return filter;
  // It would tell who hides.
  if (asksAbout(filter, 'invisible')) {
    throw refusal('input_error', 'field "invisible" can be filtered by the server only');
  }
  const cut = visibleTo(actor, settings);
  return cut === ANYBODY ? filter : { op: 'and', filters: [filter, cut] };
}
