import { parseArgs } from 'node:util';
import { type ComparedApp, compareStores } from './move/compare.ts';
import { isSame, openSide, openToRead, shown } from './move/database.ts';
import { type Moved, type MovedApp, MoveRefused, move } from './move/move.ts';
import { Progress, plain } from './move/progress.ts';

const HELP = `Usage: npm run move -- --from DATABASE --to DATABASE [--compare]

Moves everything that one database holds to another: apps with their keys, secrets and settings, and all users, the deactivated
and deleted ones too, with every field and time. DATABASE is sqlite:FILE or postgres://USER@HOST/NAME, with the password in
PGPASSWORD: others can read what stands on a command line.

  Stop every server that uses either database first.
  The target must be empty. The source keeps everything.
  Stopped or killed at any point, run it again: it goes on.
  It ends by reading both sides through and comparing their checksums.

With --compare it only does that, and writes nothing: it tells whether a backup is whole.

The exit code is 0 when both sides are the same, 1 when it could not be done, 2 when it was not understood,
and 3 when the sides differ in the end.
`;

const EXIT = { same: 0, failed: 1, usage: 2, differ: 3, interrupted: 130 };

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly compare: boolean;
}

/** What the operator asked for; undefined when it was not understood. */
function readFlags(): Flags | 'help' | undefined {
  try {
    const { values } = parseArgs({
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        compare: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    });
    const { from, to, compare, help } = values;
    if (help) return 'help';
    return from === undefined || to === undefined ? undefined : { from, to, compare };
  } catch {
    return undefined;
  }
}

const counted = (users: number): string => `${users.toLocaleString('en')} user${users === 1 ? '' : 's'}`;

function report({ apps, written, equal }: Moved): string {
  const lines = apps.map(reportApp);
  if (!equal) lines.push(`The two sides are not the same. ${nextStep(apps)}`);
  else if (written === 0) lines.push('Everything was there already: nothing was written, and both sides are the same.');
  else
    lines.push(
      `Done: ${counted(written)} written, and both sides are the same. Point ROLLCALL_DATABASE at the target.`,
    );
  return lines.join('\n');
}

/** What an operator does about two sides that differ. */
function nextStep(apps: readonly MovedApp[]): string {
  return apps.some(({ difference, whole }) => difference !== undefined && whole)
    ? 'What was whole before this run was not touched: it changed since, here or there. To move it again, begin with an empty target.'
    : 'Nobody is served from the target. Run it again to write it anew.';
}

function reportComparison(apps: readonly ComparedApp[]): string {
  const lines = apps.map(({ app, users, checksum, difference }) => {
    const found = difference ?? `checksum ${checksum.slice(0, 16)} on both sides`;
    return `${plain(app.name)} (${app.key}): ${counted(users)}, ${found}`;
  });
  return [
    ...lines,
    isAlike(apps) ? 'Both sides are the same.' : 'The two sides are not the same. Nothing was written.',
  ].join('\n');
}

const isAlike = (apps: readonly ComparedApp[]): boolean => apps.every(({ difference }) => difference === undefined);

function reportApp({ app, from, to, difference, moving }: MovedApp): string {
  const head = `${plain(app.name)} (${app.key}): ${counted(from.users)}`;
  if (difference === undefined) return `${head}, checksum ${from.checksum.slice(0, 16)} on both sides`;
  const why = moving ? '; users of the source changed meanwhile: is a server still running on it?' : '';
  return `${head}, and ${counted(to.users)} in the target; the first that differs is ${difference}${why}`;
}

/** Runs the command, and answers its exit code. */
async function main(): Promise<number> {
  const flags = readFlags();
  if (flags === undefined || flags === 'help') {
    (flags === 'help' ? process.stdout : process.stderr).write(HELP);
    return flags === 'help' ? EXIT.same : EXIT.usage;
  }
  const { from, to, compare } = flags;
  if (isSame(from, to)) throw new MoveRefused('--from and --to are the same database');
  return compare ? runComparison(flags) : runMove(flags);
}

async function runComparison({ from, to }: Flags): Promise<number> {
  await using one = await openToRead('from', from);
  await using other = await openToRead('to', to);
  using progress = new Progress(process.stderr);
  progress.say(`Comparing ${shown(from)} with ${shown(to)}`);
  const apps = await compareStores(one.store, other.store, progress);
  progress[Symbol.dispose]();
  process.stdout.write(`${reportComparison(apps)}\n`);
  return isAlike(apps) ? EXIT.same : EXIT.differ;
}

async function runMove({ from, to }: Flags): Promise<number> {
  await using source = await openSide('from', from);
  await using target = await openSide('to', to);
  using progress = new Progress(process.stderr);
  progress.say(`Moving from ${shown(from)} to ${shown(to)}`);
  const moved = await move(source.store, target.store, progress);
  if (moved.equal) await target.settle();
  progress[Symbol.dispose]();
  process.stdout.write(`${report(moved)}\n`);
  return moved.equal ? EXIT.same : EXIT.differ;
}

function stop(): void {
  process.stderr.write('\nStopped. Nothing is lost: run it again, and it goes on.\n');
  process.exit(EXIT.interrupted);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`Could not move: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = EXIT.failed;
}
