import { writeFileSync } from 'node:fs';
import type { Culture } from './names/culture.ts';
import { CULTURES } from './names/cultures.ts';
import { LOOKALIKES, NEAR_DUPLICATES } from './near-duplicates.ts';
import { PEOPLE_FILE, type Person } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** How many people there are. */
export const PEOPLE = 5_000;
const SEED = 20_260_101;

const HEX = '0123456789abcdef';
const WORD = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const words = (text: string): readonly string[] => text.split(' ');
const TEAMS = words(
  'design platform mobile web data research support-emea support-apac support-amer sales marketing legal finance people ' +
    'security quality docs payments search growth community events logistics warehouse-7 clinic-north clinic-south ' +
    'chess-club book-club running choir gardeners night-shift münchen 東京 são-paulo القاهرة киев-hub θεσσαλονίκη board interns',
);
const COLORS = words('green teal amber crimson indigo violet ochre #1a7f64 #ffb000 #663399 black white');
const TAGS = words(
  'beta early-bird vip speaker mentor newsletter on-call remote part-time volunteer 新人 alumni climber cook',
);
const PRONOUNS = ['she/her', 'he/him', 'they/them', null];

/** Makes the user base, the same one every time. */
export function generatePeople(): Person[] {
  const random = createRandom(SEED);
  const special = [
    ...NEAR_DUPLICATES.flatMap(({ language, spellings }) => spellings.map((name) => ({ name, language }))),
    ...LOOKALIKES.map((name) => ({ name, language: 'en' })),
  ].map(({ name, language }) => ({ name, culture: cultureOf(language) }));
  const ordinary = makeNames(random, PEOPLE - special.length, new Set(special.map(({ name }) => bare(name))));
  const ids = makeIds(random, PEOPLE);
  return random
    .shuffle([...special, ...ordinary])
    .map(({ name, culture }, at) => makePerson(random, ids[at] ?? '', name, culture));
}

/** The user base as it lies in the file. */
export function toNdjson(people: readonly Person[]): string {
  return people.map((person) => `${JSON.stringify(person)}\n`).join('');
}

interface Named {
  readonly name: string;
  readonly culture: Culture;
}

function cultureOf(language: string): Culture {
  const culture = CULTURES.find((one) => one.language === language);
  if (culture === undefined) throw new RangeError(`nobody speaks ${language}`);
  return culture;
}

/** A name without spaces and signs. Rougher than the key of a name, and enough for names out of our own lists. */
const bare = (name: string): string => name.replace(/[^\p{L}\p{M}\p{N}]/gu, '');

/** Draws names until there are enough; one that is taken already is drawn anew. */
function makeNames(random: Random, count: number, taken: Set<string>): Named[] {
  const lots = CULTURES.flatMap((culture) => new Array<Culture>(culture.share).fill(culture));
  const made: Named[] = [];
  while (made.length < count) {
    const culture = random.pick(lots);
    const name = makeName(random, culture);
    if (taken.has(bare(name))) continue;
    taken.add(bare(name));
    made.push({ name: restyle(random, name), culture });
  }
  return made;
}

function makeName(random: Random, { forms, halves }: Culture): string {
  const { given, family } = random.pick(halves);
  const own = random.pick(family);
  const parts: Readonly<Record<string, string>> = {
    given: random.pick(given),
    family: own,
    second: random.pick(family.filter((other) => other !== own)),
    // A letter together with the marks that belong to it.
    initial: /^.\p{M}*/u.exec(random.pick(given))?.[0] ?? '',
  };
  return random.pick(forms).replace(/\{(\w+)\}/g, (_, part: string) => parts[part] ?? '');
}

/** Some people write their name their own way. The key stays the same, so no new near duplicate comes of it. */
function restyle(random: Random, name: string): string {
  const style = random.below(100);
  if (style < 3) return name.toLowerCase();
  if (style < 5) return name.replaceAll(' ', '.');
  if (style < 6) return name.toUpperCase();
  if (style < 8) return `${name} ${random.pick(['🌻', '⚡', '🐈‍⬛', '🇺🇳', '☕'])}`;
  return name;
}

