/** Any JSON object: the custom data of an app that did not declare its own. */
export type AnyCustom = Record<string, unknown>;

/** Which signs of activity a user lets others see. */
export interface PrivacySettings {
  typing_indicators?: { enabled: boolean };
  read_receipts?: { enabled: boolean };
  delivery_receipts?: { enabled: boolean };
}

/** The fields Rollcall knows of a user. Times are RFC 3339, UTC, with milliseconds. */
export interface UserFields {
  id: string;
  role: string;
  teams: string[];
  language: string;
  banned: boolean;
  online: boolean;
  created_at: string;
  updated_at: string;
  blocked_user_ids: string[];
  name?: string;
  image?: string;
  teams_role?: Record<string, string>;
  last_active?: string;
  deactivated_at?: string;
  /** Told only to the user itself and to a backend. */
  invisible?: boolean;
  /** Told only to the user itself and to a backend. */
  privacy_settings?: PrivacySettings;
  /** Told only to a backend. */
  revoke_tokens_issued_before?: string;
}

/** A user as answered. Custom data lies flat beside the built-in fields; any of it may be missing. */
export type User<Custom extends object = AnyCustom> = UserFields & Partial<Omit<Custom, keyof UserFields>>;

/** What a connection additionally tells a user about itself. */
export interface MeFields {
  roles: unknown[];
  devices: unknown[];
  mutes: unknown[];
  channel_mutes: unknown[];
  unread_count: number;
  total_unread_count: number;
  unread_channels: number;
  unread_threads: number;
}

/** The connected user, as its own connection sees it. */
export type Me<Custom extends object = AnyCustom> = User<Custom> & MeFields;

type Given<Fields> = { [Key in keyof Fields]?: Fields[Key] | null | undefined };

/** The built-in fields a caller may write; `null` resets one to its default. `role` and teams: from a backend only. */
export type WritableFields = Given<{
  role: string;
  name: string;
  image: string;
  teams: readonly string[];
  teams_role: Readonly<Record<string, string>>;
  language: string;
  invisible: boolean;
  privacy_settings: PrivacySettings;
}>;

/** A whole user, stated. An answered user can be sent back as it is. */
export type UserInput<Custom extends object = AnyCustom> = { id: string } & WritableFields &
  Given<Omit<Custom, keyof UserFields>>;

/** A path into custom data: `address.city`. */
export type DotPath = `${string}.${string}`;

type FieldName<Custom extends object> = Extract<keyof WritableFields | keyof Custom, string> | DotPath;

/** A partial change of one user: `set` writes names or dot paths, `unset` removes them; what is named by neither stays. */
export interface UserPatch<Custom extends object = AnyCustom> {
  id: string;
  set?: WritableFields & Given<Omit<Custom, keyof UserFields>> & { [path: DotPath]: unknown };
  unset?: readonly FieldName<Custom>[];
}

/** A patch from a backend, which may also revoke the user's tokens. */
export interface ServerUserPatch<Custom extends object = AnyCustom> extends UserPatch<Custom> {
  set?: NonNullable<UserPatch<Custom>['set']> & { revoke_tokens_issued_before?: string | null };
}

/** What a filter may ask of one field (wire.md, section 8, says which operators each field has). */
export interface Operators<Value> {
  $eq?: Value | null;
  $ne?: Value | null;
  $in?: readonly Value[];
  $nin?: readonly Value[];
  $gt?: Value;
  $gte?: Value;
  $lt?: Value;
  $lte?: Value;
  $exists?: boolean;
  $contains?: unknown;
  $autocomplete?: string;
  $q?: string;
}

/** What a filter may ask of a list. */
export interface ListOperators<Item> {
  /** This one is in it. */
  $contains?: Item;
  /** Any of these is in it. */
  $in?: readonly Item[];
  /** Just these are in it, in whatever order. */
  $eq?: readonly Item[];
  $exists?: boolean;
}

type AnyList = readonly unknown[];

/** A bare list, which means `$eq`, or operators. */
type ListCondition<List> = List extends readonly (infer Item)[] ? readonly Item[] | ListOperators<Item> : never;

