import type { AnyCustom, ConnectionState, Me, User } from './types.ts';

/** A sign of life; the first one of each connection carries `me`. */
export interface HealthCheckEvent<Custom extends object = AnyCustom> {
  readonly type: 'health.check';
  readonly connection_id: string;
  readonly created_at: string;
  readonly cid?: string;
  readonly me?: Me<Custom>;
}

/** The server ends the connection, and says why. What comes of it shows in `connection.changed`. */
export interface ConnectionErrorEvent {
  readonly type: 'connection.error';
  readonly created_at: string;
  readonly error: { readonly code: number; readonly StatusCode: number; readonly message: string };
}

/** A user is now as told. `changed` names the fields that moved. */
export interface UserUpdatedEvent<Custom extends object = AnyCustom> {
  readonly type: 'user.updated';
  readonly created_at: string;
  readonly user: User<Custom>;
  readonly changed?: readonly string[];
}

/** A watched user came online or went offline. */
export interface PresenceChangedEvent<Custom extends object = AnyCustom> {
  readonly type: 'user.presence.changed';
  readonly created_at: string;
  readonly user: User<Custom>;
}

/** The connection moved on. Made here, not by the server. */
export interface ConnectionChangedEvent {
  readonly type: 'connection.changed';
  readonly connection: ConnectionState;
}

/** Every event by its type. */
export interface EventMap<Custom extends object = AnyCustom> {
  'health.check': HealthCheckEvent<Custom>;
  'connection.error': ConnectionErrorEvent;
  'user.updated': UserUpdatedEvent<Custom>;
  'user.presence.changed': PresenceChangedEvent<Custom>;
  'connection.changed': ConnectionChangedEvent;
}

/** Any event. A newer server may send types that are not listed; they reach `'*'` only. */
export type AnyEvent<Custom extends object = AnyCustom> = EventMap<Custom>[keyof EventMap];

/** A type to listen for; `'*'` means all of them. */
export type EventType = keyof EventMap | '*';

/** What a handler for this type is given. */
export type EventFor<Type extends EventType, Custom extends object = AnyCustom> = Type extends keyof EventMap
  ? EventMap<Custom>[Type]
  : AnyEvent<Custom>;
