import { parseArgs } from 'node:util';
import { isSame, openSide, shown } from './move/database.ts';
import { type Moved, type MovedApp, MoveRefused, move } from './move/move.ts';
import { Progress, plain } from './move/progress.ts';

const HELP = `Usage: npm run move -- --from DATABASE --to DATABASE

Moves everything that one database holds to another: apps with their keys, secrets and settings, and all users, the deactivated
and deleted ones too, with every field and time. DATABASE is sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME.

  Stop every server that uses either database first.
  The target must be empty. The source keeps everything.
  Stopped or killed at any point, run it again: it goes on.
  It ends by reading both sides through and comparing their checksums.

The exit code is 0 when both sides are the same, 1 when it could not be done, 2 when it was not understood,
and 3 when everything was written and the sides differ.
`;

const EXIT = { same: 0, failed: 1, usage: 2, differ: 3, interrupted: 130 };

/** What the operator asked for; undefined when it was not understood. */
function readFlags(): { readonly from: string; readonly to: string } | 'help' | undefined {
  try {
    const { values } = parseArgs({
      options: { from: { type: 'string' }, to: { type: 'string' }, help: { type: 'boolean' } },
    });
    const { from, to, help } = values;
    if (help) return 'help';
    return from === undefined || to === undefined ? undefined : { from, to };
  } catch {
    return undefined;
  }
}

const counted = (users: number): string => `${users.toLocaleString('en')} user${users === 1 ? '' : 's'}`;

function report({ apps, written, equal }: Moved): string {
  const lines = apps.map(reportApp);
  if (!equal) {
    lines.push('The two sides are not the same. Nobody is served from the target. Run it again to write it anew.');
  } else if (written === 0)
    lines.push('Everything was there already: nothing was written, and both sides are the same.');
  else
    lines.push(
      `Done: ${counted(written)} written, and both sides are the same. Point ROLLCALL_DATABASE at the target.`,
    );
  return lines.join('\n');
}

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
  const { from, to } = flags;
  if (isSame(from, to)) throw new MoveRefused('--from and --to are the same database');
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
