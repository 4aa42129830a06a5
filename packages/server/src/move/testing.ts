import { type App, DEFAULT_SETTINGS } from '@rollcall/domain/app';
import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import type { Store } from '../store/store.ts';
import { appLineOf, lineOf } from './checksum.ts';
import { usersOf } from './reading.ts';

/** A database of an operator who has been at it for a while: two apps, one of them suspended, and all sorts of users. */
export async function furnish(store: Store, users: number): Promise<void> {
  const first = await store.createApp({
    key: 'first',
    secret: 'sécret-1 "quoted"',
    name: 'Première app ✨',
    createdAt: 5,
  });
  await store.changeApp(first.id, (app) => ({
    ...app,
    settings: {
      ...DEFAULT_SETTINGS,
      enforceUniqueUsernames: 'app',
      multiTenantEnabled: true,
      revokeTokensIssuedBefore: 123_456,
      indexedFields: ['age', 'address.city'],
      customRoles: [{ name: 'captain', createdAt: 7, updatedAt: 8 }],
      userSearchDisallowedRoles: ['guest'],
      other: { webhook_url: 'https://example.com', zebra: { b: 1, a: [null, 'x'] } },
    },
  }));
  const second = await store.createApp({ key: 'second', secret: 'secret-2', name: 'Second', createdAt: 6 });
  await store.changeApp(second.id, (app) => ({ ...app, suspended: true, suspendedExplanation: 'unpaid' }));
  await store.createApp({ key: 'empty', secret: 'secret-3', name: 'Nobody here', createdAt: 9 });
  for (let start = 0; start < users; start += 500) {
    const some = Array.from({ length: Math.min(500, users - start) }, (_, at) => userAt(start + at));
    await put(store, first, some);
  }
  await put(store, second, [userAt(0), userAt(1), userAt(4)]);
}

async function put(store: Store, app: App, users: readonly User[]): Promise<void> {
  const decision = { write: users, takes: [], tell: [], reply: users };
  await store.change(app.id, users.map(({ id }) => id), () => decision); // biome-ignore format: one thought
  const seen = users.flatMap(({ id, lastActive }) => (lastActive === undefined ? [] : [[id, lastActive] as const]));
  await store.saveActivity(app.id, new Map(seen));
}

const NAMES = [
  'Ada Lovelace',
  'Zoë Łukasik',
  '山田 太郎',
  'ﷺ محمد',
  '👩‍👩‍👧 family',
  '',
  'John\u200b Doe',
  '"quoted" \\ back',
  'É',
];

/** A user in one of many states. Times repeat, and do not come in the order of ids. */
export function userAt(at: number): User {
  const name = at % 10 === 9 ? undefined : `${NAMES[at % NAMES.length]}${at % 3 === 0 ? at : ''}`;
  const createdAt = 1000 + ((at * 7919) % 5000);
  return {
    ...BLANK,
    id: `${at % 2 === 0 ? 'user' : '@User'}-${at}`,
    name,
    nameKey: nameKey(name ?? ''),
    role: at % 11 === 0 ? 'captain' : 'user',
    image: at % 4 === 0 ? `https://example.com/${at}.png?a=b&c=ü` : undefined,
    teams: at % 5 === 0 ? ['red', 'blue team', `ünïcode-${at}`] : [],
    teamsRole: at % 10 === 0 ? { 'blue team': 'captain', red: 'admin' } : undefined,
    language: at % 6 === 0 ? 'pt-BR' : '',
    invisible: at % 7 === 0,
    privacySettings:
      at % 8 === 0 ? { typing_indicators: { enabled: false }, read_receipts: { enabled: true } } : undefined,
    revokeTokensIssuedBefore: at % 9 === 0 ? 1_700_000_000_123 : undefined,
    custom: JSON.stringify({
      z: at,
      a: { deep: [1.5, -0.001, 1e21, null, true, 'ö\u2028"'] },
      '10': 'x',
      '9': 'y',
      age: at % 90,
    }),
    createdAt,
    updatedAt: createdAt + at,
    deactivatedAt: at % 12 === 0 ? 9000 : undefined,
    deletedAt: at % 13 === 0 ? 9001 : undefined,
    lastActive: at % 3 === 0 ? 8000 + at : undefined,
  };
}

/** Everything that a store holds, for a comparison that shows what differs. */
export async function everythingIn(store: Store): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const app of await store.readApps()) {
    lines.push(appLineOf(app));
    for await (const users of usersOf({ store, app: app.id })) lines.push(...users.map(lineOf));
  }
  return lines;
}
