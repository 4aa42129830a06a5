import { nameKey } from '@rollcall/domain/username';
import { names } from '../../../examples/people.ts';
import { chance } from './chance.ts';
import { stepFor } from './order.ts';

/** A user of the benchmark, as an app would send it. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** What the app keeps beside the name: about 200 bytes of JSON. */
  readonly custom: Readonly<Record<string, unknown>>;
}

const COLORS = ['green', 'teal', 'amber', 'crimson', 'indigo', 'violet', 'ochre', '#1a7f64', '#ffb000', '#663399'];
const CITIES = ['München', 'São Paulo', '大阪', 'Nairobi', 'Łódź', 'القاهرة', 'Seattle', 'Θεσσαλονίκη', 'Lyon', 'मुंबई'];
const TAGS = ['beta', 'early-bird', 'vip', 'speaker', 'mentor', 'newsletter', 'on-call', 'remote', 'alumni', 'cook'];

const known = names();
const givenNames = distinctBeginnings(known);
const combinations = known.length * givenNames.length;
const step = stepFor(combinations);

/** The first words of the names, no two with one key. */
function distinctBeginnings(all: readonly string[]): readonly string[] {
  const byKey = new Map<string, string>();
  for (const name of all) {
    const [word = name] = name.split(/[ .・]/, 1);
    if (!byKey.has(nameKey(word))) byKey.set(nameKey(word), word);
  }
  return [...byKey.values()];
}

/** A name in no order: 7 million combinations, nearly all with a key of their own. */
function nameAt(index: number): string {
  const place = (index * step) % combinations;
  return `${givenNames[Math.floor(place / known.length)] ?? ''} ${known[place % known.length] ?? ''}`;
}

/** A random UUID: what stands beside it in the table is nowhere near it in the index. */
function idAt(index: number): string {
  const hex = [0, 1, 2, 3].map((lane) => chance(index, lane).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const pick = (items: readonly string[], index: number, lane: number): string =>
  items[chance(index, lane) % items.length] ?? '';

/** The user of a number: always the same one, so that every process knows it. `age` is what updates change. */
export function personAt(index: number, age = 16 + (chance(index, 4) % 70)): Person {
  return {
    id: idAt(index),
    name: nameAt(index),
    custom: {
      favorite_color: pick(COLORS, index, 5),
      age,
      joined: new Date(1_420_070_400_000 + (chance(index, 6) % 4000) * 86_400_000).toISOString().slice(0, 10),
      tags: [pick(TAGS, index, 7), pick(TAGS, index, 8)],
      address: { country: 'XX', city: pick(CITIES, index, 9) },
      settings: { theme: 'dark', notifications: { email: chance(index, 10) % 2 === 0, push: true } },
    },
  };
}

/** The numbers of `count` users, from `first` on, of whom no two have one name key. */
export function distinctPeople(first: number, count: number): number[] {
  const keys = new Set<string>();
  const found: number[] = [];
  for (let index = first; found.length < count; index += 1) {
    const key = nameKey(nameAt(index));
    if (!keys.has(key)) found.push(index);
    keys.add(key);
  }
  return found;
}
