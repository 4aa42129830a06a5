import { chance } from './chance.ts';

/** A team, and of how many users one is in it. */
interface Team {
  readonly name: string;
  readonly oneOf: number;
}

const FIRST_LANE = 20;
const TEAMS: readonly Team[] = [
  { name: 'common', oneOf: 2 },
  { name: 'middle', oneOf: 100 },
  { name: 'rare', oneOf: 2000 },
];

/** The names of all teams. */
export const TEAM_NAMES: readonly string[] = TEAMS.map(({ name }) => name);

/** The teams of the user of a number, where a database has teams: they differ in size. */
export function teamsAt(index: number): readonly string[] {
  return TEAMS.flatMap(({ name, oneOf }, at) => (chance(index, FIRST_LANE + at) % oneOf === 0 ? [name] : []));
}
