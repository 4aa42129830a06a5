import type { JsonObject } from './json.ts';
import type { Instant } from './user.ts';

declare const appIdBrand: unique symbol;

/** The store's own number for an app. Nothing crosses between two of them. */
export type AppId = number & { readonly [appIdBrand]: true };

/** Where a name must be unique. */
export type UniqueUsernames = 'no' | 'app' | 'team';
/** What a connect does with the details it brings: write them each time, or only when it makes the user. */
export type ConnectPolicy = 'merge' | 'create_only';

/** A role the app made for itself. */
export interface CustomRole {
  readonly name: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** What an app decided about itself. */
export interface AppSettings {
  readonly enforceUniqueUsernames: UniqueUsernames;
  readonly multiTenantEnabled: boolean;
  readonly disableAuthChecks: boolean;
  readonly disablePermissionsChecks: boolean;
  readonly revokeTokensIssuedBefore: Instant | undefined;
  readonly userSearchDisallowedRoles: readonly string[];
  readonly guestUserCreationDisabled: boolean;
  readonly connectPolicy: ConnectPolicy;
  readonly permissionVersion: 'v2';
  readonly indexedFields: readonly string[];
  readonly customRoles: readonly CustomRole[];
  /** Settings of products that Rollcall does not serve: kept, and given back. */
  readonly other: JsonObject;
}

/** The settings of an app that has said nothing yet. */
export const DEFAULT_SETTINGS: AppSettings = {
  enforceUniqueUsernames: 'no',
  multiTenantEnabled: false,
  disableAuthChecks: false,
  disablePermissionsChecks: false,
  revokeTokensIssuedBefore: undefined,
  userSearchDisallowedRoles: [],
  guestUserCreationDisabled: false,
  connectPolicy: 'merge',
  permissionVersion: 'v2',
  indexedFields: [],
  customRoles: [],
  other: {},
};

/** One app on this server: its key names it, its secret signs its tokens. */
export interface App {
  readonly id: AppId;
  readonly key: string;
  readonly secret: string;
  readonly name: string;
  readonly createdAt: Instant;
  readonly suspended: boolean;
  readonly suspendedExplanation: string;
  readonly settings: AppSettings;
}

/** The roles every app has. */
export const BUILT_IN_ROLES = [
  'user',
  'guest',
  'anonymous',
  'moderator',
  'admin',
  'global_moderator',
  'global_admin',
] as const;

const BUILT_IN_ROLE_NAMES: ReadonlySet<string> = new Set(BUILT_IN_ROLES);

/** How many roles an app may make. */
export const CUSTOM_ROLES = 25;

/** Says whether a role exists in the app. */
export function roleExists(settings: AppSettings, role: string): boolean {
  return BUILT_IN_ROLE_NAMES.has(role) || settings.customRoles.some((custom) => custom.name === role);
}
