import { type Behaviour, STATUSES } from './behaviour.ts';
import { SECTIONS, titleOf } from './behaviours.ts';

/** How the tests of one suite ended. */
export interface Tally {
  readonly passed: number;
  /** The names of those that failed. */
  readonly failed: readonly string[];
}

/**
 * A behaviour as a run saw it: as it is declared when every test of its suites passed, else less than that. A behaviour
 * that no test showed is not kept.
 */
export function asSeen(behaviour: Behaviour, tally: Tally = { passed: 0, failed: [] }): Behaviour {
  const { passed, failed } = tally;
  if (passed > 0 && failed.length === 0) return behaviour;
  const note =
    passed + failed.length === 0 ? 'no test has shown it' : `not as promised: ${failed.slice(0, 3).join('; ')}`;
  return { ...behaviour, status: passed > 0 ? 'partly' : 'no', note };
}

/** The results of a run, by the title of the suite. */
export type Results = ReadonlyMap<string, Tally>;

/** All behaviours as a run saw them. */
export function allAsSeen(behaviours: readonly Behaviour[], results: Results): readonly Behaviour[] {
  return behaviours.map((behaviour) => asSeen(behaviour, results.get(titleOf(behaviour))));
}

/** The page of compatibility, a table for each section of the wire. */
export function compatibilityPage(behaviours: readonly Behaviour[]): string {
  const count = (status: string): number => behaviours.filter((behaviour) => behaviour.status === status).length;
  const tables = Object.entries(SECTIONS).map(([number, heading]) => {
    const rows = behaviours.filter(({ section }) => section === Number(number));
    return `## ${number}. ${heading}\n\n| behaviour | served | note |\n|---|---|---|\n${rows.map(row).join('\n')}\n`;
  });
  return `${INTRODUCTION}
| served | what it means | behaviours |
|---|---|---|
${Object.entries(STATUSES)
  .map(([status, meaning]) => `| ${status} | ${meaning} | ${count(status)} |`)
  .join('\n')}

${tables.join('\n')}`;
}

const INTRODUCTION = `# Compatibility

Rollcall speaks the users part of Stream Chat's public HTTP and WebSocket API (v1 dialect); it is not affiliated with Stream.
This page is written by \`npm run compatibility-page\` from a run of \`tests/conformance\` against a started server. Each row is a
suite of tests, and says what they saw; a test holds the page against them.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = ({ text, status, note }: Behaviour): string => `| ${cell(text)} | ${status} | ${cell(note)} |`;
