import { Crowd } from './crowd.ts';
import type { Filter, Rollcall, Roster, RosterState, WatchOptions } from './index.ts';
import { LOADING } from './roster-state.ts';
import { Share } from './share.ts';
import { stableJson } from './stable.ts';
import { sortFields } from './users.ts';

/** A list that several may show. */
interface SharedRoster<Custom extends object> {
  readonly roster: Roster<Custom>;
  readonly share: Share;
}

/** A list as somebody shows it: nothing is asked before the first subscription. */
export interface ListView<Custom extends object> {
  subscribe(listener: () => void): () => void;
  read(): RosterState<Custom>;
  refresh(): Promise<void>;
}

/** The lists of one client that are shown now: whoever asks for the same users, in the same order, shares one list. */
export class Shared<Custom extends object> {
  readonly crowd: Crowd<Custom>;
  readonly #client: Rollcall<Custom>;
  readonly #lists = new Map<string, SharedRoster<Custom>>();

  constructor(client: Rollcall<Custom>) {
    this.#client = client;
    this.crowd = new Crowd(client);
  }

  /** The list of a filter and its options, by their `listKey`. */
  list(key: string): ListView<Custom> {
    return {
      subscribe: (listener) => {
        const { roster, share } = this.#lists.get(key) ?? this.#open(key);
        const release = share.use();
        const undo = roster.subscribe(listener);
        return () => {
          undo();
          release();
        };
      },
      read: () => this.#lists.get(key)?.roster.state ?? LOADING,
      refresh: async () => this.#lists.get(key)?.roster.refresh(),
    };
  }

  #open(key: string): SharedRoster<Custom> {
    const [filter, options] = JSON.parse(key) as [Filter<Custom>, WatchOptions]; // made of just these
    const roster = this.#client.watch(filter, options);
    const share = new Share(this.#client, () => {
      roster.close();
      this.#lists.delete(key);
    });
    const shared = { roster, share };
    this.#lists.set(key, shared);
    return shared;
  }
}

/** A filter and its options as one JSON text: the same for all who mean the same. In a sort, the order of the fields is meant. */
export function listKey<Custom extends object>(filter: Filter<Custom>, options: WatchOptions): string {
  const { sort } = options;
  return stableJson([filter, sort === undefined ? options : { ...options, sort: sortFields(sort) }]);
}

const SHARED = new WeakMap<object, unknown>();

/** What is shared of a client: the same for everybody. */
export function sharedOf<Custom extends object>(client: Rollcall<Custom>): Shared<Custom> {
  const known = SHARED.get(client) as Shared<Custom> | undefined; // only set below
  if (known) return known;
  const made = new Shared(client);
  SHARED.set(client, made);
  return made;
}
