import { RollcallError } from '@rollcall/client';
import { RollcallServer } from '@rollcall/client/server';
import { showDevices } from './devices.ts';
import { LOOKALIKES, NEAR_DUPLICATES } from './near-duplicates.ts';
import { type Person, type PersonCustom, readPeople } from './people.ts';
import { heading, line, shown } from './print.ts';

type Server = RollcallServer<PersonCustom>;

const DUPLICATE_USERNAME = 6;

/** Something that went otherwise than Rollcall promises; the run ends with exit code 1. */
function complain(text: string): void {
  line(`UNEXPECTED: ${text}`);
  process.exitCode = 1;
}

/** Reads where Rollcall is from the environment; ends the program with a hint when something is missing. */
function readEnvironment(): { url: string; apiKey: string; secret: string } {
  const {
    ROLLCALL_URL: url = 'http://127.0.0.1:8800',
    ROLLCALL_API_KEY: apiKey,
    ROLLCALL_API_SECRET: secret,
  } = process.env;
  if (apiKey && secret) return { url, apiKey, secret };
  const missing = [!apiKey && 'ROLLCALL_API_KEY', !secret && 'ROLLCALL_API_SECRET'].filter(Boolean).join(' and ');
  console.error(
    `Please set ${missing}. Start Rollcall with \`npm start\`; \`npm run app -- list --secret\` shows both.`,
  );
  process.exit(2);
}

/** Sends the whole user base, while names may still repeat. */
async function syncPeople(server: Server, people: readonly Person[]): Promise<void> {
  heading(`Syncing ${people.length} people`);
  await server.updateAppSettings({ enforce_unique_usernames: 'no' });
  const start = performance.now();
  const { synced, failed } = await server.syncUsers(people, {
    onProgress: (sofar) => {
      if (sofar.synced % 1000 === 0) line(`${sofar.synced} …`);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  line(`${synced} synced in ${seconds.toFixed(2)} s: ${Math.round(synced / seconds)} users a second`);
  for (const { id, error } of failed.slice(0, 10)) line(`${id} failed: ${error.message}`);
  if (failed.length > 0) complain(`${failed.length} people failed`);
}

/** Tries a write that takes a name somebody has; returns the refusal, or nothing when it was let through. */
async function refusalOf(write: () => Promise<unknown>): Promise<RollcallError | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (error instanceof RollcallError && error.code === DUPLICATE_USERNAME) return error;
    throw error;
  }
}

/** Newcomers ask for every spelling of the near duplicates; none may have it. */
async function showNewcomers(server: Server): Promise<void> {
  heading('Newcomers who ask for a name that is taken, in another spelling');
  let refused = 0;
  for (const [at, { spellings }] of NEAR_DUPLICATES.entries()) {
    const [, ...others] = spellings;
    let message = '';
    for (const [nth, name] of others.entries()) {
      const refusal = await refusalOf(() => server.upsertUser({ id: `newcomer-${at}-${nth}`, name }));
      if (refusal === undefined) complain(`${shown(name)} was given away twice`);
      else refused += 1;
      message = refusal?.message ?? message;
    }
    line(others.map(shown).join('  '));
    line(`    ↳ ${shownMessage(message)}`);
  }
  line(`${refused} newcomers refused (code ${DUPLICATE_USERNAME}); the user base has not grown.`);
}

const shownMessage = (message: string): string => shown(message).slice(1, -1);

/** People who have a name of their own ask for another's; so do two in one batch. */
async function showRenames(server: Server, people: readonly Person[]): Promise<void> {
  heading('Renames to a name that is taken, and a name taken twice in one batch');
  const renamed = people.filter(isOrdinary).slice(0, 3);
  for (const [at, { id, name }] of renamed.entries()) {
    const wish = NEAR_DUPLICATES[at * 5]?.spellings[1] ?? 'JOHN DOE';
    const refusal = await refusalOf(() => server.partialUpdateUser({ id, set: { name: wish } }));
    line(`${shown(name)} → ${shown(wish)}`);
    if (refusal === undefined) complain('the rename was accepted');
    else line(`    ↳ ${shownMessage(refusal.message)}`);
  }
  const twins = ['Zebedee Quill', 'ZEBEDEE.QUILL'].map((name, at) => ({ id: `newcomer-twin-${at}`, name }));
  const refusal = await refusalOf(() => server.upsertUsers(twins));
  line(twins.map(({ name }) => shown(name)).join(' and '));
  if (refusal === undefined) complain('both twins were accepted');
  else
    line(
      `    ↳ ${shownMessage(refusal.message)}; at fault: ${Object.keys(refusal.fields).join(', ')}; neither was made`,
    );
}

/** Who shared a name before uniqueness was on keeps it, and can be changed in every other way. */
async function showKept(server: Server, people: readonly Person[]): Promise<void> {
  heading('Duplicates from before stay, and stay usable');
  const spellings: readonly string[] = NEAR_DUPLICATES[0]?.spellings ?? [];
  const sharers = people.filter(({ name }) => spellings.includes(name));
  for (const { id, name } of sharers) {
    const user = await server.partialUpdateUser({ id, set: { favorite_color: 'teal', name: `${name}!` } });
    line(`${shown(name)} now likes ${user.favorite_color} and writes ${shown(user.name)}`);
  }
  await server.upsertUsers(sharers);
  line(`All ${sharers.length} sent again as they were: accepted.`);
}

/** Says whether nobody else has a name like this one's, and others can see them. */
function isOrdinary({ name, invisible }: Person): boolean {
  return !invisible && !LOOKALIKES.includes(name) && !NEAR_DUPLICATES.some(({ spellings }) => spellings.includes(name));
}

async function main(): Promise<void> {
  const { url, apiKey, secret } = readEnvironment();
  const server: Server = new RollcallServer<PersonCustom>(apiKey, secret, { url });
  const people = readPeople();
  const { enforce_unique_usernames: before = 'no' } = await server.getAppSettings();
  console.log(`Rollcall at ${url}, app ${apiKey}; enforce_unique_usernames is "${before}"`);
  try {
    await syncPeople(server, people);
    heading('Switching uniqueness on');
    await server.updateAppSettings({ enforce_unique_usernames: 'app' });
    line('enforce_unique_usernames is now "app"');
    await showNewcomers(server);
    await showRenames(server, people);
    await showKept(server, people);
    await showDevices({ url, apiKey, server, people: people.filter(isOrdinary) });
  } finally {
    await server.updateAppSettings({ enforce_unique_usernames: before });
    console.log(`\nenforce_unique_usernames is "${before}" again`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RollcallError)) throw error;
  if (error.code === 0)
    console.error(`${error.message}\nIs Rollcall running? Start it with \`npm start\`, or set ROLLCALL_URL.`);
  else console.error(`Rollcall refused (code ${error.code}): ${error.message}`);
  process.exitCode = 1;
}
