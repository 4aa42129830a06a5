import type { App } from '@rollcall/domain/app';
import type { Store } from '../store/store.ts';
import { sameApp } from './mark.ts';
import type { Hear } from './move.ts';
import { compare, sumOf } from './reading.ts';

/** What a comparison says of one app. */
export interface ComparedApp {
  readonly app: App;
  readonly users: number;
  readonly checksum: string;
  /** How the second store differs, in words; undefined when it does not. */
  readonly difference: string | undefined;
}

/** Reads two stores through and says what differs, app by app. It writes to neither. */
export async function compareStores(one: Store, other: Store, hear: Hear): Promise<readonly ComparedApp[]> {
  hear.begin('Comparing');
  const apps = await one.readApps();
  const others = new Map((await other.readApps()).map((app) => [app.key, app]));
  const compared: ComparedApp[] = [];
  for (const app of apps) {
    compared.push(await compareApp(one, app, other, others.get(app.key), hear));
    others.delete(app.key);
  }
  for (const app of others.values()) {
    const sum = await sumOf({ store: other, app: app.id }, (users) => hear.did(users));
    compared.push({ app, ...sum, difference: 'which are in the target only, with their app' });
  }
  return compared;
}

async function compareApp(
  one: Store,
  app: App,
  other: Store,
  counterpart: App | undefined,
  hear: Hear,
): Promise<ComparedApp> {
  if (counterpart === undefined) {
    const sum = await sumOf({ store: one, app: app.id }, (users) => hear.did(users));
    return { app, ...sum, difference: 'and the target has no such app' };
  }
  const sources = [
    { store: one, app: app.id },
    { store: other, app: counterpart.id },
  ] as const;
  const { from, to, difference } = await compare(...sources, (users) => hear.did(users));
  if (difference !== undefined) {
    const theirs = `and ${to.users.toLocaleString('en')} in the target; the first that differs is ${difference}`;
    return { app, ...from, difference: theirs };
  }
  const differs = sameApp(app, counterpart)
    ? undefined
    : 'but other settings, or another secret or name, in the target';
  return { app, ...from, difference: differs };
}
