import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useSyncExternalStore,
} from 'react';
import type { AnyCustom, ConnectionState, Filter, Rollcall, RosterState, User, WatchOptions } from './index.ts';
import { LOADING } from './roster-state.ts';
import { listKey, sharedOf } from './shared.ts';

const ClientContext = createContext<unknown>(undefined);
const DISCONNECTED: ConnectionState = Object.freeze({ status: 'disconnected' });

/** What a provider is given. */
export interface RollcallProviderProps<Custom extends object = AnyCustom> {
  /** Made once, outside of components; connecting and disconnecting it is the app's affair. */
  readonly client: Rollcall<Custom>;
  readonly children?: ReactNode;
}

/** Hands a client to the hooks below it. */
export function RollcallProvider<Custom extends object = AnyCustom>(
  props: RollcallProviderProps<Custom>,
): ReactElement {
  return createElement(ClientContext.Provider, { value: props.client }, props.children);
}

/** The client of the nearest `RollcallProvider`. Throws when there is none. */
export function useRollcall<Custom extends object = AnyCustom>(): Rollcall<Custom> {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error('useRollcall needs a <RollcallProvider client={…}> above it');
  // What a provider was given; which custom data it has, the app knows.
  return client as Rollcall<Custom>;
}

/** Where the connection stands. */
export function useConnection(): ConnectionState {
  const client = useRollcall();
  return useSyncExternalStore(
    client.subscribe,
    () => client.connection,
    () => DISCONNECTED,
  );
}

/** A list, and the way to read it again. */
export interface UsersState<Custom extends object = AnyCustom> extends RosterState<Custom> {
  /** Reads again; resolves when that is done, or failed. */
  readonly refresh: () => Promise<void>;
}

/**
 * The users a filter finds, kept live while the component is shown. Filters are compared by what they say, so they may be
 * written where they are used; components that say the same share one list.
 */
export function useUsers<Custom extends object = AnyCustom>(
  filter: Filter<Custom> = {},
  options: WatchOptions = {},
): UsersState<Custom> {
  const client = useRollcall<Custom>();
  const key = listKey(filter, options);
  const list = useMemo(() => sharedOf(client).list(key), [client, key]);
  const state = useSyncExternalStore<RosterState<Custom>>(list.subscribe, list.read, () => LOADING);
  return useMemo(() => ({ ...state, refresh: list.refresh }), [state, list]);
}

/**
 * One user, kept live while the component is shown; undefined while it is not known, or when there is none. Hundreds of these
 * are fine: those that appear together are read in one query.
 */
export function useUser<Custom extends object = AnyCustom>(id: string | undefined): User<Custom> | undefined {
  const { crowd } = sharedOf(useRollcall<Custom>());
  const subscribe = useCallback(
    (listener: () => void) => (id === undefined ? () => {} : crowd.subscribe(id, listener)),
    [crowd, id],
  );
  const read = (): User<Custom> | undefined => (id === undefined ? undefined : crowd.read(id));
  return useSyncExternalStore(subscribe, read, () => undefined);
}

/** Whether a user is there. */
export interface PresenceState {
  /** False as well while it is not known. */
  readonly online: boolean;
  /** When others last saw the user there; absent when never, or not known yet. RFC 3339. */
  readonly lastActive?: string;
}

/** A user's presence, kept live while the component is shown. */
export function usePresence(id: string | undefined): PresenceState {
  const user = useUser(id);
  const online = user?.online ?? false;
  const lastActive = user?.last_active;
  return useMemo(() => ({ online, ...(lastActive !== undefined && { lastActive }) }), [online, lastActive]);
}
