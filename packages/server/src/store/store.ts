import type { App, AppId, AppSettings } from '@rollcall/domain/app';
import type { Decision } from '@rollcall/domain/change';
import type { Query } from '@rollcall/domain/filter';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';
import type { Instant, User, Users } from '@rollcall/domain/user';

/** A rule that looks at users and says what to write. It is pure: a retry runs it again. */
export type Decide = (current: Users, settings: AppSettings) => Decision;

/** What is known of an app before the store has numbered it. */
export type NewApp = Omit<App, 'id' | 'settings' | 'suspended' | 'suspendedExplanation'>;

/** What a query found. */
export interface Found {
  readonly users: readonly User[];
  /** When it took long for want of an index: the custom field whose declaration would have helped most. */
  readonly walked: string | undefined;
  /** Says whether nothing was written since they were read; absent where a store cannot tell. */
  readonly isCurrent?: () => boolean;
}

/** Where in the order of creation to go on. */
export interface ScanPlace {
  readonly createdAt: Instant;
  readonly id: string;
}

/** The index of a custom field that an app declared. */
export interface FieldIndex {
  /** As it was declared: `address.city`. */
  readonly path: string;
  /** Whether it knows everybody; queries make no use of it before. */
  readonly ready: boolean;
  /** How many users it took in while it was built. */
  readonly users: number;
}

/** How busy the connections to a database are. */
export interface PoolState {
  /** As many are opened at most. */
  readonly most: number;
  readonly inUse: number;
  /** How many calls wait for one. */
  readonly waiting: number;
}

/** Where users live. A refusal is a `DomainError`; a database that is away or full is one named `unavailable`. */
export interface Store extends AsyncDisposable {
  /**
   * Locks the named users of the app, present or not, hands them to `decide`, and writes what it returns: all of it or none.
   * Refuses with `duplicate_username` when a taken key is held by any user outside the batch. Answers once the rows are safe.
   */
  change(app: AppId, ids: readonly string[], decide: Decide): Promise<Decision>;
  /** The named users that exist, deleted ones too. */
  find(app: AppId, ids: readonly string[]): Promise<Users>;
  /**
   * Users that are not deleted, in the order asked for. Sees every write acknowledged before. What no index serves is walked
   * in short stretches beside everything else; refuses with `request_timeout` when that takes too long.
   */
  query(app: AppId, query: Query): Promise<Found>;
  /** Up to `limit` users, the deleted ones too, in the order of `created_at` and `id`, from behind a place on: for whoever reads all. */
  scan(app: AppId, after: ScanPlace | undefined, limit: number): Promise<readonly User[]>;
  /** Notes when users were last there; it is no change of theirs. Users that do not exist are passed over. */
  saveActivity(app: AppId, seen: ReadonlyMap<string, Instant>): Promise<void>;
  /** Keeps what a server that stops leaves, some of it at a time. Users that do not exist are passed over. */
  saveLeases(connections: readonly LeftConnection[]): Promise<void>;
  /** Takes out all that was left: whoever asks next finds nothing. Users who cannot come back are passed over. */
  takeLeases(): Promise<readonly TakenConnection[]>;

  /** Every app. */
  readApps(): Promise<readonly App[]>;
  /** A text that differs when another process may have changed an app. */
  appsVersion(): Promise<string>;
  /** Adds an app. Refuses with `input_error` when its key is taken. */
  createApp(app: NewApp): Promise<App>;
  /**
   * Rewrites an app by a pure rule; its settings hold for every later `change` once this has answered. With `freedRole`,
   * refuses with `not_allowed` while a user has that role.
   */
  changeApp(id: AppId, decide: (app: App) => App, freedRole?: string): Promise<App>;
  /** The indexes of the custom fields that an app declared, made in the background. */
  fieldIndexes(app: AppId): Promise<readonly FieldIndex[]>;

  /** The newest time ever stored, which the clock must not fall behind. */
  newest(): Promise<Instant>;
  /** Resolves when the store can serve; refuses with `unavailable` otherwise. */
  ready(): Promise<void>;
  /** How busy its connections are; absent where there is no pool of them. */
  pool?(): PoolState;
}
