import type { Filter, Rollcall, Roster, User } from './index.ts';
import { Share } from './share.ts';

/** Users in one query, one page. */
const GROUP = 100;

/** Users who were asked for together. */
interface Group<Custom extends object> {
  readonly roster: Roster<Custom>;
  readonly share: Share;
  byId: ReadonlyMap<string, User<Custom>>;
}

/** Single users, each kept live while somebody looks: those who are asked for in one moment are read in one query. */
export class Crowd<Custom extends object> {
  readonly #client: Rollcall<Custom>;
  readonly #groups = new Map<string, Group<Custom>>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #waiting: Map<string, (() => void)[]> | undefined;

  constructor(client: Rollcall<Custom>) {
    this.#client = client;
  }

  /** The user as it is known; undefined while it is not, or when there is none. */
  read(id: string): User<Custom> | undefined {
    return this.#groups.get(id)?.byId.get(id);
  }

  /** Keeps a user live and calls `listener` whenever it changes. Returns the undo. */
  subscribe(id: string, listener: () => void): () => void {
    const hear = (): void => listener(); // its own, so that one listener may listen twice
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(hear));
    let undone = false;
    let release: (() => void) | undefined;
    const join = (): void => {
      if (!undone) release = this.#groups.get(id)?.share.use();
    };
    if (this.#groups.has(id)) join();
    else this.#wait(id, join);
    return () => {
      undone = true;
      release?.();
      listeners.delete(hear);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  #wait(id: string, join: () => void): void {
    if (this.#waiting === undefined) {
      this.#waiting = new Map();
      setTimeout(() => this.#gather(), 0);
    }
    const joins = this.#waiting.get(id) ?? [];
    joins.push(join);
    this.#waiting.set(id, joins);
  }

  /** Opens lists for those who were asked for meanwhile, and are still. */
  #gather(): void {
    const waiting = this.#waiting ?? new Map<string, (() => void)[]>();
    this.#waiting = undefined;
    const ids = [...waiting.keys()].filter((id) => this.#listeners.has(id));
    for (let at = 0; at < ids.length; at += GROUP) this.#open(ids.slice(at, at + GROUP));
    for (const joins of waiting.values()) for (const join of joins) join();
  }

  #open(ids: readonly string[]): void {
    // A filter by id fits any custom data. Whom one names, one knows: also when deactivated.
    const filter = { id: { $in: ids } } as Filter<Custom>;
    const roster = this.#client.watch(filter, { limit: ids.length, include_deactivated_users: true });
    const share = new Share(this.#client, () => {
      roster.close();
      for (const id of ids) this.#groups.delete(id);
    });
    const group: Group<Custom> = { roster, share, byId: new Map() };
    for (const id of ids) this.#groups.set(id, group);
    roster.subscribe(() => this.#tell(ids, group));
  }

  #tell(ids: readonly string[], group: Group<Custom>): void {
    const before = group.byId;
    group.byId = new Map(group.roster.users.map((user) => [user.id, user]));
    for (const id of ids) {
      if (group.byId.get(id) === before.get(id)) continue;
      for (const hear of this.#listeners.get(id) ?? []) hear();
    }
  }
}
