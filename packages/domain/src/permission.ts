import type { AppSettings } from './app.ts';
import { ANYBODY, type Filter, matches } from './filter.ts';
import { BLANK, equalTeams, equalTeamsRole, type User } from './user.ts';

/** Who is asking: the app's own server, or one of its users. */
export type Actor = ServerActor | UserActor;

/** Whoever holds the app's secret. */
export interface ServerActor {
  readonly kind: 'server';
}

/** A user with a token, and the role it has at the moment; `user` when it does not exist yet. */
export interface UserActor {
  readonly kind: 'user';
  readonly id: string;
  readonly role: string;
  readonly teams: readonly string[];
}

/** The app's backend. */
export const SERVER: ServerActor = { kind: 'server' };

/** What is said to an actor that may not do something. */
export function notAllowed(actor: Actor, action: string): string {
  if (actor.kind === 'server') throw new Error(`the server may do everything, ${action} too`);
  return `User '${actor.id}' with role '${actor.role}' is not allowed to perform action ${action}`;
}

/**
 * Says whether an actor may do nothing at all to a user: then nothing that is stored of it may show in what the actor is told.
 * Where permissions are not checked, that is so of those it may not see.
 */
export function isOutOfReach(actor: Actor, settings: AppSettings, id: string, stored: User | undefined): boolean {
  if (actor.kind === 'server' || actor.id === id) return false;
  if (!settings.disablePermissionsChecks) return true;
  return stored !== undefined && !matches(visibleTo(actor, settings), stored);
}

/** What an actor may not do, and the field that would do it. */
export interface Forbidden {
  readonly action: string;
  readonly field: string;
}

/** What a user may not do in turning itself from one state into another; nothing when all is allowed. */
export function forbiddenActions(
  actor: Actor,
  settings: AppSettings,
  before: User | undefined,
  after: User,
): readonly Forbidden[] {
  if (actor.kind === 'server' || settings.disablePermissionsChecks) return [];
  const was = before ?? BLANK;
  const forbidden: Forbidden[] = [];
  if (was.role !== after.role) forbidden.push({ action: 'UpdateUserRole', field: 'role' });
  const sameTeams = equalTeams(was.teams, after.teams);
  if (!sameTeams || !equalTeamsRole(was.teamsRole, after.teamsRole))
    forbidden.push({ action: 'UpdateUserTeams', field: sameTeams ? 'teams_role' : 'teams' });
  if (was.revokeTokensIssuedBefore !== after.revokeTokensIssuedBefore)
    forbidden.push({ action: 'RevokeUserToken', field: 'revoke_tokens_issued_before' });
  return forbidden;
}

/** Those whom an actor may see at all: in an app with tenants a user sees those it shares a team with. */
export function visibleTo(actor: Actor, settings: AppSettings): Filter {
  if (actor.kind === 'server' || !settings.multiTenantEnabled) return ANYBODY;
  if (actor.teams.length === 0) return NO_TEAMS;
  return { op: '$in', field: 'teams', values: actor.teams };
}

const NO_TEAMS: Filter = { op: 'same_set', field: 'teams', values: [] };
