import { randomBytes } from 'node:crypto';
import { type App, type AppSettings, BUILT_IN_ROLES, CUSTOM_ROLES, type CustomRole } from '@rollcall/domain/app';
import { type DomainError, refusal } from '@rollcall/domain/error';
import { changeSettings, type SettingsChange } from '@rollcall/protocol/app';
import type { SettingsBody } from '@rollcall/protocol/schema';
import type { Clock } from '../clock.ts';
import type { FieldIndex, Store } from '../store/store.ts';
import { KnownApps } from './known-apps.ts';

/** The apps of this server, at hand for every call. */
export interface Apps {
  /** The app that a key names. */
  find(key: string): App | undefined;
  all(): readonly App[];
  /** Reads the apps again if another process may have changed one. */
  refresh(): Promise<void>;
  /** Reads the apps again, whatever is known of them. */
  reload(): Promise<void>;
  /** Hears of every app that changed, or came. */
  onChange(listen: (app: App) => void): void;
  create(app: { readonly name: string; readonly key?: string; readonly secret?: string }): Promise<App>;
  /** Changes what the operator may change: whether an app is suspended. */
  suspend(app: App, suspended: boolean, explanation?: string): Promise<App>;
  changeSettings(app: App, body: SettingsBody): Promise<{ app: App; warnings: readonly string[] }>;
  /** How far the indexes of the declared fields have come. */
  fieldIndexes(app: App): Promise<readonly FieldIndex[]>;
  createRole(app: App, name: string): Promise<CustomRole>;
  deleteRole(app: App, name: string): Promise<void>;
}

/** A key as apps have them: it is no secret, it names. */
const newKey = (): string => randomBytes(8).toString('hex');
/** A secret of 256 bits. */
const newSecret = (): string => randomBytes(32).toString('base64url');

/** Reads the apps of a store and keeps them at hand. */
export async function openApps(store: Store, clock: Clock): Promise<Apps> {
  const known = new KnownApps(store);
  await known.reload();

  const write = (app: App, settings: (before: AppSettings) => AppSettings, freedRole?: string): Promise<App> =>
    known.wrote(store.changeApp(app.id, (stored) => ({ ...stored, settings: settings(stored.settings) }), freedRole));

  return {
    find: (key) => known.find(key),
    all: () => known.all(),
    onChange: (listen) => known.onChange(listen),
    refresh: () => known.refresh(),
    reload: () => known.reload(),
    create: ({ name, key = newKey(), secret = newSecret() }) =>
      known.wrote(store.createApp({ name, key, secret, createdAt: clock() })),
    suspend: (app, suspended, suspendedExplanation = '') =>
      known.wrote(store.changeApp(app.id, (stored) => ({ ...stored, suspended, suspendedExplanation }))),
    async changeSettings(app, body) {
      let change: SettingsChange = { settings: app.settings, warnings: [] };
      const changed = await write(app, (before) => {
        change = changeSettings(before, body);
        return change.settings;
      });
      return { app: changed, warnings: change.warnings };
    },
    fieldIndexes: (app) => store.fieldIndexes(app.id),
    async createRole(app, name) {
      const now = clock();
      const role: CustomRole = { name, createdAt: now, updatedAt: now };
      await write(app, (before) => withRole(before, role));
      return role;
    },
    async deleteRole(app, name) {
      await write(app, (before) => withoutRole(before, name), name);
    },
  };
}

const builtIn = new Set<string>(BUILT_IN_ROLES);

function withRole(settings: AppSettings, role: CustomRole): AppSettings {
  const { customRoles } = settings;
  if (builtIn.has(role.name) || customRoles.some(({ name }) => name === role.name)) {
    throw refusal('input_error', `the role "${role.name}" already exists`, 'name');
  }
  if (customRoles.length >= CUSTOM_ROLES)
    throw refusal('input_error', `an app has at most ${CUSTOM_ROLES} custom roles`);
  return { ...settings, customRoles: [...customRoles, role] };
}

function withoutRole(settings: AppSettings, name: string): AppSettings {
  if (builtIn.has(name)) throw refusal('input_error', `the role "${name}" is built in and cannot be deleted`);
  const customRoles = settings.customRoles.filter((role) => role.name !== name);
  if (customRoles.length === settings.customRoles.length)
    throw refusal('not_found', `the role "${name}" does not exist`);
  return { ...settings, customRoles };
}

/** What users of a suspended app read. */
export function suspended({ suspendedExplanation }: App): DomainError {
  return refusal(
    'app_suspended',
    suspendedExplanation === '' ? 'the app is suspended' : `the app is suspended: ${suspendedExplanation}`,
  );
}
