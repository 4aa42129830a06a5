import { globSync, writeFileSync } from 'node:fs';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BEHAVIOURS } from './behaviours.ts';
import { allAsSeen, compatibilityPage, type Results, type Tally } from './compatibility.ts';

/** Where the page of compatibility lies. */
export const COMPATIBILITY_PAGE = new URL('../../docs/compatibility.md', import.meta.url);

/** The files of tests whose suites the page lists. */
export function conformanceFiles(): readonly string[] {
  const folder = fileURLToPath(new URL('./', import.meta.url));
  return globSync('*.test.ts', { cwd: folder })
    .filter((name) => name !== 'compatibility.test.ts')
    .sort()
    .map((name) => `${folder}${name}`);
}

/** Runs the tests, each file in a process of its own, and counts how they ended by the title of their suite. */
export async function runConformance(files: readonly string[]): Promise<Results> {
  const results = new Map<string, Tally>();
  const pending = new Map<string, { passed: number; failed: string[] }>();
  const tallyOf = (file = ''): { passed: number; failed: string[] } => {
    const tally = pending.get(file) ?? { passed: 0, failed: [] };
    pending.set(file, tally);
    return tally;
  };
  // Tests of a file are told in order, and a suite after its tests: those that wait belong to it.
  const endSuite = (name: string, file = ''): void => {
    const { passed, failed } = tallyOf(file);
    const before = results.get(name) ?? { passed: 0, failed: [] };
    results.set(name, { passed: before.passed + passed, failed: [...before.failed, ...failed] });
    pending.delete(file);
  };
  const events = run({ files: [...files], concurrency: 2, timeout: 120_000 });
  events.on('test:pass', ({ name, nesting, file, skip, details }) => {
    if (nesting === 0) endSuite(name, file);
    else if (details.type !== 'suite' && skip === undefined) tallyOf(file).passed += 1;
  });
  events.on('test:fail', ({ name, nesting, file, details }) => {
    if (details.type !== 'suite') tallyOf(file).failed.push(name);
    if (nesting === 0) endSuite(name, file);
  });
  for await (const _ of events);
  return results;
}

if (import.meta.main) {
  const results = await runConformance(conformanceFiles());
  const declared = Object.values(BEHAVIOURS);
  const seen = allAsSeen(declared, results);
  writeFileSync(COMPATIBILITY_PAGE, compatibilityPage(seen));
  const lesser = seen.filter((behaviour, at) => behaviour !== declared[at]);
  for (const { section, text, note } of lesser) console.error(`${section} ${text}: ${note}`);
  if (lesser.length > 0) process.exitCode = 1;
}
