import type { AppSettings } from './app.ts';
import { ANYBODY, type Filter } from './filter.ts';
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
export function notAllowed(actor: UserActor, action: string): string {
  return `User '${actor.id}' with role '${actor.role}' is not allowed to perform action ${action}`;
}

/** The names of what an actor may not do in turning a user from one state into another; none when all is allowed. */
export function forbiddenActions(
  actor: Actor,
  settings: AppSettings,
  before: User | undefined,
  after: User,
): readonly string[] {
  if (actor.kind === 'server' || settings.disablePermissionsChecks) return [];
  if (actor.id !== after.id) return ['UpdateUser'];
  const was = before ?? BLANK;
  const actions = [];
  if (was.role !== after.role) actions.push('UpdateUserRole');
  if (!equalTeams(was.teams, after.teams) || !equalTeamsRole(was.teamsRole, after.teamsRole))
    actions.push('UpdateUserTeams');
  if (was.revokeTokensIssuedBefore !== after.revokeTokensIssuedBefore) actions.push('RevokeUserToken');
  return actions;
}

/** Those whom an actor may see at all: in an app with tenants a user sees those it shares a team with. */
export function visibleTo(actor: Actor, settings: AppSettings): Filter {
  if (actor.kind === 'server' || !settings.multiTenantEnabled) return ANYBODY;
  if (actor.teams.length === 0) return NO_TEAMS;
  return { op: '$in', field: 'teams', values: actor.teams };
}

const NO_TEAMS: Filter = { op: 'same_set', field: 'teams', values: [] };
