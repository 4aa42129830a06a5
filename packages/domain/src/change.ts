import { type AppSettings, roleExists } from './app.ts';
import { CUSTOM_BYTES, isTooBig, shownKey } from './custom.ts';
import { FAULTS_NAMED, type Fault, placeOf, type RefusalName, refuseFaults } from './error.ts';
import type { UserUpdated } from './event.ts';
import type { Given } from './field.ts';
import type { JsonObject } from './json.ts';
import { type Draft, type TakenName, takenNames } from './name.ts';
import { applyChanges, type CustomChange } from './patch.ts';
import { type Actor, forbiddenActions, isOutOfReach, notAllowed } from './permission.ts';
import { BLANK, type Instant, type PrivacySettings, parseCustom, sameUser, type User, type Users } from './user.ts';
import { nameKey } from './username.ts';

/** What one decision asks the shell to do. */
export interface Decision {
  /** Together, or not at all. */
  readonly write: readonly User[];
  /** Checked by the store in the same transaction, before the first row is written. */
  readonly takes: readonly TakenName[];
  /** After the commit. */
  readonly tell: readonly UserUpdated[];
  /** Every user that was named, once, in the order of the batch; unchanged ones are answered too. */
  readonly reply: readonly User[];
}

/** Items as a caller stated them, with what was already found wrong in them. */
export interface Batch<Item> {
  readonly items: readonly Item[];
  readonly faults: readonly Fault[];
}

/** A whole user, stated: custom data, name and image that it does not name are to go. */
export interface Profile {
  readonly index: number;
  readonly id: string;
  readonly given: Given;
  readonly custom: JsonObject;
}

/** A partial change of one user. */
export interface Patch {
  readonly index: number;
  readonly id: string;
  readonly given: Given;
  readonly changes: readonly CustomChange[];
}

/** What a decision knows besides the users. */
export interface Circumstances {
  readonly actor: Actor;
  readonly settings: AppSettings;
  readonly now: Instant;
}

/** Creates or replaces users (wire.md, section 3). Throws a `DomainError` that names every fault of the first faulty phase. */
export function upsertUsers(current: Users, batch: Batch<Profile>, about: Circumstances): Decision {
  return decide(current, batch, about, {
    creates: true,
    place: '',
    // A name and an image that are not stated are to go, as custom data is.
    next: ({ given, custom }, before) => {
      const { name = null, image = null } = given;
      return withBuiltIns(before, given, name, image, given.privacySettings, JSON.stringify(custom));
    },
  });
}

/** Changes parts of users (wire.md, section 4), each in order on what the one before it left. Throws as `upsertUsers` does. */
export function patchUsers(current: Users, batch: Batch<Patch>, about: Circumstances): Decision {
  return decide(current, batch, about, { creates: false, place: 'set.', next: patched });
}

/**
 * Makes or changes the one user who connects (wire.md, section 5): what it names is written, nothing is removed. With the
 * policy `create_only` the details count only when they make the user.
 */
export function connectUser(current: Users, batch: Batch<Patch>, about: Circumstances): Decision {
  const { settings } = about;
  return decide(current, batch, about, {
    creates: true,
    place: '',
    next: (patch, before, exists, complain) =>
      exists && settings.connectPolicy === 'create_only' ? before : patched(patch, before, exists, complain),
  });
}

type ComplainAt = (path: string, message: string, refusal?: RefusalName) => void;

interface Way<Item> {
  /** Whether a user who does not exist is made. */
  readonly creates: boolean;
  /** Where a caller wrote the fields of a user. */
  readonly place: '' | 'set.';
  next(item: Item, before: User, exists: boolean, complain: ComplainAt): User;
}

interface Stated {
  readonly index: number;
  readonly id: string;
  readonly given: Given;
}

function decide<Item extends Stated>(
  current: Users,
  batch: Batch<Item>,
  about: Circumstances,
  way: Way<Item>,
): Decision {
  const { actor, settings } = about;
  const faults = [...batch.faults];
  const drafts = new Map<string, Draft>();
  for (const item of batch.items) {
    const stored = current.get(item.id);
    const before = drafts.get(item.id)?.after ?? stored;
    const found = faults.length;
    const complain: ComplainAt = (path, message, refusal = 'input_error') => {
      if (faults.length >= FAULTS_NAMED) return;
      const at = placeOf(item.id, path);
      const whole = refusal === 'input_error' || refusal === 'payload_too_big' ? `${at} ${message}` : message;
      faults.push({ refusal, at, message: whole, index: item.index });
    };
    if (isOutOfReach(actor, settings, item.id, stored)) {
      complain('', notAllowed(actor, 'UpdateUser'), 'not_allowed');
      continue;
    }
    if (before?.deletedAt !== undefined) complain('', `the user ${item.id} was deleted`, 'not_found');
    if (before === undefined && !way.creates) complain('', `the user ${item.id} does not exist`, 'not_found');
    const after = way.next(item, before ?? newUser(item.id, about.now), before !== undefined, complain);
    const complainOf: ComplainAt = (path, ...rest) => complain(path && way.place + path, ...rest);
    checkUser(after, item.given, about, complainOf);
    for (const { action, field } of forbiddenActions(actor, settings, before, after)) {
      complainOf(field, notAllowed(actor, action), 'not_allowed');
    }
    // A refused batch goes no further with what is wrong in it: that could grow with every item.
    if (faults.length === found) drafts.set(item.id, { before: stored, after, index: item.index });
  }
  refuseFaults(faults);
  return settle(drafts, about);
}

