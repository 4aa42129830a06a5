import assert from 'node:assert/strict';
import type { App, AppId } from '@rollcall/domain/app';
import { type Patch, type Profile, patchUsers, upsertUsers } from '@rollcall/domain/change';
import { DomainError } from '@rollcall/domain/error';
import { type Given, nothingGiven } from '@rollcall/domain/field';
import { ANYBODY, DEFAULT_SORT, type Query } from '@rollcall/domain/filter';
import type { JsonObject } from '@rollcall/domain/json';
import { SERVER } from '@rollcall/domain/permission';
import type { User } from '@rollcall/domain/user';
import type { Decide, Store } from './store.ts';

/** A query that finds everybody, newest first. */
export const EVERYBODY: Query = {
  filter: ANYBODY,
  sort: DEFAULT_SORT,
  limit: 1000,
  offset: 0,
  after: undefined,
  includeDeactivated: false,
};

/** Opens a store that nobody else uses. */
export type OpenStore = () => Promise<Store>;

let made = 0;

/** Makes an app of its own for a test. */
export async function makeApp(store: Store): Promise<App> {
  made += 1;
  return store.createApp({ key: `key-${made}`, secret: 'secret', name: 'An app', createdAt: 1 });
}

/** A user as a test states it. */
export interface Stated extends Partial<Given> {
  readonly id: string;
  readonly custom?: JsonObject;
}

/** Users as the domain takes them. */
export const profilesOf = (stated: readonly Stated[]): readonly Profile[] =>
  stated.map(({ id, custom = {}, ...given }, index) => ({ index, id, custom, given: { ...nothingGiven(), ...given } }));

/** Upserts users as a backend does. */
export function upsert(store: Store, app: AppId, stated: readonly Stated[], now = 1000) {
  const decide: Decide = (current, settings) =>
    upsertUsers(current, { items: profilesOf(stated), faults: [] }, { actor: SERVER, settings, now });
  return store.change(
    app,
    stated.map(({ id }) => id),
    decide,
  );
}

/** Sets one custom field of one user. */
export function setField(store: Store, app: AppId, id: string, field: string, value: number) {
  const patch: Patch = { index: 0, id, given: nothingGiven(), changes: [{ path: [field], value }] };
  return store.change(app, [id], (current, settings) =>
    patchUsers(current, { items: [patch], faults: [] }, { actor: SERVER, settings, now: 1000 }),
  );
}

/** Says whether an error is the refusal of this name. */
export const refusedAs = (name: string) => (error: unknown) => error instanceof DomainError && error.refusal === name;

/** Switches uniqueness on. */
export async function unique(store: Store, app: AppId, mode: 'app' | 'team'): Promise<void> {
  await store.changeApp(app, (before) => ({
    ...before,
    settings: { ...before.settings, enforceUniqueUsernames: mode },
  }));
}

/** Writes users as they are given, whatever the rules say: for states that no call reaches yet. */
export async function force(store: Store, app: AppId, users: readonly User[]): Promise<void> {
  await store.change(
    app,
    users.map(({ id }) => id),
    () => ({ write: users, takes: [], tell: [], reply: users }),
  );
}

/** Reads a user who must be there. */
export async function readOne(store: Store, app: AppId, id: string): Promise<User> {
  const user = (await store.find(app, [id])).get(id);
  assert.ok(user, `${id} is there`);
  return user;
}

/** Declares custom fields. Their indexes are made later. */
export async function indexed(store: Store, app: AppId, paths: readonly string[]): Promise<void> {
  await store.changeApp(app, (before) => ({ ...before, settings: { ...before.settings, indexedFields: paths } }));
}

/** Declares custom fields, and waits until their indexes are made. */
export async function declare(store: Store, app: AppId, paths: readonly string[]): Promise<void> {
  await indexed(store, app, paths);
  for (;;) {
    const indexes = await store.fieldIndexes(app);
    if (indexes.every(({ ready }) => ready)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