/** A bare value, or operators. What holds nothing but lists has no values of this kind, only null. */
type ValueCondition<Value> = [Value] extends [null | undefined] ? Value | null : Value | null | Operators<Value>;

/** A bare value, which means `$eq`, or operators: those of lists for what may be a list. */
export type Condition<Value> = ValueCondition<Exclude<Value, AnyList>> | ListCondition<Extract<Value, AnyList>>;

type Time = string | Date;

interface FilterFields {
  id?: Condition<string>;
  name?: Condition<string>;
  username?: Condition<string>;
  role?: Condition<string>;
  language?: Condition<string>;
  banned?: Condition<boolean>;
  shadow_banned?: Condition<boolean>;
  invisible?: Condition<boolean>;
  teams?: ListCondition<string[]>;
  created_at?: Condition<Time>;
  updated_at?: Condition<Time>;
  last_active?: Condition<Time>;
  deactivated_at?: Condition<Time>;
}

/** Which users to find. Several keys in one object must all hold; `{}` finds everybody. */
export type Filter<Custom extends object = AnyCustom> = FilterFields & {
  [Key in Exclude<keyof Custom, keyof FilterFields>]?: Condition<Custom[Key]>;
} & { [path: DotPath]: Condition<unknown> } & {
  $and?: readonly Filter<Custom>[];
  $or?: readonly Filter<Custom>[];
  $nor?: readonly Filter<Custom>[];
};

/** Ascending or descending. */
export type Direction = 1 | -1;

/** One field to sort by. */
export interface SortField {
  field: string;
  direction: Direction;
}

/** What to sort by, most important first, at most 3 fields: `[{ field: 'name', direction: 1 }]`, or shorter `{ name: 1 }`. */
export type Sort = Readonly<Record<string, Direction>> | readonly (SortField | Readonly<Record<string, Direction>>)[];

/** How much to find, and where to go on. */
export interface QueryOptions {
  /** 1 to 100; 30 when absent. */
  limit?: number;
  /** At most 1000; to go further, use `next`. */
  offset?: number;
  /** The `next` of the page before, with the same filter and sort. */
  next?: string;
  id_gt?: string;
  id_gte?: string;
  id_lt?: string;
  id_lte?: string;
  /** Hear about the users found from now on; needs a connection. */
  presence?: boolean;
  include_deactivated_users?: boolean;
}

/** One helping of users; `next` is there while there is more. */
export interface UserPage<Custom extends object = AnyCustom> {
  users: User<Custom>[];
  next?: string;
}

/** The users a write touched, by id. */
export interface UsersById<Custom extends object = AnyCustom> {
  users: Record<string, User<Custom>>;
}

/** The settings of an app that Rollcall acts on. */
export interface KnownSettings {
  enforce_unique_usernames: 'no' | 'app' | 'team';
  multi_tenant_enabled: boolean;
  disable_auth_checks: boolean;
  disable_permissions_checks: boolean;
  revoke_tokens_issued_before: string | null;
  user_search_disallowed_roles: string[];
  guest_user_creation_disabled: boolean;
  connect_policy: 'merge' | 'create_only';
  permission_version: string;
  indexed_fields: string[];
}

/** An app's settings as answered; those of products not served are kept and given back. */
export type AppSettings = Partial<KnownSettings> & { name?: string; [other: string]: unknown };

/** Settings to change; what is not named stays. */
export type AppSettingsPatch = Partial<KnownSettings> & { [other: string]: unknown };

/** A role users may have. */
export interface Role {
  name: string;
  custom: boolean;
  scopes: string[];
  created_at: string;
  updated_at: string;
}

/** Where the connection stands. Never changed in place: a new state is a new object, as React's `useSyncExternalStore` wants it. */
export interface ConnectionState {
  readonly status: 'disconnected' | 'connecting' | 'connected' | 'reconnecting';
  /** While connected. */
  readonly connectionId?: string;
  /** Why it is not connected, when something went wrong. */
  readonly error?: Error;
  /** How long until the next attempt begins, in milliseconds from when this state was told. */
  readonly retryInMs?: number;
}