/** Looks at the state a user would be in: what a single field cannot tell. */
function checkUser(after: User, given: Given, { settings }: Circumstances, complain: ComplainAt): void {
  if (given.role != null && !roleExists(settings, given.role))
    complain('role', `"${shownKey(given.role)}" does not exist`);
  if (given.teamsRole != null) checkTeamsRole(given.teamsRole, after, settings, complain);
  if (isTooBig(after.custom, after.name, after.image)) {
    complain('', `has more than ${CUSTOM_BYTES} bytes of custom data`, 'payload_too_big');
  }
}

function checkTeamsRole(
  teamsRole: Readonly<Record<string, string>>,
  after: User,
  settings: AppSettings,
  complain: ComplainAt,
): void {
  for (const [team, role] of Object.entries(teamsRole)) {
    if (!after.teams.includes(team))
      complain('teams_role', `names the team "${shownKey(team)}", which the user is not in`);
    if (!roleExists(settings, role)) complain('teams_role', `names the role "${shownKey(role)}", which does not exist`);
  }
}

/** Turns drafts into what is to be written, told and answered; who did not change keeps its times. */
function settle(drafts: ReadonlyMap<string, Draft>, { settings, now }: Circumstances): Decision {
  const write: User[] = [];
  const tell: UserUpdated[] = [];
  const reply: User[] = [];
  for (const { before, after } of drafts.values()) {
    if (before === undefined) {
      write.push(after);
      reply.push(after);
    } else if (sameUser(before, after)) {
      reply.push(before);
    } else {
      const user = { ...after, updatedAt: now > before.updatedAt ? now : before.updatedAt + 1 };
      write.push(user);
      reply.push(user);
      tell.push({ type: 'user.updated', before, user });
    }
  }
  return { write, takes: takenNames(drafts, settings.enforceUniqueUsernames), tell, reply };
}

function newUser(id: string, now: Instant): User {
  return { id, ...BLANK, createdAt: now, updatedAt: now };
}

/** Null is the default, absent is what was there. */
function settled<T>(given: T | null | undefined, before: T, standard: T): T {
  if (given === undefined) return before;
  return given === null ? standard : given;
}

/** The state that a statement leads to. Every field is named, so that all users have one shape in memory. */
function withBuiltIns(
  before: User,
  given: Given,
  givenName: string | null | undefined,
  givenImage: string | null | undefined,
  givenPrivacy: PrivacySettings | null | undefined,
  custom: string,
): User {
  const name = settled<string | undefined>(givenName, before.name, undefined);
  const teams = settled(given.teams, before.teams, BLANK.teams);
  return {
    id: before.id,
    role: settled(given.role, before.role, BLANK.role),
    name,
    // A name over the limit is about to be refused, and not worth folding.
    nameKey: name === before.name || isTooBig('{}', name, undefined) ? before.nameKey : nameKey(name ?? ''),
    image: settled<string | undefined>(givenImage, before.image, undefined),
    teams,
    teamsRole: ofTeams(settled(given.teamsRole, before.teamsRole, undefined), teams, given.teamsRole != null),
    language: settled(given.language, before.language, BLANK.language),
    invisible: settled(given.invisible, before.invisible, BLANK.invisible),
    privacySettings: settled(givenPrivacy, before.privacySettings, undefined),
    revokeTokensIssuedBefore: settled(given.revokeTokensIssuedBefore, before.revokeTokensIssuedBefore, undefined),
    custom,
    createdAt: before.createdAt,
    updatedAt: before.updatedAt,
    deactivatedAt: before.deactivatedAt,
    deletedAt: before.deletedAt,
    lastActive: before.lastActive,
  };
}

/** Drops roles in teams no longer held; those just given are kept, to be complained of. */
function ofTeams(teamsRole: User['teamsRole'], teams: readonly string[], given: boolean): User['teamsRole'] {
  if (teamsRole === undefined) return undefined;
  const held = Object.entries(teamsRole).filter(([team]) => given || teams.includes(team));
  return held.length === 0 ? undefined : Object.fromEntries(held);
}

function patched(patch: Patch, before: User, _: boolean, complain: ComplainAt): User {
  const { given, changes } = patch;
  const privacy = given.privacySettings
    ? { ...before.privacySettings, ...given.privacySettings }
    : given.privacySettings;
  const custom = changes.length === 0 ? before.custom : changedCustom(before, changes, complain);
  return withBuiltIns(before, given, given.name, given.image, privacy, custom);
}

function changedCustom(before: User, changes: readonly CustomChange[], complain: ComplainAt): string {
  const custom = applyChanges(parseCustom(before), changes, (change, message) => {
    complain(`${change.value === undefined ? 'unset' : 'set'}.${change.path.join('.')}`, message);
  });
  return JSON.stringify(custom);
}