/** Ids the way apps choose them: mostly UUIDs, never in order. */
function makeIds(random: Random, count: number): string[] {
  const ids = new Set<string>();
  while (ids.size < count) ids.add(makeId(random));
  return [...ids];
}

function makeId(random: Random): string {
  const style = random.below(10);
  if (style < 6) {
    const parts = [8, 4, 3, 3, 12].map((length) => random.letters(length, HEX));
    return `${parts[0]}-${parts[1]}-4${parts[2]}-${random.pick(['8', '9', 'a', 'b'])}${parts[3]}-${parts[4]}`;
  }
  if (style === 6) return random.letters(24, HEX);
  if (style === 7) return random.letters(21, `${WORD}_-`);
  if (style === 8) return `user_${random.letters(16, WORD)}`;
  return `${random.letters(7, WORD.slice(0, 26))}@${random.letters(5, HEX)}`;
}

function makePerson(random: Random, id: string, name: string, culture: Culture): Person {
  const teams = makeTeams(random);
  return {
    id,
    name,
    ...makeRole(random, teams),
    ...(teams.length === 0 && random.percent(50) ? {} : { teams }),
    language: culture.language,
    ...(random.percent(70) && { image: `https://img.example.com/${random.letters(10, WORD)}.webp` }),
    ...(random.percent(2) && { invisible: true }),
    ...(random.percent(3) && { privacy_settings: { typing_indicators: { enabled: random.percent(50) } } }),
    ...makeCustom(random, culture),
  };
}

function makeTeams(random: Random): string[] {
  const count = random.pick([0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4]);
  return [...new Set(Array.from({ length: count }, () => random.pick(TEAMS)))];
}

function makeRole(random: Random, teams: readonly string[]): Pick<Person, 'role' | 'teams_role'> {
  const [first] = teams;
  const leads = first !== undefined && random.percent(2) && { teams_role: { [first]: 'moderator' } };
  const lot = random.below(1000);
  if (lot < 3) return { role: 'admin', ...leads };
  if (lot < 15) return { role: 'moderator', ...leads };
  return { ...(lot < 250 && { role: 'user' }), ...leads };
}

function makeCustom(random: Random, culture: Culture): Partial<Person> {
  const [country, city] = random.pick(culture.places);
  const degrees = (end: number): number => (random.below(2 * end * 1000) - end * 1000) / 1000;
  return {
    ...(random.percent(60) && { favorite_color: random.pick(COLORS) }),
    ...(random.percent(50) && { age: 16 + random.below(40) + random.below(35) }),
    ...(random.percent(20) && { rating: random.below(51) / 10 }),
    ...(random.percent(20) && { verified: random.percent(70) }),
    ...(random.percent(25) && { joined: makeDay(random) }),
    ...(random.percent(12) && { pronouns: random.pick(PRONOUNS) }),
    ...(random.percent(35) && { tags: Array.from({ length: random.below(4) }, () => random.pick(TAGS)) }),
    ...(random.percent(70) && {
      address: { country, city, ...(random.percent(10) && { geo: [degrees(90), degrees(180)] as const }) },
    }),
    ...(random.percent(30) && { settings: makeSettings(random) }),
  };
}

function makeSettings(random: Random): NonNullable<Person['settings']> {
  const notifications = { email: random.percent(50), push: random.percent(80) };
  return {
    theme: random.pick(['light', 'dark', 'system']),
    notifications: { ...notifications, ...(random.percent(20) && { quiet: ['22:00', '07:00'] }) },
  };
}

function makeDay(random: Random): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${2015 + random.below(11)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
}

if (import.meta.main) {
  writeFileSync(PEOPLE_FILE, toNdjson(generatePeople()));
  console.log(`wrote ${PEOPLE} people to ${PEOPLE_FILE.pathname}`);
}
